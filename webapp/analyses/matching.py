"""Which stored masks coincide best with a picture's nuclei: asked for here, answered by the job `match`.

The library is what the clinic's curators approved, whatever made the mask: imported, drawn by pixel
filtering, found by a model and confirmed, or corrected by hand.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from segmentation.errors import DataError
from webapp.accounts.models import Clinic, User
from webapp.analyses.models import Analysis, Matching
from webapp.analyses.services import parameters_digest
from webapp.common.storage import Stored, file_row
from webapp.datasets.models import Sample
from webapp.jobs.models import Lane, State
from webapp.jobs.services import job_create, job_retry

MATCH_DEADLINE_S = 3600
MOST = 20
ON_A_PAGE = 5


def library_of(clinic: Clinic) -> QuerySet[Sample]:
    """The approved samples of the clinic that carry a mask, oldest first."""
    return (
        Sample.objects.filter(clinic=clinic, review=Sample.Review.APPROVED, labels__isnull=False)
        .filter(dataset__archived_at=None)
        .select_related("picture", "labels", "dataset")
        .order_by("created_at", "id")
    )


def library_digest(clinic: Clinic) -> str:
    """Changes with every picture, mask, class or name of the library, and only then."""
    rows = library_of(clinic).values_list(
        "id", "picture__sha256", "labels__sha256", "category", "name", "origin", "dataset__name"
    )
    text = json.dumps([[str(value) for value in row] for row in rows], ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


@transaction.atomic
def matching_request(
    *, analysis: Analysis, user: User | None, channels: int = 3, k: int = ON_A_PAGE
) -> Matching:
    """The matching of this analysis with the library as it is now, asked now or before.

    One that failed or was cancelled is tried again. Raises DataError where there is nothing to match.
    """
    if channels not in (1, 3) or not 1 <= k <= MOST:
        raise DataError("matching_settings", most=MOST)
    # The lock lets two askers at once find one row instead of one finding an error.
    analysis = (
        Analysis.objects.select_for_update(of=("self",)).select_related("image", "job").get(pk=analysis.pk)
    )
    if analysis.job.state != State.SUCCEEDED or analysis.labels_id is None:
        raise DataError("matching_not_analysed")
    if not library_of(analysis.clinic).exclude(picture_id=analysis.image.original_id).exists():
        raise DataError("matching_library_empty")
    parameters = {"channels": channels, "k": k, "library": library_digest(analysis.clinic)}
    digest = parameters_digest(parameters)
    present = (
        Matching.objects.filter(analysis=analysis, parameters_digest=digest).select_related("job").first()
    )
    if present is not None:
        job_retry(job=present.job)  # does nothing unless it failed or was cancelled
        return present
    matching_id = uuid.uuid4()
    job = job_create(
        kind="match",
        lane=Lane.PICTURES,
        clinic_id=analysis.clinic_id,
        payload={"matching_id": str(matching_id)},
        requested_by=user,
        deadline_s=MATCH_DEADLINE_S,
    )
    return Matching.objects.create(
        id=matching_id,
        clinic_id=analysis.clinic_id,
        analysis=analysis,
        parameters=parameters,
        parameters_digest=digest,
        job=job,
        requested_by=user,
    )


def matching_record(*, matching_id: uuid.UUID | str, result: Stored, summary: dict[str, Any]) -> Matching:
    """The answer. Called inside the fenced transaction that ends the job."""
    matching = Matching.objects.get(pk=matching_id)
    matching.result = file_row(clinic_id=matching.clinic_id, stored=result)
    matching.summary = dict(summary)
    matching.save(update_fields=["result", "summary"])
    return matching


def matchings_of(user: User) -> QuerySet[Matching]:
    """Newest first, with what the page shows of each."""
    return (
        Matching.objects.of(user)
        .select_related(
            "job",
            "result",
            "analysis__job",
            "analysis__model_version",
            "analysis__mask_tiles",
            "analysis__nuclei",
            "analysis__outlines",
            "analysis__image__original",
            "analysis__image__tiles",
            "analysis__image__biopsy__case__patient",
        )
        .order_by("-created_at")
    )
