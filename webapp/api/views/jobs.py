"""Jobs: how far work is, to cancel it or to try it again."""

from __future__ import annotations

import uuid
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from segmentation.errors import DataError
from webapp.accounts.roles import CURATE, READ, TRAIN, UPLOAD
from webapp.accounts.selectors import clinic_of
from webapp.api.idempotency import idempotent
from webapp.api.permissions import scope_check
from webapp.api.serializers.common import JobSerializer
from webapp.api.views.base import ApiView, ListView, OneView, filter_text, one_of, texts
from webapp.jobs.models import Job, State
from webapp.jobs.selectors import queue_places
from webapp.jobs.services import job_cancel, job_retry

SCOPES = {
    **dict.fromkeys(("import", "mask", "freeze"), CURATE),
    **dict.fromkeys(("train", "tune", "evaluate"), TRAIN),
}


def jobs_of(user: Any) -> QuerySet[Job]:
    clinic = clinic_of(user)
    return Job.objects.none() if clinic is None else Job.objects.filter(clinic=clinic)


class Jobs(ListView):
    serializer_class = JobSerializer

    def get_queryset(self) -> QuerySet[Job]:
        found = jobs_of(self.request.user)
        kind, state = filter_text(self.request, "kind"), filter_text(self.request, "state")
        if state and state not in State.values:
            raise ValidationError({"state": ", ".join(State.values)})
        if state:
            found = found.filter(state=state)
        return found.filter(kind=kind) if kind else found

    @extend_schema(
        operation_id="jobs_list", parameters=[*texts("kind"), OpenApiParameter("state", enum=State.values)]
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        jobs = self.paginate_queryset(self.get_queryset()) or []
        # One question a lane, not one a job.
        places: dict[uuid.UUID, int] = {}
        for lane in {job.lane for job in jobs if job.state == State.QUEUED}:
            places |= queue_places(lane=lane)
        context = {**self.get_serializer_context(), "places": places}
        return self.get_paginated_response(JobSerializer(jobs, many=True, context=context).data)


class OneJob(OneView):
    serializer_class = JobSerializer

    def get_queryset(self) -> QuerySet[Job]:
        return jobs_of(self.request.user)


class ChangeJob(ApiView):
    """Who may change a job hangs on its kind."""

    serializer_class = JobSerializer
    write_scope = READ

    def change(self, request: Request, pk: uuid.UUID, act: Any) -> Response:
        job = one_of(jobs_of(self.person), pk)
        scope_check(request, SCOPES.get(job.kind, UPLOAD))
        if not act(job=job):
            job.refresh_from_db()
            raise DataError("state_conflict", state=job.state)
        job.refresh_from_db()
        return self.created(job, JobSerializer, reverse("api:job", args=[pk], request=request), status=202)


class CancelJob(ChangeJob):
    @extend_schema(operation_id="jobs_cancel", request=None, responses={202: JobSerializer})
    @idempotent()
    def post(self, request: Request, pk: uuid.UUID) -> Response:
        """At once while it waits, at its next heartbeat while it runs."""
        return self.change(request, pk, job_cancel)


class RetryJob(ChangeJob):
    @extend_schema(operation_id="jobs_retry", request=None, responses={202: JobSerializer})
    @idempotent()
    def post(self, request: Request, pk: uuid.UUID) -> Response:
        """Queue a failed or cancelled job anew."""
        return self.change(request, pk, job_retry)
