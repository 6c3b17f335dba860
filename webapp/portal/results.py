"""The page of one analysis: picture, mask and overlay side by side, and all that is known of the nuclei."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from segmentation.formats import NOTES, note_sentence
from webapp.accounts.requests import PersonRequest
from webapp.analyses.models import Analysis
from webapp.analyses.nuclei import sizes_of
from webapp.analyses.quality import doubts_of
from webapp.analyses.selectors import analyses_of
from webapp.cases.models import BiopsyImage
from webapp.jobs.models import Lane, State
from webapp.jobs.selectors import queue_places
from webapp.portal.datasets.confirm import confirming
from webapp.portal.modalities import modality_name
from webapp.portal.registry.compare import versions_context
from webapp.portal.selectors import neighbours
from webapp.portal.states import PictureState, picture_state
from webapp.registry.selectors import accuracy_rows


@login_required
@require_safe
def analysis_page(request: PersonRequest, analysis_id: uuid.UUID) -> HttpResponse:
    analysis = get_object_or_404(analyses_of(request.user), pk=analysis_id)
    state = _state(analysis)
    context = _context(analysis, state)
    if state.is_done:
        context |= _result(analysis) | confirming(request.user, analysis)
        context |= versions_context(request, analysis)
    return render(request, "analyses/analysis.html", context)


@login_required
@require_safe
def analysis_status(request: PersonRequest, analysis_id: uuid.UUID) -> HttpResponse:
    """The fragment that asks for itself while the job lives; then it has the page loaded anew."""
    analysis = get_object_or_404(analyses_of(request.user), pk=analysis_id)
    state = _state(analysis)
    response = render(request, "analyses/_status.html", _context(analysis, state))
    if state.is_done:
        response["HX-Refresh"] = "true"
    return response


def _state(analysis: Analysis) -> PictureState:
    places = queue_places(lane=Lane.PICTURES) if analysis.job.state == State.QUEUED else {}
    return picture_state(analysis.image, analysis, places)


def _context(analysis: Analysis, state: PictureState) -> dict[str, Any]:
    before, after = neighbours(analysis.image)
    return {
        "analysis": analysis,
        "state": state,
        "image": analysis.image,
        "biopsy": analysis.image.biopsy,
        "case": analysis.image.biopsy.case,
        "before": _link(before),
        "after": _link(after),
    }


def _link(image: BiopsyImage | None) -> dict[str, str] | None:
    """Where a neighbouring picture leads: to its newest analysis, where it has one."""
    analysis = None if image is None else image.analyses.order_by("-created_at").first()
    if image is None or analysis is None:
        return None
    return {"name": image.original_name, "url": reverse("analysis", args=[analysis.pk])}


def _result(analysis: Analysis) -> dict[str, Any]:
    kind, rows = accuracy_rows(analysis.model_version, analysis.modality)
    language = get_language() or "es"
    return {
        "sizes": sizes_of(analysis),
        "modality": modality_name(analysis.modality),
        "accuracy_kind": kind,
        "accuracy_name": modality_name(kind),
        "accuracy": rows,
        "doubts": doubts_of(analysis, language),
        "notes": [note_sentence(note, language) for note in analysis.image.notes if note in NOTES],
        "viewer": viewer_facts(analysis),
    }


def viewer_facts(analysis: Analysis) -> dict[str, Any]:
    """What the script of the viewers needs, as JSON inside the page."""
    image = analysis.image
    tiles, mask = image.tiles, analysis.mask_tiles
    nuclei, outlines = analysis.nuclei, analysis.outlines
    assert tiles and mask and nuclei and outlines  # a job that succeeded wrote them all
    picture_base = reverse("image_tile", args=[image.pk, tiles.sha256, 0, 0, 0, "x"])
    mask_base = reverse("mask_tile", args=[analysis.pk, mask.sha256, 0, 0, 0, "x"])
    return {
        "picture": {**image.tiles_info, "base": picture_base.removesuffix("0/0_0.x")},
        "mask": {**analysis.mask_tiles_info, "base": mask_base.removesuffix("0/0_0.x")},
        "nuclei": reverse("nuclei_json", args=[analysis.pk, nuclei.sha256]),
        "outlines": reverse("outlines_json", args=[analysis.pk, outlines.sha256]),
        "um_per_px": sizes_of(analysis).um_per_px,
    }
