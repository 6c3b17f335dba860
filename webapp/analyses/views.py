"""The files of an analysis: what the page draws, and what people take with them."""

from __future__ import annotations

import uuid

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from webapp.accounts.requests import PersonRequest
from webapp.analyses.labelled import LabelledPng, text_chunk
from webapp.analyses.models import Analysis
from webapp.analyses.nuclei import NOTICE, csv_lines
from webapp.analyses.selectors import analyses_of
from webapp.common.models import StoredFile
from webapp.common.responses import disposition, file_response, named, stem, tile_response
from webapp.common.storage import absolute


def _analysis(request: PersonRequest, analysis_id: uuid.UUID) -> Analysis:
    return get_object_or_404(analyses_of(request.user), pk=analysis_id)


@login_required
@require_safe
def mask_tile(
    request: PersonRequest, analysis_id: uuid.UUID, sha256: str, level: int, column: int, row: int, ext: str
) -> HttpResponse:
    tiles = named(_analysis(request, analysis_id).mask_tiles, sha256)
    return tile_response(tiles, level=level, column=column, row=row, ext=ext)


@login_required
@require_safe
def nuclei_json(request: PersonRequest, analysis_id: uuid.UUID, sha256: str) -> HttpResponseBase:
    return file_response(named(_analysis(request, analysis_id).nuclei, sha256))


@login_required
@require_safe
def outlines_json(request: PersonRequest, analysis_id: uuid.UUID, sha256: str) -> HttpResponseBase:
    return file_response(named(_analysis(request, analysis_id).outlines, sha256))


@login_required
@require_safe
def nuclei_csv(request: PersonRequest, analysis_id: uuid.UUID) -> HttpResponseBase:
    analysis = _analysis(request, analysis_id)
    if analysis.nuclei is None:
        raise Http404
    response = StreamingHttpResponse(csv_lines(analysis), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = disposition(_export_name(analysis, "nuclei", ".csv"))
    response["Cache-Control"] = "private, no-store"
    return response


@login_required
@require_safe
def labels_file(request: PersonRequest, analysis_id: uuid.UUID) -> HttpResponseBase:
    analysis = _analysis(request, analysis_id)
    return _picture_export(analysis, analysis.labels, "labels")


@login_required
@require_safe
def overlay_file(request: PersonRequest, analysis_id: uuid.UUID) -> HttpResponseBase:
    analysis = _analysis(request, analysis_id)
    return _picture_export(analysis, analysis.overlay, "overlay")


def _picture_export(analysis: Analysis, stored: StoredFile | None, what: str) -> HttpResponseBase:
    """A picture under a name that says what it is; inside a PNG, the same in words."""
    if stored is None:
        raise Http404
    path = absolute(stored.path)
    name = _export_name(analysis, what, path.suffix)
    if path.suffix != ".png":
        return file_response(stored, download_as=name)
    try:
        file = path.open("rb")
    except FileNotFoundError:
        raise Http404 from None
    version = analysis.model_version
    chunk = text_chunk("Comment", f"Medula: {NOTICE}. {version}, sha256 {version.digest}")
    response = StreamingHttpResponse(LabelledPng(file, chunk), content_type=stored.media_type)
    response["Content-Length"] = str(stored.bytes + len(chunk))
    response["Content-Disposition"] = disposition(name)
    response["Cache-Control"] = "private, no-store"
    return response


def _export_name(analysis: Analysis, what: str, suffix: str) -> str:
    version = analysis.model_version
    made_by = f"{version.family}-{version.version}"
    return f"{stem(analysis.image.original_name)}_{what}_{made_by}_research-use{suffix}"
