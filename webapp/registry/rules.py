"""What changes the rules by which networks are retrained at night."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from webapp.accounts.models import Clinic, User
from webapp.datasets.models import Dataset
from webapp.registry.models import RetrainingRule, RuleRun
from webapp.registry.timetable import next_run


def rules_of(user: User) -> QuerySet[RetrainingRule]:
    return RetrainingRule.objects.of(user).select_related("dataset")


def nights_of(user: User) -> QuerySet[RuleRun]:
    """The reports of the rules' runs, newest first."""
    return RuleRun.objects.of(user).select_related(
        "rule", "dataset", "version__job", "version__dataset", "run__job", "run__model_version"
    )


@transaction.atomic
def rule_create(
    *, clinic: Clinic, user: User | None, dataset: Dataset, now: datetime | None = None, **facts: Any
) -> RetrainingRule:
    """`facts`: name, every_days, new_samples, hour, start, config, promotes, is_enabled."""
    rule = RetrainingRule(clinic=clinic, dataset=dataset, created_by=user, **facts)
    return _keep(rule, now)


@transaction.atomic
def rule_change(*, rule: RetrainingRule, now: datetime | None = None, **facts: Any) -> RetrainingRule:
    """Other facts, and the next night reckoned anew from them."""
    held = RetrainingRule.objects.select_for_update().get(pk=rule.pk)
    for name, value in facts.items():
        setattr(held, name, value)
    return _keep(held, now)


def rule_delete(*, rule: RetrainingRule) -> None:
    """The rule goes; its runs and their reports stay."""
    rule.delete()


def _keep(rule: RetrainingRule, now: datetime | None) -> RetrainingRule:
    rule.full_clean(exclude=["config"])
    rule.next_run_at = next_run(rule, now or timezone.now()) if rule.is_enabled else None
    rule.save()
    return rule
