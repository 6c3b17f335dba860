"""Every way a job may go, and none it may not."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks

from webapp.jobs.models import Job, State
from webapp.jobs.selectors import queue_place
from webapp.jobs.services import (
    job_beat,
    job_cancel,
    job_claim,
    job_create,
    job_fail,
    job_release,
    job_retry,
    job_stop,
    job_succeed,
    jobs_create,
    this_host,
)

pytestmark = pytest.mark.django_db


def ask(clinic: Any, **changes: Any) -> Job:
    return job_create(
        **{
            "kind": "prepare",
            "lane": "pictures",
            "clinic_id": clinic.id,
            "payload": {"image_id": "1"},
            **changes,
        }
    )


def claim(lane: str = "pictures") -> Job | None:
    return job_claim(lane=lane, owner=this_host(), pid=os.getpid())


def claimed(clinic: Any, **changes: Any) -> Job:
    ask(clinic, **changes)
    job = claim()
    assert job is not None
    return job


def messages(var: Path) -> list[str]:
    return [path.name.split(".", 1)[1] for path in (var / "broker" / "messages").glob("*.msg")]


def test_asking_rings_its_lane_once_the_transaction_is_committed(
    clinic: Any, installation: Path, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        job = ask(clinic)
        assert not (installation / "broker").exists()
    assert messages(installation) == ["pictures.msg"]
    assert (job.state, job.attempt, job.payload) == (State.QUEUED, 0, {"image_id": "1"})


def test_many_asked_for_at_once_ring_once(
    clinic: Any, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    payloads = ({"number": number} for number in range(7))
    with django_capture_on_commit_callbacks() as callbacks:
        jobs = jobs_create(kind="mask", lane="pictures", clinic_id=clinic.id, payloads=payloads)
        assert jobs_create(kind="mask", lane="pictures", clinic_id=clinic.id, payloads=[]) == []
    assert len(callbacks) == 1
    assert [job.payload["number"] for job in jobs] == list(range(7))
    assert Job.objects.filter(state=State.QUEUED, kind="mask").count() == 7


def test_a_claim_takes_the_oldest_of_its_lane_and_leases_it_to_this_process(clinic: Any) -> None:
    first, second = ask(clinic), ask(clinic)
    ask(clinic, lane="training")
    now = timezone.now()
    job = claim()
    assert job is not None
    assert (job.id, job.state, job.attempt, job.attempts_used) == (first.id, State.RUNNING, 1, 1)
    assert (job.lease_owner, job.lease_pid) == (this_host(), os.getpid())
    assert job.lease_until is not None
    assert timedelta(seconds=59) < job.lease_until - now < timedelta(seconds=61)
    following = claim()
    assert following is not None and following.id == second.id
    assert claim() is None


def test_the_place_in_the_queue_counts_down_to_the_next(clinic: Any) -> None:
    jobs = [ask(clinic) for _ in range(3)]
    ask(clinic, lane="training")
    assert [queue_place(job) for job in jobs] == [1, 2, 3]
    running = claim()
    assert running is not None and queue_place(running) == 0
    assert [queue_place(job) for job in jobs[1:]] == [1, 2]


def test_a_beat_renews_the_lease_and_tells_the_progress(clinic: Any) -> None:
    job = claimed(clinic)
    Job.objects.update(lease_until=timezone.now() - timedelta(seconds=5))
    beat = job_beat(job_id=job.id, attempt=1, step="segmenting", done=3, total=7)
    assert (beat.alive, beat.cancel) == (True, False)
    job.refresh_from_db()
    assert (job.step, job.done, job.total) == ("segmenting", 3, 7)
    assert job.lease_until is not None and job.lease_until > timezone.now() + timedelta(seconds=55)


def test_success_ends_the_job_and_its_lease(clinic: Any) -> None:
    job = claimed(clinic)
    assert job_succeed(job_id=job.id, attempt=1)
    job.refresh_from_db()
    assert (job.state, job.lease_until, job.lease_pid) == (State.SUCCEEDED, None, None)
    assert job.finished_at is not None and job.is_ended


def test_whoever_lost_the_job_changes_nothing_any_more(clinic: Any) -> None:
    job = claimed(clinic)
    assert job_release(job_id=job.id, attempt=1, counted=False) == State.QUEUED
    again = claim()
    assert again is not None and again.attempt == 2
    before = Job.objects.values().get()
    assert not job_beat(job_id=job.id, attempt=1, step="late", done=1, total=1).alive
    assert not job_succeed(job_id=job.id, attempt=1)
    assert not job_fail(job_id=job.id, attempt=1, code="unexpected", params={})
    assert not job_stop(job_id=job.id, attempt=1)
    assert job_release(job_id=job.id, attempt=1, counted=True) == ""
    assert Job.objects.values().get() == before


def test_a_refusal_fails_at_once_with_its_code(clinic: Any) -> None:
    job = claimed(clinic)
    assert job_fail(job_id=job.id, attempt=1, code="too_small", params={"width": 3}, error_id="ab12cd34")
    job.refresh_from_db()
    assert (job.state, job.error_code, job.error_id) == (State.FAILED, "too_small", "ab12cd34")
    assert job.error_params == {"width": 3}


def test_a_fault_of_the_machine_waits_and_after_three_attempts_fails(clinic: Any) -> None:
    job = claimed(clinic)
    for attempt in (1, 2):
        state = job_release(job_id=job.id, attempt=attempt, counted=True, code="storage_fault")
        assert state == State.QUEUED
        assert claim() is None, "a fault is given time to pass"
        Job.objects.update(not_before=timezone.now())
        taken = claim()
        assert taken is not None and taken.attempt == attempt + 1
    assert job_release(job_id=job.id, attempt=3, counted=True, code="storage_fault") == State.FAILED
    job.refresh_from_db()
    assert (job.error_code, job.attempts_used, job.lease_until) == ("storage_fault", 3, None)


def test_orderly_stops_never_use_up_the_attempts(clinic: Any) -> None:
    job = claimed(clinic)
    for attempt in range(1, 7):
        assert job_release(job_id=job.id, attempt=attempt, counted=False) == State.QUEUED
        again = claim()
        assert again is not None
        assert (again.attempt, again.attempts_used) == (attempt + 1, 1)


def test_a_waiting_job_is_cancelled_at_once(clinic: Any) -> None:
    job = ask(clinic)
    assert job_cancel(job=job)
    job.refresh_from_db()
    assert job.state == State.CANCELLED and job.finished_at is not None
    assert claim() is None
    assert not job_cancel(job=job)


def test_a_running_job_hears_the_cancel_at_its_next_beat(clinic: Any) -> None:
    job = claimed(clinic)
    assert job_cancel(job=job)
    beat = job_beat(job_id=job.id, attempt=1, step="", done=0, total=0)
    assert (beat.alive, beat.cancel) == (True, True)
    assert job_stop(job_id=job.id, attempt=1)
    job.refresh_from_db()
    assert job.state == State.CANCELLED and job.lease_until is None


@pytest.mark.parametrize("counted", [True, False])
def test_a_cancelled_job_that_is_handed_back_does_not_run_again(clinic: Any, counted: bool) -> None:
    job = claimed(clinic)
    job_cancel(job=job)
    assert job_release(job_id=job.id, attempt=1, counted=counted) == State.CANCELLED
    assert claim() is None


def test_a_retry_gives_all_attempts_back_but_keeps_the_fence(
    clinic: Any, installation: Path, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    job = claimed(clinic)
    job_cancel(job=job)
    job_fail(job_id=job.id, attempt=1, code="unexpected", params={"error_id": "x"}, error_id="x")
    with django_capture_on_commit_callbacks(execute=True):
        assert job_retry(job=job)
    assert messages(installation) == ["pictures.msg"]
    job.refresh_from_db()
    assert (job.state, job.attempt, job.attempts_used) == (State.QUEUED, 1, 0)
    assert (job.error_code, job.error_params, job.error_id, job.cancel_requested) == ("", {}, "", False)
    again = claim()
    assert again is not None and again.attempt == 2


@pytest.mark.parametrize("state", [State.QUEUED, State.SUCCEEDED])
def test_only_failed_and_cancelled_jobs_are_retried(clinic: Any, state: State) -> None:
    job = ask(clinic)
    Job.objects.update(state=state)
    assert not job_retry(job=job)
    job.refresh_from_db()
    assert job.state == state


def test_the_database_itself_refuses_a_running_job_without_a_lease(clinic: Any) -> None:
    job = ask(clinic)
    with pytest.raises(IntegrityError), transaction.atomic():
        Job.objects.filter(id=job.id).update(state=State.RUNNING)
    with pytest.raises(IntegrityError), transaction.atomic():
        Job.objects.filter(id=job.id).update(state="sleeping")
