"""A picture that takes the int8 path: the worker runs it, the row says so, the nuclei are those drawn."""

from __future__ import annotations

import json
from pathlib import Path

from PIL import Image

from segmentation.bundle import find_bundle, load_spec
from segmentation.images import read_labels
from segmentation.metrics import compare
from segmentation.synthetic import draw_fluorescence
from tests.flows.conftest import make_site, upload

DRAIN = "from worker.runner import run_next\nwhile run_next('pictures'): pass"


def test_a_picture_goes_through_int8_from_upload_to_result(tmp_path: Path) -> None:
    rgb, truth = draw_fluorescence(5, 240, 260, nuclei=20)
    (tmp_path / "uploads").mkdir()
    Image.fromarray(rgb).save(tmp_path / "uploads" / "campo.png")
    site = make_site(tmp_path)
    site.extra["MEDULA_PATH"] = "int8"
    assert upload(site, tmp_path / "uploads") == {}
    site.python(DRAIN)
    [(parameters, labels, state)] = site.query(
        "SELECT a.parameters, f.path, j.state FROM analyses_analysis a"
        " JOIN common_storedfile f ON f.id = a.labels_id JOIN jobs_job j ON j.id = a.job_id"
    )
    int8 = load_spec(find_bundle()).int8
    assert int8 is not None and state == "succeeded"
    assert json.loads(parameters) == {"path": "int8", "digest": int8.digest}
    found = read_labels(site.var / "storage" / labels)
    assert compare(truth, found)["dice"] > 0.85
    site.kill_all()
