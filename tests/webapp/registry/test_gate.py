"""The gate speaks once, whichever reading ends first, and a rule may act on what it says."""

from __future__ import annotations

from typing import Any

import pytest

from tests.webapp.registry.rows import (
    freeze,
    make_candidate,
    make_dataset,
    make_evaluation,
    rows,
)
from tests.webapp.rows import end_job, make_version
from webapp.accounts.models import Clinic
from webapp.datasets.models import DatasetVersion
from webapp.jobs.models import State
from webapp.registry.gate import candidates_waiting, evaluation_finished, missing_readings
from webapp.registry.models import Evaluation, ModelVersion, Notice, RetrainingRule, StageChange

GOOD, BAD, USUAL = rows((0.8, 0.6, 0.93)), rows((0.1, 0.05, 0.4)), rows((0.73, 0.49, 0.90))


@pytest.fixture
def shipped(db: None) -> ModelVersion:
    return make_version()


@pytest.fixture
def version(clinic: Clinic) -> DatasetVersion:
    return freeze(make_dataset(clinic))


def rule_of(version: DatasetVersion, promotes: bool = True) -> RetrainingRule:
    return RetrainingRule.objects.create(
        clinic=version.clinic, dataset=version.dataset, name="Cada noche", every_days=1, promotes=promotes
    )


def stages(model_version: ModelVersion) -> tuple[str, list[str]]:
    model_version.refresh_from_db()
    kinds = StageChange.objects.filter(model_version=model_version).order_by("created_at")
    return model_version.stage, list(kinds.values_list("kind", flat=True))


@pytest.mark.parametrize("first", ["candidate", "in use"])
def test_whichever_reading_ends_first_the_second_brings_the_verdict(
    shipped: ModelVersion, version: DatasetVersion, first: str
) -> None:
    candidate = make_candidate(version, 2)
    order = [(candidate, GOOD), (shipped, USUAL)]
    for made, found in order if first == "candidate" else order[::-1]:
        assert not StageChange.objects.exists()
        evaluation_finished(evaluation=make_evaluation(made, version, found))
    assert stages(candidate) == ("candidate", ["passed"])
    notice = Notice.objects.get()
    assert (notice.code, notice.clinic, notice.model_version) == ("notice_passed", version.clinic, candidate)


def test_asked_again_it_says_nothing_new(shipped: ModelVersion, version: DatasetVersion) -> None:
    candidate = make_candidate(version, 2)
    readings = [make_evaluation(candidate, version, BAD), make_evaluation(shipped, version, USUAL)]
    for reading in readings * 2:
        evaluation_finished(evaluation=reading)
    assert stages(candidate) == ("candidate", ["refused"])
    assert [notice.code for notice in Notice.objects.all()] == ["notice_refused"]


def test_a_rule_that_promotes_puts_what_passed_into_use_and_retires_the_one_before(
    shipped: ModelVersion, version: DatasetVersion
) -> None:
    earlier = make_candidate(version, 2, stage="production")
    make_evaluation(earlier, version, USUAL)
    candidate = make_candidate(version, 3, rule=rule_of(version))
    evaluation_finished(evaluation=make_evaluation(candidate, version, GOOD))
    assert stages(candidate) == ("production", ["passed", "promoted"])
    assert stages(earlier) == ("retired", ["retired"])
    assert stages(shipped) == ("production", [])
    assert {notice.code for notice in Notice.objects.all()} == {"notice_passed", "notice_promoted"}


def test_a_rule_that_promotes_leaves_out_of_use_what_was_refused(
    shipped: ModelVersion, version: DatasetVersion
) -> None:
    candidate = make_candidate(version, 2, rule=rule_of(version))
    make_evaluation(shipped, version, USUAL)
    evaluation_finished(evaluation=make_evaluation(candidate, version, BAD))
    assert stages(candidate) == ("candidate", ["refused"])


def test_a_rule_that_does_not_promote_leaves_it_to_people(
    shipped: ModelVersion, version: DatasetVersion
) -> None:
    candidate = make_candidate(version, 2, rule=rule_of(version, promotes=False))
    make_evaluation(shipped, version, USUAL)
    evaluation_finished(evaluation=make_evaluation(candidate, version, GOOD))
    assert stages(candidate) == ("candidate", ["passed"])


def test_a_test_part_that_it_was_not_trained_beside_decides_nothing(
    shipped: ModelVersion, version: DatasetVersion
) -> None:
    candidate = make_candidate(version, 2)
    other = freeze(make_dataset(version.clinic, "Otro"))
    make_evaluation(shipped, other, USUAL)
    evaluation_finished(evaluation=make_evaluation(candidate, other, GOOD))
    assert stages(candidate) == ("candidate", [])


def test_another_clinics_reading_decides_nothing_here(
    shipped: ModelVersion, version: DatasetVersion, other_clinic: Clinic
) -> None:
    candidate = make_candidate(version, 2)
    make_evaluation(candidate, version, GOOD)
    theirs = freeze(make_dataset(other_clinic))
    evaluation_finished(evaluation=make_evaluation(shipped, theirs, USUAL))
    assert stages(candidate) == ("candidate", [])


def waits(candidate: Evaluation) -> list[Any]:
    return [found.pk for found in candidates_waiting()]


def test_the_sweep_hears_which_reading_nobody_has_asked_for(
    shipped: ModelVersion, version: DatasetVersion
) -> None:
    reading = make_evaluation(make_candidate(version, 2), version, GOOD)
    assert waits(reading) == [reading.pk]
    assert missing_readings(candidate=reading) == shipped
    make_evaluation(shipped, version, None, State.QUEUED)
    assert missing_readings(candidate=reading) is None
    assert waits(reading) == [reading.pk]


@pytest.mark.parametrize("fails", ["candidate", "in use"])
def test_nobody_waits_for_a_reading_that_failed(
    shipped: ModelVersion, version: DatasetVersion, fails: str
) -> None:
    candidate = make_candidate(version, 2)
    bad = State.FAILED
    reading = make_evaluation(candidate, version, GOOD, bad if fails == "candidate" else State.SUCCEEDED)
    other = make_evaluation(shipped, version, USUAL, bad if fails == "in use" else State.SUCCEEDED)
    assert missing_readings(candidate=reading) is None
    assert stages(candidate) == ("candidate", ["refused"])
    assert waits(reading) == []
    # Tried again by hand, it ends well after all: now there are figures to judge by.
    end_job((reading if fails == "candidate" else other).job)
    evaluation_finished(evaluation=Evaluation.objects.get(pk=other.pk))
    assert stages(candidate) == ("candidate", ["refused", "passed"])


def test_two_readings_that_ended_together_are_judged_by_the_sweep(
    shipped: ModelVersion, version: DatasetVersion
) -> None:
    reading = make_evaluation(make_candidate(version, 2), version, GOOD)
    make_evaluation(shipped, version, USUAL)
    assert missing_readings(candidate=reading) is None
    assert stages(reading.model_version) == ("candidate", ["passed"])
