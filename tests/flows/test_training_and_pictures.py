"""A training runs for long: pictures do not wait for it, and a power cut costs it an epoch at most."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from segmentation.synthetic import draw_fluorescence
from tests.flows.conftest import upload
from tests.installation import Installation
from tests.services import wait_until

# TensorFlow is loaded four times, on a machine that may have other work.
pytestmark = pytest.mark.timeout(2400)
ASK = """
from tests.worker.frozen import TINY, freeze
from webapp.accounts.models import Clinic
from webapp.registry.training import run_request
config = {**TINY, "epochs": 60, "steps_per_epoch": 20, "early_stop_epochs": 60}
run_request(version=freeze(Clinic.objects.get()), user=None, config=config)
"""
TRAIN = "SELECT state FROM jobs_job WHERE kind = 'train'"
SEGMENT = "SELECT state FROM jobs_job WHERE kind = 'segment'"
EPOCHS = "SELECT count(*), count(DISTINCT epoch) FROM registry_epochmetric"


def start(site: Installation) -> None:
    site.python("from webapp.jobs.services import leases_free; leases_free()")
    for lane in ("training", "pictures", "ledger"):
        site.start_worker(lane)


def test_a_picture_is_taken_up_while_a_training_runs_and_a_power_cut_doubles_nothing(
    site: Installation, tmp_path: Path
) -> None:
    uploads = tmp_path / "uploads"
    uploads.mkdir()
    Image.fromarray(draw_fluorescence(1, 128, 128, nuclei=6)[0]).save(uploads / "campo.png")
    start(site)
    site.python(ASK)
    wait_until(lambda: site.query(EPOCHS)[0][0] > 0, f"an epoch ends\n{site.log()}", 600)
    assert upload(site, uploads) == {}
    wait_until(lambda: site.query(SEGMENT) not in ([], [("queued",)]), "the analysis is taken up", 300)
    assert site.query(TRAIN) == [("running",)]

    site.kill_all()
    kept = site.query(EPOCHS)[0][0]
    assert 1 <= kept < 60
    start(site)
    site.wait_for(TRAIN, [("succeeded",)], 900)
    site.wait_for(SEGMENT, [("succeeded",)], 300)
    assert site.query(EPOCHS) == [(60, 60)]
    assert site.query("SELECT attempt, checkpoint FROM jobs_job WHERE kind = 'train'") == [(2, 60)]
    assert site.query("SELECT count(*) FROM registry_modelversion WHERE clinic_id IS NOT NULL") == [(1,)]
    ends = "SELECT count(*) FROM jobs_job WHERE kind = 'evaluate' AND state = 'succeeded'"
    site.wait_for(ends, [(2,)], 400)
