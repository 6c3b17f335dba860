"""The heart beats while the work moves, tells it what it must know, and never outlives it."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone

from tests.services import wait_until
from webapp.jobs.models import Job, State
from webapp.jobs.services import job_cancel, job_claim, job_release
from worker import heart, stopping
from worker.heart import Heart
from worker.work import Cancelled, Interrupted, LeaseLost, Stopped

Ask = Callable[..., Job]


@pytest.fixture(autouse=True)
def quick_heart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heart, "TICK_S", 0.02)
    monkeypatch.setattr(heart, "BEAT_S", 0.1)
    monkeypatch.setattr(heart, "NEWS_S", 0.05)


@pytest.fixture
def job(ask: Ask) -> Job:
    ask(act="good")
    claimed = job_claim(lane="training", owner="here", pid=os.getpid())
    assert claimed is not None
    return claimed


def age_lease(job: Job) -> None:
    Job.objects.filter(id=job.id).update(lease_until=timezone.now() - timedelta(seconds=30))


def is_leased(job: Job) -> bool:
    job.refresh_from_db()
    return job.lease_until is not None and job.lease_until > timezone.now()


def until_told(beating: Heart) -> type[Interrupted]:
    """Work on until the heart interrupts."""
    ends = time.monotonic() + 10
    while time.monotonic() < ends:
        try:
            beating.progress("segmenting")
        except Interrupted as told:
            return type(told)
        time.sleep(0.02)
    raise AssertionError("the heart told nothing")


def test_a_beating_heart_renews_the_lease_and_tells_progress(job: Job) -> None:
    with Heart(job, stall_s=60) as beating:
        age_lease(job)
        beating.progress("segmenting", 2, 5)
        wait_until(lambda: is_leased(job), "the lease is renewed", 10)
        wait_until(lambda: Job.objects.filter(step="segmenting", done=2, total=5).exists(), "progress", 10)


def test_a_heart_stops_beating_when_the_work_stalls_and_goes_on_when_it_moves(job: Job) -> None:
    with Heart(job, stall_s=0.3) as beating:
        beating.progress("segmenting")
        moved = time.monotonic()
        wait_until(lambda: time.monotonic() - moved > 0.6, "the work stalls")
        age_lease(job)
        aged = time.monotonic()
        wait_until(lambda: time.monotonic() - aged > 0.5, "five beats would have been due")
        assert not is_leased(job)
        beating.progress("measuring")
        wait_until(lambda: is_leased(job), "the lease is renewed", 10)


def test_the_work_hears_that_it_is_cancelled(job: Job) -> None:
    with Heart(job, stall_s=60) as beating:
        beating.progress("segmenting")
        assert job_cancel(job=job)
        assert until_told(beating) is Cancelled


def test_the_work_hears_that_its_lease_is_lost(job: Job) -> None:
    with Heart(job, stall_s=60) as beating:
        assert job_release(job_id=job.id, attempt=job.attempt, counted=False) == State.QUEUED
        assert until_told(beating) is LeaseLost


def test_the_work_hears_that_its_worker_stops(
    job: Job, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(stopping.FOLDER, str(tmp_path))
    with Heart(job, stall_s=60) as beating:
        beating.progress("segmenting")
        (tmp_path / "stop").touch()
        assert until_told(beating) is Stopped


def test_the_last_beat_asks_whether_the_job_is_still_ours(job: Job) -> None:
    with Heart(job, stall_s=60) as beating:
        beating.last_beat()
        Job.objects.update(attempt=9)
        with pytest.raises(LeaseLost):
            beating.last_beat()


def test_no_heart_outlives_its_work(job: Job) -> None:
    with pytest.raises(ZeroDivisionError), Heart(job, stall_s=60):
        assert [thread.name for thread in threading.enumerate() if thread.name.startswith("heart-")]
        raise ZeroDivisionError
    assert not [thread.name for thread in threading.enumerate() if thread.name.startswith("heart-")]


def test_a_ledger_that_fails_for_a_moment_does_not_end_the_work(
    job: Job, caplog: pytest.LogCaptureFixture
) -> None:
    def missed() -> bool:
        return "did not reach the ledger" in caplog.text

    with Heart(job, stall_s=60) as beating:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE jobs_job RENAME TO away")
            wait_until(missed, "a beat is missed", 10)
            cursor.execute("ALTER TABLE away RENAME TO jobs_job")
        age_lease(job)
        beating.progress("segmenting", 1, 2)
        wait_until(lambda: is_leased(job), "the heart beats again", 10)
