"""When a rule looks, and what it then finds waiting."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from pytest_django.fixtures import Settings

from tests.webapp.registry.rows import add_sample, freeze, make_dataset
from webapp.accounts.models import Clinic
from webapp.common.storage import file_row, store_bytes
from webapp.datasets.models import Sample
from webapp.registry.models import RetrainingRule
from webapp.registry.rules import rule_change, rule_create
from webapp.registry.timetable import days_are_over, next_run, samples_waiting

PANAMA = ZoneInfo("America/Panama")


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=PANAMA)


@pytest.fixture(autouse=True)
def panama(settings: Settings) -> None:
    settings.TIME_ZONE = "America/Panama"


NIGHTS: dict[str, tuple[dict[str, Any], datetime, datetime]] = {
    "never run, tonight": ({"every_days": 7}, at(24, 14), at(25, 2)),
    "never run, a little later this night": ({"every_days": 7}, at(24, 1, 59), at(24, 2)),
    "just its hour, the next night": ({"every_days": 1}, at(24, 2), at(25, 2)),
    "so many days after the last time": (
        {"every_days": 7, "last_run_at": at(24, 2)},
        at(24, 3),
        at(24, 2) + timedelta(days=7),
    ),
    "missed while all was off: the coming night": (
        {"every_days": 3, "last_run_at": at(10, 2)},
        at(24, 14),
        at(25, 2),
    ),
    "where samples count too, every night": (
        {"every_days": 7, "new_samples": 10, "last_run_at": at(24, 2)},
        at(24, 3),
        at(25, 2),
    ),
    "by samples alone, every night": ({"new_samples": 10, "hour": 23}, at(24, 14), at(24, 23)),
}


@pytest.mark.parametrize("case", NIGHTS)
def test_it_looks_at_its_hour(case: str) -> None:
    facts, now, expected = NIGHTS[case]
    rule = RetrainingRule(**{"hour": 2, **facts})
    assert next_run(rule, now) == expected


def test_days_are_counted_by_the_calendar_of_the_place() -> None:
    rule = RetrainingRule(every_days=2, hour=2, last_run_at=at(22, 23, 50))
    assert not days_are_over(rule, at(23, 23))
    assert days_are_over(rule, at(24, 0, 5))
    assert not days_are_over(RetrainingRule(new_samples=3), at(24, 2))


@pytest.mark.django_db
def test_samples_wait_when_approved_since_the_newest_version_or_given_another_mask(clinic: Clinic) -> None:
    dataset = make_dataset(clinic, samples=2)
    assert samples_waiting(dataset) == 2
    freeze(dataset)
    assert samples_waiting(dataset) == 0
    add_sample(dataset, "esperando", Sample.Review.WAITING)
    add_sample(dataset, "aprobada")
    assert samples_waiting(dataset) == 1
    corrected = dataset.samples.order_by("created_at")[0]
    stored = store_bytes(clinic_id=clinic.pk, content=b"other mask", media_type="image/png", ext=".png")
    corrected.labels = file_row(clinic_id=clinic.pk, stored=stored)
    corrected.save()
    assert samples_waiting(dataset) == 2


@pytest.mark.django_db
def test_a_version_that_could_not_be_frozen_took_no_sample_with_it(clinic: Clinic) -> None:
    dataset = make_dataset(clinic, samples=1)
    version = freeze(dataset)
    version.job.state = "failed"
    version.job.save()
    assert samples_waiting(dataset) == 1


@pytest.mark.django_db
def test_a_rule_says_its_next_night_when_written_and_when_changed(clinic: Clinic) -> None:
    dataset = make_dataset(clinic)
    rule = rule_create(
        clinic=clinic, user=None, dataset=dataset, now=at(24, 14), name="Semanal", every_days=7, hour=2
    )
    assert rule.next_run_at == at(25, 2)
    rule = rule_change(rule=rule, now=at(24, 14), hour=22)
    assert rule.next_run_at == at(24, 22)
    rule = rule_change(rule=rule, now=at(24, 14), is_enabled=False)
    assert rule.next_run_at is None


@pytest.mark.django_db
@pytest.mark.parametrize("facts", [{}, {"every_days": 7, "hour": 24}, {"every_days": 7, "name": ""}])
def test_a_rule_that_says_no_time_or_an_hour_that_is_none_is_refused(
    clinic: Clinic, facts: dict[str, Any]
) -> None:
    with pytest.raises(ValidationError):
        rule_create(clinic=clinic, user=None, dataset=make_dataset(clinic), **{"name": "Semanal", **facts})
    assert not RetrainingRule.objects.exists()
