"""The night shift, the clock in the test's hand: what it begins, takes on, ends, and tells."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from tests.webapp.registry.rows import (
    add_sample,
    freeze,
    make_dataset,
    rows,
    thaw_into,
    write_bundle,
)
from tests.webapp.rows import end_job, make_version
from webapp.accounts.models import Clinic
from webapp.common.storage import absolute
from webapp.datasets.models import Dataset, DatasetVersion, VersionSample
from webapp.jobs.models import Job, State
from webapp.registry.evaluating import evaluation_record
from webapp.registry.models import (
    Evaluation,
    ModelVersion,
    Notice,
    RetrainingRule,
    RuleRun,
    StageChange,
    TrainingRun,
)
from webapp.registry.rules import rule_create
from webapp.registry.schedule import rule_begin, rules_due

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 24, 12, tzinfo=timezone.get_default_timezone())
NIGHT = NOW.replace(day=25, hour=2)
QUICK = {"epochs": 2, "steps_per_epoch": 2}


@pytest.fixture
def dataset(clinic: Clinic) -> Dataset:
    return make_dataset(clinic, samples=10)


@pytest.fixture
def shipped(db: None) -> ModelVersion:
    return make_version()


def rule_of(dataset: Dataset, **facts: Any) -> RetrainingRule:
    told = {"name": "Cada noche", "every_days": 1, "start": "scratch", "config": QUICK, **facts}
    return rule_create(clinic=dataset.clinic, user=None, dataset=dataset, now=NOW, **told)


def frozen(version: DatasetVersion) -> None:
    """What the job `freeze` would have written: two of three parts are enough for the rows."""
    thaw_into(version)
    lines = list(version.samples.all())
    for line, part in zip(lines, ["test", "test", "test", "validation"], strict=False):
        VersionSample.objects.filter(pk=line.pk).update(part=part)
    DatasetVersion.objects.filter(pk=version.pk).update(digest="f" * 64)
    end_job(version.job)


def trained(run: TrainingRun, number: int = 2) -> ModelVersion:
    """What the job `train` would have registered."""
    name = f"c{run.clinic_id}/models/nuclei-{number}"
    write_bundle(absolute(name))
    made = ModelVersion.objects.create(
        clinic=run.clinic, family="nuclei", version=number, digest=str(number) * 64, bundle=name
    )
    TrainingRun.objects.filter(pk=run.pk).update(model_version=made)
    end_job(run.job)
    return made


def evaluated(evaluation: Evaluation, figures: tuple[float, float, float]) -> None:
    end_job(evaluation.job)
    evaluation_record(evaluation_id=evaluation.pk, report={"rows": rows(figures)}, panels=[])


def told() -> list[str]:
    return list(Notice.objects.order_by("created_at").values_list("code", flat=True))


def whole_night(rule: RetrainingRule, figures: tuple[float, float, float]) -> ModelVersion:
    """A night with each job ended well; the candidate's figures are given."""
    from webapp.registry.evaluating import evaluation_request

    rules_due(now=NIGHT)
    night = RuleRun.objects.get(rule=rule)
    assert night.version is not None
    frozen(night.version)
    rules_due(now=NIGHT)
    night.refresh_from_db()
    assert night.run is not None
    made = trained(night.run)
    evaluation = evaluation_request(model_version=made, version=night.version, run=night.run)
    evaluated(evaluation, figures)
    rules_due(now=NIGHT)  # asks the version in use to read the same test part
    evaluated(Evaluation.objects.get(model_version__clinic=None), (0.73, 0.49, 0.90))
    rules_due(now=NIGHT)
    made.refresh_from_db()
    return made


def test_a_night_freezes_trains_evaluates_and_puts_the_better_one_into_use(
    dataset: Dataset, shipped: ModelVersion
) -> None:
    rule = rule_of(dataset, promotes=True)
    made = whole_night(rule, (0.80, 0.55, 0.93))
    assert made.stage == "production"
    promoted = StageChange.objects.get(model_version=made, kind="promoted")
    assert (promoted.rule, promoted.by) == (rule, None)
    night = RuleRun.objects.get()
    assert night.closed_at is not None and night.code == "" and night.new_samples == 10
    assert night.run is not None and night.run.rule == rule
    assert told() == ["notice_passed", "notice_promoted"]


def test_a_night_that_made_a_worse_one_leaves_it_out_of_use_and_says_why(
    dataset: Dataset, shipped: ModelVersion
) -> None:
    made = whole_night(rule_of(dataset, promotes=True), (0.412, 0.2, 0.6))
    assert made.stage == "candidate"
    refused = StageChange.objects.get(model_version=made)
    assert refused.kind == "refused"
    assert refused.reasons[0] == {
        "code": "gate_ap50_lower",
        "params": {"ours": 0.412, "theirs": 0.73, "version": "nuclei 1"},
    }
    assert told() == ["notice_refused"]
    assert RuleRun.objects.get().closed_at is not None


def test_before_its_hour_nothing_begins_and_after_it_one_thing_however_often_it_is_swept(
    dataset: Dataset,
) -> None:
    rule = rule_of(dataset)
    rules_due(now=NIGHT - timedelta(minutes=1))
    assert not RuleRun.objects.exists()
    for seconds in (0, 10, 20):
        rules_due(now=NIGHT + timedelta(seconds=seconds))
    assert RuleRun.objects.count() == 1
    assert Job.objects.filter(kind="freeze").count() == 1
    rule.refresh_from_db()
    assert (rule.last_run_at, rule.next_run_at) == (NIGHT, NIGHT + timedelta(days=1))


def test_of_two_sweeps_that_saw_the_same_rule_one_begins_it(dataset: Dataset) -> None:
    seen = rule_of(dataset)
    assert rule_begin(rule=seen, now=NIGHT) is not None
    assert rule_begin(rule=seen, now=NIGHT) is None


def test_with_nothing_new_it_trains_nothing_and_says_so_once(dataset: Dataset) -> None:
    rule = rule_of(dataset)
    version = freeze(dataset)
    TrainingRun.objects.create(
        clinic=dataset.clinic,
        dataset_version=version,
        rule=rule,
        config={**QUICK, "batch_size": 8},
        request_digest="r" * 64,
        job=Job.objects.create(clinic=dataset.clinic, kind="train", lane="training", state="succeeded"),
    )
    for seconds in (0, 10, 20):
        rules_due(now=NIGHT + timedelta(seconds=seconds))
    assert told() == ["rule_nothing_new"]
    assert RuleRun.objects.get().code == "rule_nothing_new"


def test_a_training_that_failed_is_tried_again_the_next_night(dataset: Dataset) -> None:
    rule = rule_of(dataset)
    rules_due(now=NIGHT)
    frozen(dataset.versions.get())
    rules_due(now=NIGHT)
    run = TrainingRun.objects.get(rule=rule)
    end_job(run.job, State.FAILED, error_code="out_of_memory")
    rules_due(now=NIGHT)
    for _ in range(2):
        rules_due(now=NIGHT + timedelta(days=1))
    run.job.refresh_from_db()
    assert run.job.state == State.QUEUED
    assert RuleRun.objects.get(closed_at=None).run == run
    assert TrainingRun.objects.count() == 1


def test_a_version_that_a_curator_froze_is_trained_on_as_it_is(dataset: Dataset) -> None:
    version = freeze(dataset)
    rule_of(dataset)
    rules_due(now=NIGHT)
    assert RuleRun.objects.get().version == version
    assert dataset.versions.count() == 1


def test_too_few_new_samples_wait_for_another_night_without_a_word(dataset: Dataset) -> None:
    freeze(dataset)
    rule_of(dataset, every_days=None, new_samples=2)
    add_sample(dataset, "nueva 1")
    rules_due(now=NIGHT)
    assert not RuleRun.objects.exists() and told() == []
    add_sample(dataset, "nueva 2")
    rules_due(now=NIGHT + timedelta(hours=1))
    assert not RuleRun.objects.exists()
    rules_due(now=NIGHT + timedelta(days=1))
    assert RuleRun.objects.get().why == "samples"


def test_a_rule_that_is_off_does_nothing(dataset: Dataset) -> None:
    rule_of(dataset, is_enabled=False)
    rules_due(now=NIGHT)
    assert not RuleRun.objects.exists()


def test_while_its_last_night_lasts_no_other_begins(dataset: Dataset) -> None:
    rule_of(dataset)
    rules_due(now=NIGHT)
    rules_due(now=NIGHT + timedelta(days=1))
    assert told() == ["rule_still_running"]
    assert RuleRun.objects.filter(closed_at=None).count() == 1


def test_a_freeze_that_failed_ends_the_night_with_its_reason(dataset: Dataset) -> None:
    rule_of(dataset)
    rules_due(now=NIGHT)
    end_job(Job.objects.get(kind="freeze"), State.FAILED, error_code="storage_fault", error_params={})
    rules_due(now=NIGHT)
    night = RuleRun.objects.get()
    assert night.code == "rule_freeze_failed" and night.closed_at is not None
    assert [why["code"] for why in night.params["reasons"]] == ["storage_fault"]
    assert told() == ["rule_freeze_failed"]


def test_a_training_that_cannot_begin_ends_the_night_with_its_reason(dataset: Dataset) -> None:
    rule_of(dataset, config={"epochs": 0})
    rules_due(now=NIGHT)
    version = dataset.versions.get()
    frozen(version)
    rules_due(now=NIGHT)
    assert told() == ["rule_not_begun"]
    assert not Job.objects.filter(kind="train").exists()


@pytest.mark.parametrize(
    ("state", "code"), [("failed", "rule_training_failed"), ("cancelled", "rule_cancelled")]
)
def test_a_training_that_did_not_end_well_ends_the_night(dataset: Dataset, state: str, code: str) -> None:
    rule_of(dataset)
    rules_due(now=NIGHT)
    frozen(dataset.versions.get())
    rules_due(now=NIGHT)
    end_job(Job.objects.get(kind="train"), state, error_code="out_of_memory" if state == "failed" else "")
    rules_due(now=NIGHT)
    assert told() == [code]


def test_an_archived_data_set_or_one_with_nothing_approved_is_not_frozen(clinic: Clinic) -> None:
    rule_of(make_dataset(clinic, "Vacío"))
    archived = make_dataset(clinic, "Archivado", samples=3)
    rule_of(archived, name="Otra")
    Dataset.objects.filter(pk=archived.pk).update(archived_at=NOW)
    rules_due(now=NIGHT)
    assert sorted(told()) == ["rule_archived", "rule_nothing_new"]
    assert not Job.objects.exists()


def test_a_rule_that_cannot_be_worked_on_keeps_no_other_waiting(
    dataset: Dataset, clinic: Clinic, caplog: pytest.LogCaptureFixture
) -> None:
    broken = rule_of(make_dataset(clinic, "Otro", samples=10))
    sound = rule_of(dataset, name="Sana")
    rules_due(now=NIGHT)
    for version in DatasetVersion.objects.all():
        frozen(version)
    RetrainingRule.objects.filter(pk=broken.pk).update(config="no settings at all")
    rules_due(now=NIGHT)
    assert RuleRun.objects.get(rule=sound).run is not None
    assert RuleRun.objects.get(rule=broken).closed_at is None
    assert "could not do night_go_on" in caplog.text


def test_a_deleted_rule_leaves_its_report(dataset: Dataset) -> None:
    rule = rule_of(dataset)
    rules_due(now=NIGHT)
    frozen(dataset.versions.get())
    rule.delete()
    rules_due(now=NIGHT)
    night = RuleRun.objects.get()
    assert (night.name, night.rule, night.code) == ("Cada noche", None, "rule_cancelled")
