"""Every change of a job: asked for, claimed, worked on, ended. Each is one conditional UPDATE.

QUEUED -> RUNNING -> SUCCEEDED, FAILED or CANCELLED, and RUNNING -> QUEUED. Whoever works on a job writes
with the `attempt` it claimed; once the job has gone to another attempt, that write changes no row.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Case, F, PositiveSmallIntegerField, Q, When
from django.db.models.functions import Greatest
from django.utils import timezone

from webapp.accounts.models import User
from webapp.jobs import doorbell
from webapp.jobs.leases import (
    EXHAUSTED,
    LEASE_CLEARED,
    PROGRESS_CLEARED,
    lease_end,
    lease_end_time,
    process_started,
    this_host,
)
from webapp.jobs.models import Job, State
from webapp.jobs.sweep import leases_free, sweep

__all__ = [
    "Beat",
    "job_beat",
    "job_cancel",
    "job_checkpoint",
    "job_claim",
    "job_create",
    "job_fail",
    "job_release",
    "job_retry",
    "job_stop",
    "job_succeed",
    "jobs_create",
    "leases_free",
    "sweep",
    "this_host",
]

DEADLINE_S = 3600
PATIENCE_S = 10
"""A storage or memory fault is given this long to pass, times the attempts used so far."""


@dataclass(frozen=True)
class Beat:
    """The ledger's answer to a heartbeat: is the job still ours, and does someone want it stopped?"""

    alive: bool
    cancel: bool


def job_create(
    *,
    kind: str,
    lane: str,
    clinic_id: int,
    payload: dict[str, Any],
    requested_by: User | None = None,
    deadline_s: int = DEADLINE_S,
) -> Job:
    """Ask for a piece of work. The bell rings once the surrounding transaction is committed."""
    job = Job.objects.create(
        kind=kind,
        lane=lane,
        clinic_id=clinic_id,
        payload=payload,
        requested_by=requested_by,
        deadline_s=deadline_s,
    )
    transaction.on_commit(lambda: doorbell.ring(lane))
    return job


def jobs_create(
    *,
    kind: str,
    lane: str,
    clinic_id: int,
    payloads: Iterable[dict[str, Any]],
    requested_by: User | None = None,
    deadline_s: int = DEADLINE_S,
) -> list[Job]:
    """Ask for many pieces of work of one kind in a few statements, and ring once for all of them."""
    jobs = Job.objects.bulk_create(
        Job(
            kind=kind,
            lane=lane,
            clinic_id=clinic_id,
            payload=payload,
            requested_by=requested_by,
            deadline_s=deadline_s,
        )
        for payload in payloads
    )
    if jobs:
        transaction.on_commit(lambda: doorbell.ring(lane))
    return jobs


def job_claim(*, lane: str, owner: str, pid: int) -> Job | None:
    """The oldest queued job of the lane, now ours; None when nothing is left to do."""
    started = process_started(pid)
    while True:
        now = timezone.now()
        ready = Q(not_before=None) | Q(not_before__lte=now)
        queued = Job.objects.filter(ready, lane=lane, state=State.QUEUED)
        job_id = queued.order_by("queued_at", "id").values_list("id", flat=True).first()
        if job_id is None:
            return None
        won = queued.filter(id=job_id).update(
            state=State.RUNNING,
            attempt=F("attempt") + 1,
            attempts_used=F("attempts_used") + 1,
            lease_until=lease_end_time(),
            lease_owner=owner,
            lease_pid=pid,
            lease_pid_started=started,
            beat_at=now,
            started_at=now,
            not_before=None,
            **PROGRESS_CLEARED,
        )
        if won:
            return Job.objects.get(id=job_id)


def job_beat(*, job_id: UUID, attempt: int, step: str, done: int, total: int) -> Beat:
    """Renew the lease and record progress, if the job is still this attempt's."""
    renewed = _held(job_id, attempt).update(
        lease_until=lease_end_time(), beat_at=timezone.now(), step=step, done=done, total=total
    )
    if not renewed:
        return Beat(alive=False, cancel=False)
    return Beat(alive=True, cancel=_held(job_id, attempt).filter(cancel_requested=True).exists())


def job_checkpoint(*, job_id: UUID, attempt: int, checkpoint: int) -> bool:
    """The work can go on from here. False: the job is no longer this attempt's, so write nothing.

    An attempt that moved the checkpoint does not count, nor do those before it: what counts is how often in
    a row the work was interrupted without getting any further.
    """
    # One UPDATE, also where nothing moves: it holds the row for the transaction that writes the rest.
    held = _held(job_id, attempt).update(
        checkpoint=Greatest("checkpoint", checkpoint),
        attempts_used=Case(
            When(checkpoint__lt=checkpoint, then=0),
            default=F("attempts_used"),
            output_field=PositiveSmallIntegerField(),
        ),
    )
    return bool(held)


def job_succeed(*, job_id: UUID, attempt: int) -> bool:
    """End the job well. Belongs in the transaction that writes its results; False: write nothing."""
    return _end(job_id, attempt, state=State.SUCCEEDED)


def job_fail(*, job_id: UUID, attempt: int, code: str, params: dict[str, Any], error_id: str = "") -> bool:
    """End the job for good with the code of a sentence; another try would not help."""
    return _end(job_id, attempt, state=State.FAILED, error_code=code, error_params=params, error_id=error_id)


def job_stop(*, job_id: UUID, attempt: int) -> bool:
    """End a running job because someone asked to cancel it."""
    return _end(job_id, attempt, state=State.CANCELLED)


def job_release(
    *,
    job_id: UUID,
    attempt: int,
    counted: bool,
    code: str = EXHAUSTED,
    params: dict[str, Any] | None = None,
) -> str:
    """Hand the job back: counted after a fault (FAILED with `code` when that was the last attempt), not
    counted after an orderly stop. Returns the new state, "" when the job was no longer this attempt's."""
    used = _held(job_id, attempt).values_list("attempts_used", flat=True).first() or 0
    return lease_end(
        job_id=job_id,
        attempt=attempt,
        counted=counted,
        code=code,
        params=params,
        patience_s=PATIENCE_S * used if counted else 0,
    )


def job_cancel(*, job: Job) -> bool:
    """Cancel: at once while it waits, at its next heartbeat while it runs. False: it had ended already."""
    row = Job.objects.filter(id=job.id)
    while row.filter(state__in=(State.QUEUED, State.RUNNING)).exists():
        if row.filter(state=State.QUEUED).update(
            state=State.CANCELLED, cancel_requested=True, finished_at=timezone.now()
        ):
            return True
        if row.filter(state=State.RUNNING).update(cancel_requested=True):
            return True
    return False


def job_retry(*, job: Job) -> bool:
    """Queue a failed or cancelled job anew with all its attempts. False: it was neither."""
    now = timezone.now()
    again = Job.objects.filter(id=job.id, state__in=(State.FAILED, State.CANCELLED)).update(
        state=State.QUEUED,
        attempts_used=0,
        cancel_requested=False,
        not_before=None,
        queued_at=now,
        rung_at=now,
        started_at=None,
        finished_at=None,
        error_code="",
        error_params={},
        error_id="",
        **PROGRESS_CLEARED,
    )
    if again:
        lane = job.lane
        transaction.on_commit(lambda: doorbell.ring(lane))
    return bool(again)


def _held(job_id: UUID, attempt: int) -> Any:
    return Job.objects.filter(id=job_id, attempt=attempt, state=State.RUNNING)


def _end(job_id: UUID, attempt: int, **changes: Any) -> bool:
    changed = _held(job_id, attempt).update(finished_at=timezone.now(), **LEASE_CLEARED, **changes)
    return bool(changed)
