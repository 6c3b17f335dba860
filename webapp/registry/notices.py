"""What the curators of a clinic should hear, and who has heard it."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from webapp.accounts.models import User
from webapp.registry.models import ModelVersion, Notice, TrainingRun


def notice_create(
    *,
    clinic_id: int,
    code: str,
    params: dict[str, Any],
    run: TrainingRun | None = None,
    model_version: ModelVersion | None = None,
) -> Notice:
    """`params["reasons"]`, where there, are {code, params} of further sentences."""
    return Notice.objects.create(
        clinic_id=clinic_id, code=code, params=params, run=run, model_version=model_version
    )


def notices_of(user: User) -> QuerySet[Notice]:
    return Notice.objects.of(user).select_related("run", "model_version")


def notices_unread(user: User) -> QuerySet[Notice]:
    return notices_of(user).exclude(read_by=user)


@transaction.atomic
def notices_read(*, user: User, notice_ids: list[Any] | None = None) -> int:
    """Mark these, or all, as read by this person. How many were new to them."""
    unread = notices_unread(user)
    if notice_ids is not None:
        unread = unread.filter(pk__in=notice_ids)
    fresh = list(unread)
    through = Notice.read_by.through
    through.objects.bulk_create(
        [through(notice_id=notice.pk, user_id=user.pk) for notice in fresh], ignore_conflicts=True
    )
    return len(fresh)
