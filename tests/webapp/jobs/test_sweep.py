"""The sweep frees what nobody works on any more, rings for what nobody heard, and leaves the rest alone."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from webapp.jobs.leases import process_started
from webapp.jobs.models import Job, State
from webapp.jobs.services import job_cancel, job_claim, job_create, leases_free, sweep, this_host

pytestmark = pytest.mark.django_db
ELSEWHERE = "another-host#1"


@pytest.fixture
def process() -> Iterator[subprocess.Popen[bytes]]:
    """A process that does nothing, as a hung worker's child would."""
    sleeper = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    yield sleeper
    sleeper.kill()
    sleeper.wait()


def running(clinic: Any, *, owner: str | None = None, pid: int | None = None, lane: str = "pictures") -> Job:
    job_create(kind="prepare", lane=lane, clinic_id=clinic.id, payload={})
    job = job_claim(lane=lane, owner=owner or this_host(), pid=pid or os.getpid())
    assert job is not None
    return job


def pass_lease(job: Job) -> None:
    Job.objects.filter(id=job.id).update(lease_until=timezone.now() - timedelta(seconds=1))


def long_ago(job: Job) -> None:
    Job.objects.filter(id=job.id).update(rung_at=timezone.now() - timedelta(seconds=61))


def messages(var: Path) -> list[str]:
    return sorted(path.name.split(".", 1)[1] for path in (var / "broker" / "messages").glob("*.msg"))


def test_a_job_that_beats_is_left_alone(clinic: Any) -> None:
    job = running(clinic)
    swept = sweep()
    assert (swept.queued, swept.failed, swept.killed) == (0, 0, 0)
    job.refresh_from_db()
    assert job.state == State.RUNNING


def test_a_lease_that_passed_elsewhere_frees_the_job(clinic: Any) -> None:
    job = running(clinic, owner=ELSEWHERE)
    assert sweep().queued == 0
    pass_lease(job)
    swept = sweep()
    assert (swept.queued, swept.rung) == (1, ("pictures",))
    job.refresh_from_db()
    assert (job.state, job.attempt, job.attempts_used, job.lease_owner) == (State.QUEUED, 1, 1, "")


def test_after_the_third_attempt_a_job_nobody_finishes_fails(clinic: Any) -> None:
    job = running(clinic, owner=ELSEWHERE)
    for _ in range(2):
        pass_lease(job)
        sweep()
        assert job_claim(lane="pictures", owner=ELSEWHERE, pid=1) is not None
    pass_lease(job)
    assert sweep().failed == 1
    job.refresh_from_db()
    assert (job.state, job.error_code, job.attempt) == (State.FAILED, "attempts_exhausted", 3)
    assert job.finished_at is not None


def test_a_cancelled_job_nobody_works_on_is_cancelled_not_repeated(clinic: Any) -> None:
    job = running(clinic, owner=ELSEWHERE)
    job_cancel(job=job)
    pass_lease(job)
    assert sweep().cancelled == 1
    job.refresh_from_db()
    assert job.state == State.CANCELLED


def test_a_job_whose_process_is_gone_is_freed_before_its_lease_passes(
    clinic: Any, process: subprocess.Popen[bytes]
) -> None:
    job = running(clinic, pid=process.pid)
    assert sweep().queued == 0
    process.kill()
    process.wait()
    assert sweep().queued == 1
    job.refresh_from_db()
    assert job.state == State.QUEUED


def test_a_job_whose_pid_was_given_to_another_process_is_freed(
    clinic: Any, process: subprocess.Popen[bytes]
) -> None:
    job = running(clinic, pid=process.pid)
    started = process_started(process.pid)
    assert started is not None
    Job.objects.filter(id=job.id).update(lease_pid_started=started - 3600)
    swept = sweep()
    assert (swept.queued, swept.killed) == (1, 0)
    assert process.poll() is None, "the stranger is not killed"


def test_a_process_that_hangs_past_its_lease_is_killed(clinic: Any, process: subprocess.Popen[bytes]) -> None:
    job = running(clinic, pid=process.pid)
    pass_lease(job)
    swept = sweep()
    assert (swept.queued, swept.killed) == (1, 1)
    assert process.wait(5) == -9


def test_a_process_that_let_go_and_works_on_another_job_is_left_alone(
    clinic: Any, process: subprocess.Popen[bytes]
) -> None:
    job = running(clinic, pid=process.pid)
    running(clinic, pid=process.pid)
    pass_lease(job)
    swept = sweep()
    assert (swept.queued, swept.killed) == (1, 0)
    assert process.poll() is None


def test_the_unheard_are_rung_for_once_a_lane(clinic: Any, installation: Path) -> None:
    for lane in ("pictures", "pictures", "training"):
        long_ago(job_create(kind="prepare", lane=lane, clinic_id=clinic.id, payload={}))
    job_create(kind="prepare", lane="gpu", clinic_id=clinic.id, payload={})
    assert sweep().rung == ("pictures", "training")
    assert messages(installation) == ["pictures.msg", "training.msg"]
    assert sweep().rung == (), "they were rung for a moment ago"


def test_a_lane_at_work_is_rung_more_seldom(clinic: Any) -> None:
    running(clinic)
    job = job_create(kind="prepare", lane="pictures", clinic_id=clinic.id, payload={})
    Job.objects.filter(id=job.id).update(rung_at=timezone.now() - timedelta(seconds=30))
    assert sweep().rung == ()
    long_ago(job)
    assert sweep().rung == ("pictures",)


def test_a_job_that_waits_for_a_fault_to_pass_is_not_rung_for(clinic: Any) -> None:
    job = job_create(kind="prepare", lane="pictures", clinic_id=clinic.id, payload={})
    long_ago(job)
    Job.objects.update(not_before=timezone.now() + timedelta(seconds=30))
    assert sweep().rung == ()


def test_a_start_frees_this_hosts_leases_only_and_rings(clinic: Any, installation: Path) -> None:
    mine, before_reboot = running(clinic), running(clinic, owner=this_host().partition("#")[0] + "#123")
    theirs = running(clinic, owner=ELSEWHERE)
    assert leases_free() == 2
    states = {job.id: job.state for job in Job.objects.all()}
    assert states == {
        mine.id: State.QUEUED,
        before_reboot.id: State.QUEUED,
        theirs.id: State.RUNNING,
    }
    assert messages(installation) == ["pictures.msg"]
    assert leases_free(owner="another-host") == 1
