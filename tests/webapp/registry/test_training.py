"""A training is asked for once, within limits, of a version that can be trained on; or refused in words."""

from __future__ import annotations

from typing import Any

import pytest

from segmentation.errors import DataError, sentence
from segmentation.spec import TrainConfig
from tests.webapp.rows import end_job, make_version
from tests.worker.frozen import TINY, freeze
from webapp.datasets.models import DatasetVersion
from webapp.jobs.models import Job, State
from webapp.registry.estimates import SECONDS_A_VIEW, estimate_s, seconds_a_view, work_of
from webapp.registry.evaluating import evaluation_request
from webapp.registry.models import EpochMetric, Evaluation, ModelVersion, TrainingRun
from webapp.registry.training import run_cancel, run_epochs_record, run_request, run_retry
from webapp.registry.training_settings import settings_read
from webapp.registry.tuning import study_request

pytestmark = pytest.mark.django_db
SPEC: dict[str, Any] = {
    "family": "nuclei",
    "version": 1,
    "digest": "8f2c" * 16,
    "created": "2026-11-24",
    "architecture": {"filters": [4, 8]},
    "tile": {"size": 64, "overlap": 16},
}


@pytest.fixture
def version(clinic: Any) -> DatasetVersion:
    return freeze(clinic)


def ask(version: DatasetVersion, **changes: Any) -> TrainingRun:
    return run_request(version=version, user=None, config={**TINY, **changes})


def test_two_starts_of_the_same_run_are_one(version: DatasetVersion) -> None:
    first, second = ask(version), ask(version)
    assert first == second and Job.objects.filter(kind="train").count() == 1
    assert ask(version, seed=5) != first
    assert first.job.lane == "training" and first.estimate_s is not None


def test_asked_again_after_a_cancel_it_goes_on(version: DatasetVersion) -> None:
    run = ask(version)
    assert run_cancel(run=run)
    again = ask(version)
    assert again == run and again.job.state == State.QUEUED
    assert not run_retry(run=again)


@pytest.mark.parametrize(
    "parts", [{"train": 1, "validation": 0, "test": 0}, {"train": 3}, {"validation": 0}, {"test": 0}]
)
def test_a_version_with_too_few_samples_is_refused_before_a_job_is_made(clinic: Any, parts: Any) -> None:
    version = freeze(clinic, **parts)
    for refused in (ask, lambda v: study_request(version=v, user=None, config=TINY, search={})):
        with pytest.raises(DataError) as caught:
            refused(version)
        assert caught.value.code == "version_too_small"
        assert "4" in caught.value.sentence("es") and "{" not in caught.value.sentence("es")
    assert not Job.objects.filter(kind__in=("train", "tune")).exists()


def test_a_version_that_is_still_being_frozen_is_refused(version: DatasetVersion) -> None:
    version.digest = ""
    with pytest.raises(DataError) as caught:
        ask(version)
    assert caught.value.code == "version_not_frozen"


@pytest.mark.parametrize(
    ("config", "code"),
    [
        ({"epoch": 3}, "setting_unknown"),
        ({"epochs": "many"}, "setting_invalid"),
        ({"epochs": True}, "setting_invalid"),
        ({"epochs": 0}, "setting_out_of_range"),
        ({"epochs": 10**9}, "setting_out_of_range"),
        ({"learning_rate": float("nan")}, "setting_invalid"),
        ({"learning_rate": 3.0}, "setting_out_of_range"),
        ({"crop": 65}, "setting_not_multiple"),
        ({"architecture": {"filters": [4, -8]}}, "setting_invalid"),
        ({"architecture": {"filters": "wide"}}, "setting_invalid"),
        ({"architecture": {"levels": 3}}, "setting_invalid"),
        ({"architecture": 7}, "setting_invalid"),
        ({"tile": {"size": 64, "overlap": 60}}, "setting_invalid"),
        ({"scale_range": [2, 1]}, "setting_invalid"),
        ({"family": "../nuclei"}, "setting_invalid"),
        ({"precision": "float8"}, "setting_invalid"),
        ({"preprocessing": {"low_percentile": 120}}, "setting_invalid"),
        ({"drawn_smears": -1}, "setting_out_of_range"),
    ],
)
def test_a_setting_that_cannot_be_is_refused_in_words(
    version: DatasetVersion, config: dict[str, Any], code: str
) -> None:
    with pytest.raises(DataError) as caught:
        ask(version, **config)
    assert caught.value.code == code
    assert sentence(code, caught.value.params, "es") != sentence(code, caught.value.params, "en")
    assert not Job.objects.filter(kind="train").exists()


def test_a_transfer_takes_the_network_of_its_start(version: DatasetVersion) -> None:
    start = make_version(spec=SPEC)
    run = run_request(version=version, user=None, config={"epochs": 2, "crop": 64}, start_version=start)
    settings = TrainConfig.from_dict(run.config)
    assert settings.architecture.filters == (4, 8) and settings.start == start.digest
    other = {"architecture": {"filters": [8, 16]}}
    with pytest.raises(DataError) as caught:
        run_request(version=version, user=None, config=other, start_version=start)
    assert caught.value.code == "start_differs"


def test_another_clinics_network_is_no_start(version: DatasetVersion, other_clinic: Any) -> None:
    theirs = make_version(spec=SPEC, clinic=other_clinic)
    for refused in (
        lambda: run_request(version=version, user=None, config={}, start_version=theirs),
        lambda: evaluation_request(model_version=theirs, version=version),
    ):
        with pytest.raises(DataError) as caught:
            refused()
        assert caught.value.code == "start_unknown"


def test_a_short_training_warms_up_for_a_tenth_of_it() -> None:
    assert settings_read({"epochs": 2, "steps_per_epoch": 50}).warmup_steps == 10
    assert settings_read({"epochs": 2, "warmup_steps": 7}).warmup_steps == 7
    assert settings_read({}).warmup_steps == 100


def test_the_estimate_is_a_stated_constant_until_this_installation_has_trained(
    version: DatasetVersion,
) -> None:
    assert seconds_a_view() == SECONDS_A_VIEW
    run = ask(version, epochs=10, steps_per_epoch=30)
    settings = TrainConfig.from_dict(run.config)
    row = dict.fromkeys(("loss", "val_loss", "accuracy", "val_accuracy", "val_ap50", "val_map"), 0.5)
    for epoch, seconds in enumerate((90.0, 9.0, 9.0), start=1):  # the first builds the network
        EpochMetric.objects.create(run=run, epoch=epoch, seconds=seconds, **row)
    assert seconds_a_view() == pytest.approx(9.0 / work_of(settings))
    assert estimate_s(settings) == pytest.approx(30 + 10 * 9, abs=1)


def test_a_wider_network_and_larger_views_cost_more() -> None:
    small, wide = settings_read(TINY), settings_read({**TINY, "architecture": {"filters": [8, 16]}})
    assert work_of(wide) > 2 * work_of(small)
    assert work_of(settings_read({**TINY, "crop": 128})) == pytest.approx(4 * work_of(small))
    assert work_of(TrainConfig()) == pytest.approx(TrainConfig().steps_per_epoch * TrainConfig().batch_size)


def test_epochs_are_written_only_while_the_job_is_held(version: DatasetVersion) -> None:
    run = ask(version)
    row = {"epoch": 1, "seconds": 1.0, "loss": 1.0, "val_loss": 1.0, "accuracy": 0.5, "val_accuracy": 0.5}
    row |= {"val_ap50": 0.1, "val_map": 0.1}
    assert not run_epochs_record(run_id=run.pk, job_id=run.job_id, attempt=1, rows=[row])
    assert not run.epochs.exists()


def test_the_test_part_is_read_once_a_network_and_version(version: DatasetVersion) -> None:
    network = make_version(spec=SPEC)
    first = evaluation_request(model_version=network, version=version)
    end_job(first.job)
    second = evaluation_request(model_version=network, version=version)
    assert first == second and Evaluation.objects.count() == 1
    assert Job.objects.filter(kind="evaluate").count() == 1


def test_a_search_that_waits_is_not_asked_for_twice(version: DatasetVersion) -> None:
    search = {"trials": 2, "learning_rate": [1e-3, 1e-2], "batch_size": [2, 4]}
    first = study_request(version=version, user=None, config=TINY, search=search)
    assert study_request(version=version, user=None, config=TINY, search=search) == first
    assert study_request(version=version, user=None, config=TINY, search=search | {"trials": 3}) != first


@pytest.mark.parametrize(
    "search",
    [
        {"trials": 0},
        {"trial": 3},
        {"learning_rate": [1e-2, 1e-3]},
        {"learning_rate": [1e-3, 9.0]},
        {"learning_rate": []},
        {"batch_size": []},
        {"batch_size": [1000]},
        {"dice_weight": [0.5]},
        {"first_filters": ["wide"]},
    ],
)
def test_a_search_that_cannot_be_is_refused_in_words(version: DatasetVersion, search: dict[str, Any]) -> None:
    with pytest.raises(DataError) as caught:
        study_request(version=version, user=None, config=TINY, search=search)
    assert caught.value.code.startswith("setting_")
    assert not ModelVersion.objects.exists() and not Job.objects.filter(kind="tune").exists()
