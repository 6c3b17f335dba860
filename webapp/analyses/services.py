"""What asks for an analysis, and what writes its result."""

from __future__ import annotations

import hashlib
import json
import uuid
from typing import Any

from django.db import transaction

from segmentation.spec import NUCLEI
from webapp.accounts.models import User
from webapp.analyses.models import Analysis
from webapp.cases.models import BiopsyImage
from webapp.common.models import StoredFile
from webapp.common.storage import Stored, file_row
from webapp.jobs.models import Lane
from webapp.jobs.services import job_create
from webapp.registry.models import ModelVersion
from webapp.registry.paths import int8_parameters, path_parameters, reference_parameters
from webapp.registry.selectors import production, production_or_none

SEGMENT_DEADLINE_S = 2 * 3600


def parameters_digest(parameters: dict[str, Any]) -> str:
    """Equal parameters give equal digests, in whatever order they were written."""
    text = json.dumps(parameters, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


@transaction.atomic
def analysis_request(
    *,
    image: BiopsyImage,
    model_version: ModelVersion | None = None,
    family: str | None = None,
    parameters: dict[str, Any] | None = None,
    user: User | None = None,
) -> Analysis:
    """The analysis of this picture by this version, asked now or before; new ones are queued.

    Without a version it is the one in use of `family`, or of the family that read this picture before.
    Without `parameters` the one that is there counts, whichever path it took through the network; a new one
    takes the path that this installation has measured to be the fastest. Raises BundleError where no version
    is in production.
    """
    version = _version_for(image, family) if model_version is None else model_version
    # The lock lets two askers at once find one row instead of one finding an error.
    BiopsyImage.objects.select_for_update().get(pk=image.pk)
    present = _present(image, version, parameters)
    if present is not None:
        return present
    parameters = path_parameters(version) if parameters is None else dict(parameters)
    analysis_id = uuid.uuid4()
    job = job_create(
        kind="segment",
        lane=Lane.PICTURES,
        clinic_id=image.clinic_id,
        payload={"analysis_id": str(analysis_id)},
        requested_by=user,
        deadline_s=SEGMENT_DEADLINE_S,
    )
    return Analysis.objects.create(
        id=analysis_id,
        clinic_id=image.clinic_id,
        image=image,
        model_version=version,
        parameters=parameters,
        parameters_digest=parameters_digest(parameters),
        job=job,
        requested_by=user,
    )


def _version_for(image: BiopsyImage, family: str | None) -> ModelVersion:
    """The version in use of the family; of NUCLEI where this installation has none of that family."""
    if family is None:
        read = Analysis.objects.filter(image=image).order_by("created_at")
        family = read.values_list("model_version__family", flat=True).first() or NUCLEI
    return production_or_none(image.clinic_id, family) or production(image.clinic_id)


def _present(image: BiopsyImage, version: ModelVersion, parameters: dict[str, Any] | None) -> Analysis | None:
    """The analysis that was asked for before; with several, the newest."""
    either = (reference_parameters(), int8_parameters(version)) if parameters is None else (parameters,)
    digests = [parameters_digest(one) for one in either if one is not None]
    found = Analysis.objects.filter(image=image, model_version=version, parameters_digest__in=digests)
    return found.order_by("-created_at").first()


def analysis_record(
    *,
    analysis_id: uuid.UUID | str,
    attempt: int,
    nuclei_count: int,
    modality: str,
    um_per_px: float | None,
    summary: dict[str, Any],
    labels: Stored,
    overlay: Stored,
    mask_tiles: Stored,
    mask_tiles_info: dict[str, Any],
    nuclei: Stored,
    outlines: Stored,
) -> Analysis:
    """The result. Called inside the fenced transaction that ends the job."""
    analysis = Analysis.objects.get(pk=analysis_id)

    def row(stored: Stored) -> StoredFile:
        return file_row(clinic_id=analysis.clinic_id, stored=stored)

    analysis.attempt = attempt
    analysis.nuclei_count = nuclei_count
    analysis.modality = modality
    analysis.um_per_px = um_per_px
    analysis.summary = dict(summary)
    analysis.labels = row(labels)
    analysis.overlay = row(overlay)
    analysis.mask_tiles = row(mask_tiles)
    analysis.mask_tiles_info = dict(mask_tiles_info)
    analysis.nuclei = row(nuclei)
    analysis.outlines = row(outlines)
    analysis.save()
    return analysis
