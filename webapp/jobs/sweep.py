"""The sweep is the one owner of recovery: it frees what stopped beating and rings for what nobody heard.

It looks only at rows and at the processes of its own host, so it may run anywhere, at any time, twice.
"""

from __future__ import annotations

import logging
import os
import signal
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from webapp.jobs import doorbell
from webapp.jobs.leases import is_running, lease_end, this_host
from webapp.jobs.models import Job, State

log = logging.getLogger("medula.jobs")

UNHEARD_S = 10
UNHEARD_BUSY_S = 60
"""A lane at work looks for more by itself, so it is rung more seldom: bells must not pile up."""


@dataclass(frozen=True)
class Swept:
    queued: int = 0
    failed: int = 0
    cancelled: int = 0
    killed: int = 0
    rung: tuple[str, ...] = ()


def sweep() -> Swept:
    """Free every job whose lease has passed or whose process is gone, then ring for the unheard."""
    ends: list[str] = []
    freed: set[str] = set()
    killed = 0
    for job in Job.objects.filter(state=State.RUNNING):
        here = job.lease_owner == this_host()
        running = here and is_running(job.lease_pid, job.lease_pid_started)
        passed = job.lease_until is not None and job.lease_until < timezone.now()
        if not passed and (running or not here):
            continue
        end = _free(job)
        if end:
            ends.append(end)
            freed.add(job.lane)
            killed += running and _kill_hung(job)
    return Swept(
        queued=ends.count(State.QUEUED),
        failed=ends.count(State.FAILED),
        cancelled=ends.count(State.CANCELLED),
        killed=killed,
        rung=_ring_unheard(freed),
    )


def leases_free(*, owner: str | None = None) -> int:
    """Free, before any worker of this host starts, what its earlier workers left running.

    `owner` is a host name or the whole of a lease's owner; without it, this host. Their attempt counts:
    a picture that takes the machine down with it must not do so for ever.
    """
    host = (owner or this_host()).partition("#")[0]
    jobs = Job.objects.filter(state=State.RUNNING).filter(
        Q(lease_owner=host) | Q(lease_owner__startswith=f"{host}#")
    )
    freed = [job for job in jobs if _free(job)]
    for lane in sorted({job.lane for job in freed}):
        doorbell.ring(lane)
    return len(freed)


def _free(job: Job) -> str:
    end = lease_end(job_id=job.id, attempt=job.attempt, counted=True)
    if end:
        log.warning("job %s (%s, attempt %d) was left running: now %s", job.id, job.kind, job.attempt, end)
    return end


def _kill_hung(job: Job) -> bool:
    """End a process whose lease has passed while it still runs: it hangs, and its lane with it.

    Should it have let go after all and hold another job by now, it is left alone.
    """
    pid = job.lease_pid
    busy = Job.objects.filter(state=State.RUNNING, lease_owner=job.lease_owner, lease_pid=pid)
    if pid is None or pid == os.getpid() or busy.filter(lease_until__gte=timezone.now()).exists():
        return False
    try:
        os.kill(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return False
    log.error("killed process %d, which hung on job %s (%s)", pid, job.id, job.kind)
    return True


def _ring_unheard(freed: set[str]) -> tuple[str, ...]:
    """Ring for every lane whose jobs have waited unheard, and for those whose jobs were just freed."""
    now = timezone.now()
    ready = Q(not_before=None) | Q(not_before__lte=now)
    queued = Job.objects.filter(ready, state=State.QUEUED)
    rung: list[str] = []
    for lane in queued.order_by().values_list("lane", flat=True).distinct():
        busy = Job.objects.filter(lane=lane, state=State.RUNNING).exists()
        patience = timedelta(seconds=UNHEARD_BUSY_S if busy else UNHEARD_S)
        waiting = queued.filter(lane=lane)
        if lane not in freed and not waiting.exclude(rung_at__gt=now - patience).exists():
            continue
        if doorbell.ring(lane):
            waiting.update(rung_at=now)
            rung.append(lane)
    return tuple(sorted(rung))
