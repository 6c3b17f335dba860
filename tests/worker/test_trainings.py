"""Real trainings, small ones: from a frozen version to a candidate and its reading, however interrupted."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from segmentation.bundle import file_digest
from segmentation.curves import read_curves
from segmentation.spec import ModelSpec
from tests.worker.frozen import TINY, freeze
from webapp.accounts.models import Clinic
from webapp.common.storage import absolute, root
from webapp.datasets.models import DatasetVersion
from webapp.jobs.models import Job, State
from webapp.jobs.services import job_cancel, job_release
from webapp.registry.bundles import run_folder
from webapp.registry.evaluating import evaluation_request
from webapp.registry.models import Evaluation, ModelVersion, StageChange, TrainingRun, Trial
from webapp.registry.selectors import model_path
from webapp.registry.training import run_request, run_retry
from webapp.registry.tuning import config_of, study_request, study_retry
from worker import heart, stopping
from worker.runner import run_next

# Building a network's graph takes most of the time, and much of it where other work runs beside.
pytestmark = pytest.mark.timeout(400)
LONG = {**TINY, "epochs": 60, "steps_per_epoch": 8, "early_stop_epochs": 60}


@pytest.fixture(autouse=True)
def quick_heart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heart, "TICK_S", 0.02)
    monkeypatch.setattr(heart, "BEAT_S", 0.1)
    monkeypatch.setattr(heart, "NEWS_S", 0.05)


@pytest.fixture
def version(ledger: Path) -> DatasetVersion:
    clinic = Clinic.objects.create(name="Hospital del Norte", slug="norte")
    return freeze(clinic)


def ask(version: DatasetVersion, config: dict[str, Any], **options: Any) -> TrainingRun:
    return run_request(version=version, user=None, config=config, **options)


def work(job: Job) -> Job:
    assert run_next("training")
    job.refresh_from_db()
    return job


def once_an_epoch_is_there(run: TrainingRun, act: Callable[[], object]) -> threading.Thread:
    """Do something from outside while the training runs."""

    def watch() -> None:
        try:
            for _ in range(3000):
                if run.epochs.exists():
                    act()
                    return
                time.sleep(0.02)
        finally:
            connection.close()

    thread = threading.Thread(target=watch)
    thread.start()
    return thread


def test_a_training_becomes_a_candidate_that_is_read_once_with_pictures(version: DatasetVersion) -> None:
    run = ask(version, TINY)
    job = work(run.job)
    assert (job.state, job.error_code) == (State.SUCCEEDED, "")
    run.refresh_from_db()
    network = run.model_version
    assert network is not None and network.stage == ModelVersion.Stage.CANDIDATE
    assert (network.clinic_id, network.version, job.checkpoint) == (version.clinic_id, 1, 2)
    assert [epoch.epoch for epoch in run.epochs.all()] == [1, 2] and run.best_epoch in (1, 2) and run.device
    folder = model_path(network)
    assert folder == absolute(f"bundles/{network.digest}")
    assert file_digest(folder / "weights.weights.h5") == network.digest
    assert ModelSpec.from_dict(json.loads((folder / "spec.json").read_text())) == ModelSpec.from_dict(
        network.spec
    )
    assert [row["epoch"] for row in read_curves(folder / "curves.csv")] == [1, 2]
    assert "test" not in {line.rpartition(",")[2] for line in (folder / "split.csv").read_text().split()}
    card = (folder / "model_card.md").read_text()
    assert "Campos dibujados, version 1" in card and "CC0" in card and "has not been read yet" in card
    assert "Data Science Bowl" not in card
    assert not (root() / "runs" / str(run.pk)).exists(), "checkpoints of a training that ended well go"
    assert StageChange.objects.get().kind == StageChange.Kind.REGISTERED

    reading = Evaluation.objects.select_related("job").get()
    assert reading.run == run and reading.model_version == network
    assert work(reading.job).state == State.SUCCEEDED
    reading.refresh_from_db()
    assert reading.report["images"] == 2 and reading.report["part"] == "test"
    methods = {row["name"] for row in reading.report["rows"]}
    assert methods == {"U-Net", "Otsu + watershed", "All background"}
    assert {row["modality"] for row in reading.report["rows"]} == {"all", "fluorescence-dark"}
    low, high = reading.report["rows"][0]["intervals"]["dice"]
    assert low <= reading.report["rows"][0]["dice"] <= high
    assert reading.report["confidence"] is None, "two pictures of validation are too few to claim any"
    panels = list(reading.panels.select_related("picture"))
    assert {panel.name for panel in panels} == {"campo 5.png", "campo 6.png"}
    assert all(absolute(panel.picture.path).read_bytes().startswith(b"\xff\xd8\xff") for panel in panels)
    network.refresh_from_db()
    assert network.test_report == reading.report
    assert "| all | U-Net | 2 |" in (folder / "model_card.md").read_text()
    assert StageChange.objects.exclude(kind="registered").count() == 1, "the gate was asked"
    assert evaluation_request(model_version=network, version=version) == reading
    assert not run_next("training")


def test_a_transfer_numbers_the_next_version_and_has_the_one_in_use_read_too(version: DatasetVersion) -> None:
    first = ask(version, TINY)
    work(first.job)
    first.refresh_from_db()
    assert first.model_version is not None
    ModelVersion.objects.update(stage="production")
    second = ask(version, {**TINY, "epochs": 1}, start_version=first.model_version)
    while run_next("training"):
        pass
    second.refresh_from_db()
    assert second.model_version is not None and second.model_version.version == 2
    assert second.config["start"] == first.model_version.digest
    assert Evaluation.objects.filter(job__state=State.SUCCEEDED).count() == 2
    assert first.model_version.digest[:12] in (model_path(second.model_version) / "model_card.md").read_text()


def test_cancelled_within_an_epoch_it_keeps_what_it_learnt_and_goes_on_from_there(
    version: DatasetVersion,
) -> None:
    run = ask(version, LONG)
    watcher = once_an_epoch_is_there(run, lambda: job_cancel(job=Job.objects.get(pk=run.job_id)))
    job = work(run.job)
    watcher.join()
    assert job.state == State.CANCELLED
    kept = run.epochs.count()
    assert 1 <= kept < 60 and (run_folder(run.pk) / "last.weights.h5").exists()
    before = {epoch.epoch: epoch.loss for epoch in run.epochs.all()}
    # Enough was seen: the folder's settings stay, but for the patience.
    TrainingRun.objects.update(config={**run.config, "early_stop_epochs": 1})
    assert run_retry(run=run)
    assert work(run.job).state == State.SUCCEEDED
    run.refresh_from_db()
    after = {epoch.epoch: epoch.loss for epoch in run.epochs.all()}
    assert len(after) >= kept and all(after[epoch] == loss for epoch, loss in before.items())


def test_an_orderly_stop_hands_it_back_and_an_attempt_that_lost_it_writes_nothing_more(
    version: DatasetVersion, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    run = ask(version, LONG)
    monkeypatch.setenv(stopping.FOLDER, str(tmp_path))
    watcher = once_an_epoch_is_there(run, (tmp_path / "stop").touch)
    job = work(run.job)
    watcher.join()
    assert (job.state, job.attempts_used) == (State.QUEUED, 0) and job.checkpoint >= 1
    (tmp_path / "stop").unlink()

    def lose() -> None:
        job_release(job_id=job.pk, attempt=2, counted=False)

    newest = run.epochs.count()
    watcher = threading.Thread(target=lambda: (_until(run, newest), lose(), connection.close()))
    watcher.start()
    job = work(run.job)
    watcher.join()
    assert job.state == State.QUEUED and not ModelVersion.objects.exists()
    assert run.epochs.count() <= len(read_curves(run_folder(run.pk) / "curves.csv"))


def _until(run: TrainingRun, epochs: int) -> None:
    for _ in range(3000):
        if run.epochs.count() > epochs:
            return
        time.sleep(0.02)


def test_frozen_bytes_that_changed_are_not_trained_on(version: DatasetVersion) -> None:
    picture = absolute(version.samples.order_by("name")[0].picture.path)
    picture.write_bytes(picture.read_bytes()[:-8] + b"otherend")
    job = work(ask(version, TINY).job)
    assert (job.state, job.error_code) == (State.FAILED, "sample_changed")
    assert job.error_params == {"name": "campo 0.png"}


def test_no_training_opens_a_test_picture(version: DatasetVersion) -> None:
    for row in version.samples.filter(part="test"):
        for stored in (row.picture, row.labels):
            absolute(stored.path).unlink()
    assert work(ask(version, {**TINY, "epochs": 1}).job).state == State.SUCCEEDED
    search = {"trials": 2, "epochs": 1, "steps_per_epoch": 2, "batch_size": [2]}
    study = study_request(version=version, user=None, config=TINY, search=search)
    Job.objects.filter(kind="evaluate").update(state=State.CANCELLED)
    assert work(study.job).state == State.SUCCEEDED


def test_a_search_writes_its_trials_and_goes_on_with_those_it_had(version: DatasetVersion) -> None:
    search = {"trials": 3, "epochs": 2, "steps_per_epoch": 3, "batch_size": [2, 4], "first_filters": [4, 6]}
    study = study_request(version=version, user=None, config=TINY, search=search)

    def cancel() -> None:
        for _ in range(3000):
            if study.trials.exists():
                break
            time.sleep(0.02)
        job_cancel(job=Job.objects.get(pk=study.job_id))
        connection.close()

    watcher = threading.Thread(target=cancel)
    watcher.start()
    job = work(study.job)
    watcher.join()
    assert job.state == State.CANCELLED
    before = {trial.number: trial.params for trial in study.trials.all()}
    assert 1 <= len(before) < 3
    assert study_retry(study=study)
    assert work(study.job).state == State.SUCCEEDED
    trials = list(Trial.objects.filter(study=study))
    assert [trial.number for trial in trials] == [0, 1, 2]
    assert all(trials[number].params == params for number, params in before.items())
    assert all(trial.value is not None and trial.epochs >= 1 for trial in trials)
    config = config_of(study=study, trial=trials[0])
    first = trials[0].params["first_filters"]
    assert list(config["architecture"]["filters"]) == [first, 2 * first]
    assert ask(version, config).config["learning_rate"] == trials[0].params["learning_rate"]
