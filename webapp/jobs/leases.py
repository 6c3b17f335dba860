"""What a lease is: a host, a process and a time until which the job is theirs; and how it ends early."""

from __future__ import annotations

import os
import socket
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

import psutil
from django.utils import timezone

from webapp.jobs.models import Job, State

LEASE_S = 60
BEAT_S = 10
CLOCK_SLACK_S = 2.0
EXHAUSTED = "attempts_exhausted"

LEASE_CLEARED: dict[str, Any] = {
    "lease_until": None,
    "lease_owner": "",
    "lease_pid": None,
    "lease_pid_started": None,
}
PROGRESS_CLEARED: dict[str, Any] = {"step": "", "done": 0, "total": 0}


@cache
def this_host() -> str:
    """Where a lease is held: the host, and on Linux the pid namespace, for a pid means nothing outside it."""
    try:
        namespace = str(os.stat("/proc/self/ns/pid").st_ino)
    except OSError:
        namespace = ""
    return f"{socket.gethostname()}#{namespace}"


def lease_end_time() -> datetime:
    return timezone.now() + timedelta(seconds=LEASE_S)


def process_started(pid: int) -> float | None:
    """When the process began (Unix time); None when there is none, or only its zombie."""
    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return None
        return float(process.create_time())
    except psutil.NoSuchProcess:
        return None


def is_running(pid: int | None, started: float | None) -> bool:
    """Whether the process that took the lease still runs; its pid alone may be another's by now."""
    if pid is None or started is None:
        return False
    try:
        found = process_started(pid)
    except psutil.AccessDenied:  # another person's process: only its lease can tell
        return True
    return found is not None and abs(found - started) < CLOCK_SLACK_S


def lease_end(
    *,
    job_id: UUID,
    attempt: int,
    counted: bool,
    code: str = EXHAUSTED,
    params: dict[str, Any] | None = None,
    patience_s: float = 0.0,
) -> str:
    """Take the job from whoever holds this attempt.

    It is QUEUED again (and left alone for `patience_s`), CANCELLED when that was asked, or FAILED with
    `code` when its attempts are used up. Returns the new state, "" when the attempt held it no more.
    """
    held = Job.objects.filter(id=job_id, attempt=attempt, state=State.RUNNING)
    while (job := held.first()) is not None:
        now = timezone.now()
        changes: dict[str, Any] = {**LEASE_CLEARED, "state": State.QUEUED}
        if not counted:
            changes["attempts_used"] = max(job.attempts_used - 1, 0)
        if job.cancel_requested:
            changes |= {"state": State.CANCELLED, "finished_at": now}
        elif counted and job.attempts_used >= job.max_attempts:
            changes |= {"state": State.FAILED, "finished_at": now, "error_code": code}
            changes |= {"error_params": params or {}}
        else:
            pause = now + timedelta(seconds=patience_s) if patience_s else None
            changes |= {"queued_at": now, "not_before": pause, **PROGRESS_CLEARED}
        # A cancel may arrive between the reading and the writing; then we read again.
        if held.filter(cancel_requested=job.cancel_requested).update(**changes):
            return str(changes["state"])
    return ""
