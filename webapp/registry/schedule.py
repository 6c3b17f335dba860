"""The night shift: what the sweep does for the retraining rules, every few seconds, in small steps.

A rule that is due is claimed by one counted conditional UPDATE, so two sweeps never begin it twice. From
there on the rows say how far it is: a version being frozen, a run, a candidate before the gate. Each sweep
takes each of them one step on, and a step that cannot be taken ends the night with the reason in words.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from segmentation.errors import MedulaError
from webapp.datasets.models import DatasetVersion
from webapp.datasets.services import version_freeze
from webapp.jobs.models import ENDED, Job, State
from webapp.registry.evaluating import evaluation_request
from webapp.registry.gate import SETTLED, candidates_waiting, missing_readings
from webapp.registry.models import ModelVersion, RetrainingRule, RuleRun, StageChange
from webapp.registry.notices import notice_create
from webapp.registry.selectors import production_or_none
from webapp.registry.timetable import days_are_over, next_run, samples_waiting, version_newest
from webapp.registry.training import run_request

__all__ = ["next_run", "rules_due"]

log = logging.getLogger("medula.registry")
Why = RuleRun.Why


def rules_due(*, now: datetime | None = None) -> None:
    """Begin what is due, take on what has begun, ask for the readings that the gate waits for."""
    at = now or timezone.now()
    enabled = RetrainingRule.objects.filter(is_enabled=True)
    for rule in enabled.filter(next_run_at=None):
        enabled.filter(pk=rule.pk, next_run_at=None).update(next_run_at=next_run(rule, at))
    for rule in enabled.filter(next_run_at__lte=at):
        _one_by_one(rule_begin, rule=rule, now=at)
    for night in RuleRun.objects.filter(closed_at=None):
        _one_by_one(night_go_on, night=night)
    for candidate in candidates_waiting():
        _one_by_one(_reading_ask, candidate=candidate)


def _one_by_one(step: Callable[..., Any], **about: Any) -> None:
    """What goes wrong with one must not keep the others waiting; the next sweep tries it again."""
    try:
        step(**about)
    except Exception:
        log.exception("the night shift could not do %s for %s", step.__name__, about)


@transaction.atomic
def rule_begin(*, rule: RetrainingRule, now: datetime) -> RuleRun | None:
    """Claim a due rule and begin its night. None: another sweep has it, or tonight there is no reason."""
    due = RetrainingRule.objects.filter(pk=rule.pk, is_enabled=True, next_run_at=rule.next_run_at)
    if not due.update(next_run_at=None):
        return None
    rule = RetrainingRule.objects.select_related("dataset", "clinic", "created_by").get(pk=rule.pk)
    waiting = samples_waiting(rule.dataset)
    by_days = days_are_over(rule, now)
    by_samples = rule.new_samples is not None and waiting >= max(rule.new_samples, 1)
    if by_days or by_samples:
        rule.last_run_at = now
    rule.next_run_at = next_run(rule, now)
    rule.save(update_fields=["last_run_at", "next_run_at"])
    if not (by_days or by_samples):
        return None
    return _night_begin(rule, Why.SAMPLES if by_samples else Why.DAYS, waiting)


def _night_begin(rule: RetrainingRule, why: str, waiting: int) -> RuleRun | None:
    open_night = RuleRun.objects.filter(rule=rule, closed_at=None).exists()
    newest = version_newest(rule.dataset)
    night = RuleRun(
        clinic=rule.clinic,
        rule=rule,
        name=rule.name,
        dataset=rule.dataset,
        why=why,
        new_samples=waiting,
        closed_at=timezone.now() if open_night else None,
    )
    night.save()
    if open_night:
        return _close(night, "rule_still_running")
    if rule.dataset.archived_at is not None:
        return _close(night, "rule_archived")
    if not waiting and (newest is None or _trained_before(rule, newest)):
        return _close(night, "rule_nothing_new")
    if not waiting:
        night.version = newest
    else:
        try:
            with transaction.atomic():
                night.version = version_freeze(dataset=rule.dataset, user=rule.created_by)
        except MedulaError as problem:
            return _close(night, "rule_freeze_failed", problem=problem)
    night.save(update_fields=["version"])
    return night


def _trained_before(rule: RetrainingRule, version: DatasetVersion) -> bool:
    """Whether the rule has trained on this version with its present settings: again would tell nothing.

    One that failed does not count: asked again, it goes on from its checkpoint.
    """
    runs = rule.runs.filter(dataset_version=version).exclude(job__state=State.FAILED)
    return any(_asked(run.config, rule.config) and _same_start(rule, run.start_version_id) for run in runs)


def _asked(config: dict[str, Any], wanted: dict[str, Any]) -> bool:
    return all(config.get(name) == value for name, value in wanted.items())


def _same_start(rule: RetrainingRule, start_id: Any) -> bool:
    return (start_id is None) == (rule.start == RetrainingRule.Start.SCRATCH)


@transaction.atomic
def night_go_on(*, night: RuleRun) -> RuleRun:
    """One step: frozen, so train; trained and judged, so close."""
    held = RuleRun.objects.select_for_update().filter(pk=night.pk, closed_at=None).first()
    if held is None:
        return night
    if held.run is not None:
        return _after_training(held)
    if held.version is None:  # what could not be frozen is cleared away when the next is
        return _close(held, "rule_freeze_failed")
    freeze = held.version.job
    if freeze.state == State.SUCCEEDED:
        return _train(held, held.version)
    if freeze.state in ENDED:
        return _close(held, "rule_freeze_failed", job=freeze)
    return held


def _train(night: RuleRun, version: DatasetVersion) -> RuleRun:
    rule = night.rule
    if rule is None:  # deleted in the meantime: nobody wants it any more
        return _close(night, "rule_cancelled")
    start = production_or_none(night.clinic_id) if rule.start == RetrainingRule.Start.PRODUCTION else None
    try:
        with transaction.atomic():
            night.run = run_request(
                version=version, user=rule.created_by, config=rule.config, start_version=start, rule=rule
            )
    except MedulaError as problem:
        return _close(night, "rule_not_begun", problem=problem)
    night.save(update_fields=["run"])
    return night


def _after_training(night: RuleRun) -> RuleRun:
    assert night.run is not None
    job, made = night.run.job, night.run.model_version
    if job.state in ENDED and job.state != State.SUCCEEDED:
        return _close(night, "rule_training_failed", job=job)
    if made is None:
        return night
    judged = StageChange.objects.filter(model_version=made, kind__in=SETTLED).exists()
    if judged or made.stage != ModelVersion.Stage.CANDIDATE:
        night.closed_at = timezone.now()  # the gate has told the curators
        night.save(update_fields=["closed_at"])
    return night


def _close(
    night: RuleRun, code: str, *, job: Job | None = None, problem: MedulaError | None = None
) -> RuleRun:
    """The night ends without a verdict: why, in its report and in a notice."""
    reasons: list[dict[str, Any]] = []
    if job is not None and job.state == State.CANCELLED:
        code = "rule_cancelled"
    elif job is not None:
        params = {"error_id": job.error_id or "—", **job.error_params}
        reasons = [{"code": job.error_code or "unexpected", "params": params}]
    elif problem is not None:
        params = {name: _plain(value) for name, value in problem.params.items()}
        reasons = [{"code": problem.code, "params": params}]
    night.code, night.params = code, {"rule": night.name, "reasons": reasons}
    night.closed_at = timezone.now()
    night.save(update_fields=["version", "code", "params", "closed_at"])
    notice_create(clinic_id=night.clinic_id, code=code, params=night.params, run=night.run)
    return night


def _plain(value: object) -> object:
    return value if isinstance(value, str | int | float | bool) else str(value)


def _reading_ask(*, candidate: Any) -> None:
    """The version in use reads the test part too, where nobody has asked it yet."""
    version = missing_readings(candidate=candidate)
    if version is not None:
        evaluation_request(model_version=version, version=candidate.dataset_version)
