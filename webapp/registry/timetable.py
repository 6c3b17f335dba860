"""When a rule is due: nights of the installation's own time zone. Nothing here writes a row."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from django.db.models import Exists, OuterRef
from django.utils import timezone

from webapp.datasets.models import Dataset, DatasetVersion, Sample, VersionSample
from webapp.jobs.models import State
from webapp.registry.models import RetrainingRule


def next_run(rule: RetrainingRule, now: datetime) -> datetime:
    """The next time to look: the rule's hour tonight, or so many days after the last time.

    Where waiting samples start it too, every night is looked at.
    """
    tonight = _after(now, rule.hour)
    if rule.new_samples is not None or rule.every_days is None or rule.last_run_at is None:
        return tonight
    return max(tonight, at_hour(_day_due(rule), rule.hour))


def days_are_over(rule: RetrainingRule, now: datetime) -> bool:
    """Whether so many days have passed; a rule that never ran does not wait for them."""
    if rule.every_days is None:
        return False
    return rule.last_run_at is None or timezone.localdate(now) >= _day_due(rule)


def _day_due(rule: RetrainingRule) -> date:
    assert rule.last_run_at is not None and rule.every_days is not None
    return timezone.localdate(rule.last_run_at) + timedelta(days=rule.every_days)


def _after(now: datetime, hour: int) -> datetime:
    today = timezone.localdate(now)
    tonight = at_hour(today, hour)
    return tonight if tonight > now else at_hour(today + timedelta(days=1), hour)


def at_hour(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour), tzinfo=timezone.get_default_timezone())


def version_newest(dataset: Dataset) -> DatasetVersion | None:
    """The newest version that was frozen well."""
    frozen = DatasetVersion.objects.filter(dataset=dataset, job__state=State.SUCCEEDED)
    return frozen.exclude(digest="").order_by("-number").first()


def samples_waiting(dataset: Dataset) -> int:
    """Approved samples that are not in the newest frozen version, or are there with another mask."""
    approved = Sample.objects.filter(dataset=dataset, review=Sample.Review.APPROVED)
    newest = version_newest(dataset)
    if newest is None:
        return approved.count()
    kept = VersionSample.objects.filter(version=newest, sample=OuterRef("pk"), labels=OuterRef("labels"))
    return approved.exclude(Exists(kept)).count()
