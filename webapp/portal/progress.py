"""How a job stands, for any page that shows one: its state, place, step and sentence."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.utils.functional import Promise

from webapp.jobs.models import Job, State
from webapp.jobs.selectors import queue_places
from webapp.portal.states import STEPS, job_sentence, percent


@dataclass(frozen=True)
class JobView:
    """One job as a page shows it; `place` is 0 where it does not wait."""

    job: Job
    place: int = 0

    @property
    def key(self) -> str:
        return self.job.state

    @property
    def is_live(self) -> bool:
        return self.job.state in {State.QUEUED, State.RUNNING}

    @property
    def is_done(self) -> bool:
        return self.job.state == State.SUCCEEDED

    @property
    def can_retry(self) -> bool:
        return self.job.state in {State.FAILED, State.CANCELLED}

    @property
    def step(self) -> Promise | str:
        return STEPS.get(self.job.step, self.job.step)

    @property
    def percent(self) -> int:
        return percent(self.job)

    @property
    def sentence(self) -> str:
        return job_sentence(self.job)


def job_views(jobs: Iterable[Job]) -> dict[UUID, JobView]:
    """The views of many jobs by the job's id; a lane's queue is asked once, and only where one waits."""
    jobs = list(jobs)
    places: dict[UUID, int] = {}
    for lane in {job.lane for job in jobs if job.state == State.QUEUED}:
        places |= queue_places(lane=lane)
    return {job.pk: JobView(job, places.get(job.pk, 0)) for job in jobs}


def job_view(job: Job) -> JobView:
    return job_views([job])[job.pk]
