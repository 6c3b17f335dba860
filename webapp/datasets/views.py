"""The files of a sample: thumbnail, outlines, picture, labels. The clinic's wall stands before each."""

from __future__ import annotations

import uuid

from django.http import Http404, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from webapp.accounts.requests import PersonRequest
from webapp.accounts.roles import READ, needs
from webapp.common.models import StoredFile
from webapp.common.responses import file_response, named, stem
from webapp.datasets.models import Sample

# What every browser draws by itself. A TIFF is not among them: its thumbnail stands for it.
SHOWN = frozenset({"image/png", "image/jpeg", "image/webp", "image/bmp"})


def _sample(request: PersonRequest, sample_id: uuid.UUID) -> Sample:
    return get_object_or_404(Sample.objects.of(request.user), pk=sample_id)


@needs(READ)
@require_safe
def sample_thumbnail(request: PersonRequest, sample_id: uuid.UUID, sha256: str) -> HttpResponseBase:
    return file_response(named(_sample(request, sample_id).thumbnail, sha256))


@needs(READ)
@require_safe
def sample_outlines(request: PersonRequest, sample_id: uuid.UUID, sha256: str) -> HttpResponseBase:
    return file_response(named(_sample(request, sample_id).outlines, sha256))


@needs(READ)
@require_safe
def sample_picture(request: PersonRequest, sample_id: uuid.UUID, sha256: str) -> HttpResponseBase:
    """The picture itself, to be shown; 404 where a browser could not draw it."""
    picture = named(_sample(request, sample_id).picture, sha256)
    if picture.media_type not in SHOWN:
        raise Http404
    return file_response(picture)


@needs(READ)
@require_safe
def sample_original(request: PersonRequest, sample_id: uuid.UUID) -> HttpResponseBase:
    sample = _sample(request, sample_id)
    return file_response(sample.picture, download_as=sample.name)


@needs(READ)
@require_safe
def sample_labels(request: PersonRequest, sample_id: uuid.UUID) -> HttpResponseBase:
    sample = _sample(request, sample_id)
    labels: StoredFile | None = sample.labels
    if labels is None:
        raise Http404
    ending = ".png" if labels.media_type == "image/png" else ".tif"
    return file_response(labels, download_as=f"{stem(sample.name)}_labels{ending}")
