"""Work that got further is not counted against it; work that stands still is, three times."""

from __future__ import annotations

from typing import Any

import pytest

from webapp.jobs.leases import lease_end
from webapp.jobs.models import Job, State
from webapp.jobs.services import job_checkpoint, job_claim, job_create

pytestmark = pytest.mark.django_db


@pytest.fixture
def job(clinic: Any) -> Job:
    return job_create(kind="train", lane="training", clinic_id=clinic.pk, payload={})


def claim() -> Job:
    found = job_claim(lane="training", owner="here", pid=1)
    assert found is not None
    return found


def interrupted(held: Job) -> str:
    return lease_end(job_id=held.pk, attempt=held.attempt, counted=True)


def test_attempts_that_moved_the_checkpoint_do_not_count(job: Job) -> None:
    for epoch in range(1, 8):
        held = claim()
        assert job_checkpoint(job_id=job.pk, attempt=held.attempt, checkpoint=epoch)
        assert interrupted(held) == State.QUEUED
    job.refresh_from_db()
    assert (job.checkpoint, job.attempt, job.attempts_used) == (7, 7, 0)


def test_three_attempts_in_a_row_without_progress_are_the_end(job: Job) -> None:
    held = claim()
    assert job_checkpoint(job_id=job.pk, attempt=held.attempt, checkpoint=3)
    assert interrupted(held) == State.QUEUED
    ends = []
    for _ in range(3):
        held = claim()
        # The same checkpoint again is no progress.
        assert job_checkpoint(job_id=job.pk, attempt=held.attempt, checkpoint=3)
        ends.append(interrupted(held))
    assert ends == [State.QUEUED, State.QUEUED, State.FAILED]


def test_a_checkpoint_never_goes_back(job: Job) -> None:
    held = claim()
    assert job_checkpoint(job_id=job.pk, attempt=held.attempt, checkpoint=5)
    assert job_checkpoint(job_id=job.pk, attempt=held.attempt, checkpoint=2)
    job.refresh_from_db()
    assert job.checkpoint == 5


def test_whoever_lost_the_job_moves_nothing(job: Job) -> None:
    late = claim()
    interrupted(late)
    claim()
    assert not job_checkpoint(job_id=job.pk, attempt=late.attempt, checkpoint=9)
    job.refresh_from_db()
    assert (job.checkpoint, job.attempts_used) == (0, 2)
