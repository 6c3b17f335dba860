"""A laboratory hands in a folder while the server is killed and comes back: nothing lost, nothing twice."""

from __future__ import annotations

import csv
import hashlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from PIL import Image

from segmentation.synthetic import draw_fluorescence, draw_stained
from tests.installation import ROOT, Installation, family
from tests.services import free_port, wait_until

PICTURES = 12
SET_UP = """
from webapp.accounts.models import User
from webapp.accounts.services import clinic_create
from webapp.accounts.tokens import token_create
from webapp.registry.services import bundles_register
from django.core.management import call_command
call_command("collectstatic", "--noinput", verbosity=0)
bundles_register()
user = User.objects.create_user("lab", clinic=clinic_create(name="Laboratorio del Norte"))
print(token_create(user=user, name="microscope", scopes=["read", "upload"], days=1)[1])
"""


class Site:
    """An installation with a server at an address that stays the same."""

    def __init__(self, folder: Path) -> None:
        self.made = Installation(folder / "var", f"sqlite:///{folder}/ledger.sqlite3")
        self.made.migrate()
        self.token = self.made.python(SET_UP).splitlines()[-1]
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"

    def serve(self) -> subprocess.Popen[bytes]:
        command = ["-m", "gunicorn", "webapp.wsgi", "--worker-class", "gthread", "--threads", "4"]
        bind = ["--bind", f"127.0.0.1:{self.port}", "--no-control-socket"]
        server = self.made._start([sys.executable, *command, *bind])
        wait_until(self.answers, f"the server answers\n{self.made.log()}", 60)
        return server

    def answers(self) -> bool:
        try:
            return requests.get(f"{self.address}/health/", timeout=5).status_code == 200
        except requests.RequestException:
            return False

    def client(self, *arguments: str) -> subprocess.Popen[str]:
        told = {"MEDULA_SERVER": self.address, "MEDULA_TOKEN": self.token, "LANG": "es_PA.UTF-8"}
        environment = {**self.made.environment, **told, "LC_ALL": ""}
        return subprocess.Popen(
            [sys.executable, str(ROOT / "webapp" / "client" / "__main__.py"), *arguments],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str) -> str:
        said, complaint = (process := self.client(*arguments)).communicate(timeout=200)
        assert process.returncode == 0, complaint
        return said

    def count(self, table: str) -> int:
        return int(self.made.query(f"SELECT count(*) FROM {table}")[0][0])


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    found = Site(tmp_path)
    yield found
    found.made.kill_all()


def draw(folder: Path) -> dict[str, str]:
    """Small fields, some in a folder within; their digests by name."""
    (folder / "b").mkdir(parents=True)
    for n in range(PICTURES):
        rgb = draw_stained(n, 96, 96)[0] if n % 3 == 0 else draw_fluorescence(n, 96, 96, nuclei=4)[0]
        Image.fromarray(rgb).save(folder / ("b" if n > 9 else ".") / f"campo {n:02}.png")
    found = {path.name: path for path in folder.rglob("*.png")}
    return {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in found.items()}


@pytest.mark.timeout(400)
def test_a_folder_is_analysed_once_although_the_server_is_killed_in_the_middle(
    site: Site, tmp_path: Path
) -> None:
    digests = draw(tmp_path / "lunes")
    server = site.serve()
    site.made.start_worker("pictures")
    arguments = ("upload", str(tmp_path / "lunes"), "--patient", "P-7", "--at-once", "1")
    upload = site.client(*arguments)
    wait_until(lambda: site.count("cases_biopsyimage") >= 3 or upload.poll() is not None, "some arrive", 60)
    for process in family(server.pid):
        process.kill()
    server.wait(10)
    assert not site.answers()
    site.serve()
    said, complaint = upload.communicate(timeout=120)
    assert upload.returncode == 0, complaint
    assert "12 archivos en el servidor, 0 rechazados" in said
    batch = said.split("Lote ")[1].split(":")[0]

    assert "12 analizadas, 0 fallidas" in site.run("watch", batch)
    assert f"Lote {batch}" in site.run(*arguments)  # handed in again: the same batch, and nothing new
    analyses = site.made.query("SELECT count(*), count(DISTINCT image_id) FROM analyses_analysis")
    assert analyses == [(PICTURES, PICTURES)]
    assert site.made.states() == {"succeeded": 2 * PICTURES}
    assert site.count("analyses_batch") == site.count("cases_case") == 1

    output = tmp_path / "resultados"
    for _ in range(2):  # the second finds everything there
        site.run("download", batch, "--output", str(output))
    table = list(csv.DictReader((output / "table.csv").read_text("utf-8-sig").splitlines()))
    assert {row["name"].removeprefix("b__"): row["sha256"] for row in table} == digests
    assert {row["state"] for row in table} == {"succeeded"}
    assert all(row["nuclei"] != "" and row["model_sha256"] for row in table)
    lines = [line.split("  ", 1) for line in (output / "checksums.txt").read_text().splitlines()]
    assert len(lines) == 3 * PICTURES + 1
    for digest, name in lines:
        assert hashlib.sha256((output / name).read_bytes()).hexdigest() == digest
