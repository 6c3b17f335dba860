"""The curator's story on the stack, by program: from an archive to a version in use, and out of use again."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.drawn import encoded
from tests.services import wait_until
from tests.stack.program import Program
from tests.stack.stack import Browser, Stack
from tests.two_dyes import draw_two_dyes, two_dyes_archive

PICTURES, REJECTED = 32, 2
SETTINGS = {
    "epochs": 3, "steps_per_epoch": 12, "batch_size": 4, "crop": 96, "learning_rate": 1e-3,
    "precision": "float32", "seed": 7,
}  # fmt: skip


@pytest.mark.timeout(2400)
def test_from_an_archive_to_a_version_in_use_and_back(stack: Stack) -> None:
    curator = stack.sign_in("curador", stack.account("curador", "curator"))
    program = Program(stack, "curador", "read", "upload", "curate", "train")
    dataset = program.post("datasets/", {"name": "Dos tinciones", "licence": "CC0"}, 201)
    samples = imported(program, dataset["id"])
    mask_drawn(program, curator, next(row for row in samples if not row["has_mask"]))
    reviewed(program, curator, dataset["id"])

    version = program.ended(program.post(f"datasets/{dataset['id']}/versions/", {})["location"])
    assert version["digest"] and version["statistics"]["pictures"] == PICTURES - REJECTED
    shipped = in_use(program)
    assert shipped["is_shared"]
    asked = {"dataset_version": version["id"], "start_version": shipped["id"], "config": SETTINGS}
    started = program.post("runs/", asked)
    assert program.post("runs/", asked)["id"] == started["id"], "asked twice, it is one training"
    run = program.ended(started["location"], 900)
    assert [epoch["epoch"] for epoch in run["epochs"]] == [1, 2, 3]
    assert max(epoch["val_ap50"] for epoch in run["epochs"]) > 0.5

    promoted = passes_the_gate(program, run, shipped)
    used, code = analysed_by(program, curator, "P-PROPIO")
    assert used == promoted["id"], code
    retired = program.post(f"model-versions/{promoted['id']}/retire/", {"reason": "Fin de la prueba."}, 200)
    assert retired["stage"] == "retired" and in_use(program)["id"] == shipped["id"]
    assert analysed_by(program, curator, "P-VUELTA")[0] == shipped["id"]


def imported(program: Program, dataset: str) -> list[dict[str, Any]]:
    body = two_dyes_archive(PICTURES, bare=1)
    taken = program.post(f"datasets/{dataset}/imports/", body, name="campos.zip")
    report = program.ended(taken["location"])["report"]
    assert (report["added"], report["with_masks"], report["skipped_count"]) == (PICTURES, PICTURES - 1, 0)
    found = program.every("samples/", dataset=dataset)
    assert len(found) == PICTURES and {row["review"] for row in found} == {"waiting"}
    return found


def mask_drawn(program: Program, curator: Browser, sample: dict[str, Any]) -> None:
    """The one picture without masks gets one by the pixel filters."""
    path = f"/datasets/samples/{sample['id']}/"
    curator.post(f"{path}mask/", form=path)
    wait_until(lambda: program.get(f"samples/{sample['id']}/")["has_mask"], "its mask is drawn", 300)
    assert program.get(f"samples/{sample['id']}/")["origin"] == "pipeline"


def reviewed(program: Program, curator: Browser, dataset: str) -> None:
    """Two rejected, the others approved; the page's own door, for the API has none."""
    ids = sorted(
        row["id"] for row in program.every("samples/", dataset=dataset) if row["origin"] == "imported"
    )
    door = f"/datasets/{dataset}/review/"
    curator.post(door, ids=ids[:REJECTED], review="rejected")
    waiting = program.every("samples/", dataset=dataset, review="waiting")
    curator.post(door, ids=[row["id"] for row in waiting], review="approved")
    approved = program.every("samples/", dataset=dataset, review="approved")
    assert len(approved) == PICTURES - REJECTED
    assert {row["review"] for row in program.every("samples/", dataset=dataset)} == {"approved", "rejected"}


def in_use(program: Program) -> dict[str, Any]:
    """A clinic's own version in use goes before the installation's; of the family that is trained here."""
    versions = [row for row in program.every("model-versions/") if row["family"] == "nuclei"]
    found = [row for row in versions if row["stage"] == "production"]
    return min(found, key=lambda row: row["is_shared"])


def passes_the_gate(program: Program, run: dict[str, Any], shipped: dict[str, Any]) -> dict[str, Any]:
    """The candidate and the one in use are read once each; before the gate has spoken nobody promotes."""
    candidate = run["model_version"]
    of_version = {"dataset_version": run["dataset_version"]}
    readings = program.every("evaluations/", **of_version)
    assert {row["model_version"] for row in readings} == {candidate, shipped["id"]}
    for row in readings:
        report = program.ended(f"evaluations/{row['id']}/")["report"]
        assert report["part"] == "test" and report["images"] == 3
    diary = f"SELECT kind FROM registry_stagechange WHERE model_version_id = '{candidate}'"
    verdict = f"{diary} AND kind IN ('passed', 'refused')"
    wait_until(lambda: program.stack.query(verdict), "the gate has spoken", 60)
    assert program.stack.query(verdict) == [("passed",)]
    assert program.get(f"model-versions/{candidate}/")["test_report"]["images"] == 3
    found = program.post(f"model-versions/{candidate}/promote/", {}, 200)
    assert found["stage"] == "production" and in_use(program)["id"] == candidate
    return dict(found)


def analysed_by(program: Program, curator: Browser, patient: str) -> tuple[str, str]:
    """A new picture handed in on the page: the version that has read it, and its name."""
    case, door = curator.new_case(patient)
    seed = 70 + len(patient)
    curator.upload(case, door, {"nuevo.png": encoded(draw_two_dyes(seed)[0])})

    def analyses() -> list[str]:
        return sorted(set(re.findall(r"/analyses/([0-9a-f-]{36})/", curator.get(case).text)))

    wait_until(analyses, "its analysis is shown", 300)
    (one,) = analyses()
    found = program.ended(f"analyses/{one}/")
    return found["model_version"], found["model"]
