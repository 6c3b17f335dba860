"""What others ask about analyses."""

from __future__ import annotations

from django.db.models import QuerySet

from webapp.accounts.models import User
from webapp.analyses.models import Analysis


def analyses_of(user: User) -> QuerySet[Analysis]:
    """Newest first: where a picture was read by several versions, the first is the one to show."""
    return (
        Analysis.objects.of(user)
        .select_related(
            "job",
            "model_version",
            "labels",
            "overlay",
            "mask_tiles",
            "nuclei",
            "outlines",
            "image__original",
            "image__tiles",
            "image__thumbnail",
            "image__biopsy__case__patient",
        )
        .order_by("-created_at")
    )
