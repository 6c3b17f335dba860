"""Pieces that several resources use."""

from __future__ import annotations

from typing import Any

from django.utils.translation import get_language
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from segmentation.errors import SENTENCES, sentence
from webapp.jobs.models import Job, Lane, State
from webapp.jobs.selectors import queue_place


class FieldErrorSerializer(serializers.Serializer):
    field = serializers.CharField()
    code = serializers.CharField()
    detail = serializers.CharField()


class ProblemSerializer(serializers.Serializer):
    """An error, RFC 9457."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    code = serializers.CharField(help_text="For programs; never changes.")
    detail = serializers.CharField(help_text="For people, in the language asked for.")
    errors = FieldErrorSerializer(many=True, required=False)


class ReasonSerializer(serializers.Serializer):
    code = serializers.CharField()
    detail = serializers.CharField()


class JobSerializer(serializers.Serializer):
    """A piece of queued work. `place` 1 is next; 0: it does not wait."""

    id = serializers.UUIDField()
    kind = serializers.CharField()
    lane = serializers.ChoiceField(Lane.choices)
    state = serializers.ChoiceField(State.choices)
    step = serializers.CharField()
    done = serializers.IntegerField()
    total = serializers.IntegerField()
    attempt = serializers.IntegerField()
    place = serializers.SerializerMethodField()
    cancel_requested = serializers.BooleanField()
    error = serializers.SerializerMethodField()
    created_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)

    def get_place(self, job: Job) -> int:
        places = self.context.get("places")
        return queue_place(job) if places is None else places.get(job.pk, 0)

    @extend_schema_field(ReasonSerializer(allow_null=True))
    def get_error(self, job: Job) -> dict[str, str] | None:
        return reason(job)


def reason(job: Job) -> dict[str, str] | None:
    """Why the job failed, in the reader's language."""
    if not job.error_code:
        return None
    params = {"error_id": job.error_id or "—", **job.error_params}
    code = job.error_code if job.error_code in SENTENCES else "unexpected"
    return {"code": job.error_code, "detail": _said(code, params)}


def _said(code: str, params: dict[str, Any]) -> str:
    language = get_language() or "es"
    try:
        return sentence(code, params, language)
    except (KeyError, IndexError, ValueError):  # the parameters are not those the sentence needs
        return sentence("unexpected", {"error_id": params["error_id"]}, language)
