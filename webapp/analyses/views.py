"""The files of an analysis: what the page draws, and what people take with them."""

from __future__ import annotations

import uuid

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from webapp.accounts.requests import PersonRequest
from webapp.analyses.downloads import nuclei_csv_export, picture_export
from webapp.analyses.models import Analysis
from webapp.analyses.selectors import analyses_of
from webapp.common.responses import file_response, named, tile_response


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
    return nuclei_csv_export(_analysis(request, analysis_id))


@login_required
@require_safe
def labels_file(request: PersonRequest, analysis_id: uuid.UUID) -> HttpResponseBase:
    analysis = _analysis(request, analysis_id)
    return picture_export(analysis, analysis.labels, "labels")


@login_required
@require_safe
def overlay_file(request: PersonRequest, analysis_id: uuid.UUID) -> HttpResponseBase:
    analysis = _analysis(request, analysis_id)
    return picture_export(analysis, analysis.overlay, "overlay")
