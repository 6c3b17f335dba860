"""Reads about jobs. Every one that a page uses is held to a clinic by its caller's own row."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Q

from webapp.jobs.models import Job, State


def queue_place(job: Job) -> int:
    """The job's place in its lane: 1 is next, 0 means it does not wait."""
    if job.state != State.QUEUED:
        return 0
    before = Q(queued_at__lt=job.queued_at) | Q(queued_at=job.queued_at, id__lt=job.id)
    return 1 + Job.objects.filter(before, lane=job.lane, state=State.QUEUED).count()


def queue_places(*, lane: str) -> dict[UUID, int]:
    """The place of every job that waits in the lane: one question for a page of many."""
    queued = Job.objects.filter(lane=lane, state=State.QUEUED).order_by("queued_at", "id")
    return {job_id: place for place, job_id in enumerate(queued.values_list("id", flat=True), start=1)}
