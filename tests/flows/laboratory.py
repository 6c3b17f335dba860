"""The laboratory's steps: a folder handed in with the `medula` command, and what must be true afterwards."""

from __future__ import annotations

import csv
import hashlib
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from segmentation.synthetic import draw_fluorescence, draw_stained
from tests.flows.place import Place
from tests.installation import ROOT
from tests.services import wait_until

PICTURES = 12
PATIENT = "P-7"
# A machine ten times slower, with its server just killed and started again.
PATIENCE_S = 300
OF_PATIENT = (
    " FROM cases_biopsyimage i JOIN cases_biopsy b ON b.id = i.biopsy_id"
    " JOIN cases_case c ON c.id = b.case_id"
    f" JOIN cases_patient p ON p.id = c.patient_id AND p.code = '{PATIENT}'"
)
OF_ANALYSES = f"{OF_PATIENT} JOIN analyses_analysis a ON a.image_id = i.id JOIN jobs_job j ON j.id = a.job_id"


@dataclass
class Laboratory:
    """A program at the microscope with a token, and the ledger to look into."""

    place: Place
    address: str
    token: str

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        told = {
            "MEDULA_SERVER": self.address,
            "MEDULA_TOKEN": self.token,
            "LANG": "es_PA.UTF-8",
            "LC_ALL": "",
        }
        return subprocess.Popen(
            [sys.executable, str(ROOT / "webapp" / "client" / "__main__.py"), *arguments],
            env={**os.environ, **told}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    def run(self, *arguments: str) -> str:
        return self.ended(self.start(*arguments))

    def ended(self, process: subprocess.Popen[str]) -> str:
        """What the command said, once it has ended well."""
        try:
            said, complaint = process.communicate(timeout=PATIENCE_S)
        finally:
            process.kill()
        assert process.returncode == 0, complaint
        return said

    def number(self, sql: str) -> int:
        return int(self.place.query(sql)[0][0])

    def arrived(self) -> int:
        return self.number(f"SELECT count(*){OF_PATIENT}")

    def analysed(self) -> int:
        return self.number(f"SELECT count(*){OF_ANALYSES} WHERE j.state = 'succeeded'")

    def upload(self, folder: Path) -> tuple[str, ...]:
        """The command that hands the folder in, a picture a request so that there is a middle."""
        return ("upload", str(folder), "--patient", PATIENT, "--at-once", "1")

    def wait_for_some(self, upload: subprocess.Popen[str], least: int = 3) -> None:
        wait_until(
            lambda: self.arrived() >= least or upload.poll() is not None, "some pictures arrive", PATIENCE_S
        )


def draw(folder: Path) -> Path:
    """Small fields, some in a folder within."""
    (folder / "b").mkdir(parents=True)
    for n in range(PICTURES):
        rgb = draw_stained(n, 96, 96)[0] if n % 3 == 0 else draw_fluorescence(n, 96, 96, nuclei=4)[0]
        Image.fromarray(rgb).save(folder / ("b" if n > 9 else ".") / f"campo {n:02}.png")
    return folder


def all_is_there_once(laboratory: Laboratory, said: str, folder: Path, output: Path) -> None:
    """Every picture analysed once, one batch, the table whole and its digests those of what was drawn."""
    digests = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.rglob("*.png")}
    assert f"{PICTURES} archivos en el servidor, 0 rechazados" in said
    batch = said.split("Lote ")[1].split(":")[0]
    assert f"{PICTURES} analizadas, 0 fallidas" in laboratory.run("watch", batch)
    # Handed in again: the same batch, and nothing new.
    assert f"Lote {batch}" in laboratory.run(*laboratory.upload(folder))
    once = "count(*), count(DISTINCT i.id), count(a.nuclei_count), count(DISTINCT i.original_id)"
    assert laboratory.place.query(f"SELECT {once}{OF_ANALYSES}") == [(PICTURES,) * 4]
    assert laboratory.arrived() == laboratory.analysed() == PICTURES
    assert laboratory.number(f"SELECT count(DISTINCT c.id){OF_PATIENT}") == 1
    batches = "SELECT count(DISTINCT t.id)" + OF_PATIENT + " JOIN analyses_batch t ON t.biopsy_id = b.id"
    assert laboratory.number(batches) == 1

    for _ in range(2):  # the second finds everything there
        laboratory.run("download", batch, "--output", str(output))
    table = list(csv.DictReader((output / "table.csv").read_text("utf-8-sig").splitlines()))
    assert {row["name"].removeprefix("b__"): row["sha256"] for row in table} == digests
    assert len(table) == PICTURES and {row["state"] for row in table} == {"succeeded"}
    assert all(row["nuclei"] != "" and row["model_sha256"] for row in table)
    lines = [line.split("  ", 1) for line in (output / "checksums.txt").read_text().splitlines()]
    assert len(lines) == 3 * PICTURES + 1
    for digest, name in lines:
        assert hashlib.sha256((output / name).read_bytes()).hexdigest() == digest
