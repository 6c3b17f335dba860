"""One picture read by several versions: read again with another, two laid side by side."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from webapp.accounts.requests import PersonRequest
from webapp.accounts.roles import UPLOAD, needs
from webapp.analyses.models import Analysis
from webapp.analyses.nuclei import sizes_of
from webapp.analyses.selectors import analyses_of
from webapp.analyses.services import analysis_request
from webapp.cases.selectors import images_of
from webapp.jobs.models import State
from webapp.registry.selectors import versions_of_clinic


def versions_context(request: PersonRequest, analysis: Analysis) -> dict[str, Any]:
    """For the page of an analysis: the picture's other analyses, and versions that have not read it."""
    others = list(analyses_of(request.user).filter(image=analysis.image_id))
    read = {other.model_version_id for other in others}
    return {
        "readings": others,
        "unread_versions": [
            version for version in versions_of_clinic(request.user) if version.pk not in read
        ],
    }


@needs(UPLOAD)
@require_POST
def analysis_again(request: PersonRequest, analysis_id: uuid.UUID) -> HttpResponse:
    """The same picture by the version chosen; the analysis there is stays as it is."""
    analysis = get_object_or_404(analyses_of(request.user), pk=analysis_id)
    try:
        version_id = uuid.UUID(request.POST.get("model_version", ""))
    except ValueError:
        raise Http404 from None
    version = get_object_or_404(versions_of_clinic(request.user), pk=version_id)
    found = analysis_request(image=analysis.image, model_version=version, user=request.user)
    return redirect("analysis", analysis_id=found.pk)


@login_required
@require_safe
def compare(request: PersonRequest, image_id: uuid.UUID) -> HttpResponse:
    """Two analyses of one picture; without a choice, the two newest by different versions."""
    image = get_object_or_404(images_of(request.user), pk=image_id)
    done = list(analyses_of(request.user).filter(image=image, job__state=State.SUCCEEDED))
    if len(done) < 2:
        raise Http404
    first = _chosen(done, request.GET.get("a"), done[1])
    second = _chosen(done, request.GET.get("b"), done[0] if first != done[0] else done[1])
    context = {
        "image": image,
        "case": image.biopsy.case,
        "readings": done,
        "sides": [(first, sizes_of(first)), (second, sizes_of(second))],
        "viewer": _facts(first, second),
        "um_per_px": sizes_of(first).um_per_px,
    }
    return render(request, "registry/compare.html", context)


def _chosen(done: list[Analysis], asked: str | None, otherwise: Analysis) -> Analysis:
    if asked is None:
        return otherwise
    found = next((analysis for analysis in done if str(analysis.pk) == asked), None)
    if found is None:
        raise Http404
    return found


def _facts(first: Analysis, second: Analysis) -> dict[str, Any]:
    """What the script needs, as JSON inside the page."""
    tiles = first.image.tiles
    if tiles is None or first.outlines is None or second.outlines is None:
        raise Http404
    base = reverse("image_tile", args=[first.image.pk, tiles.sha256, 0, 0, 0, "x"])
    picture = {**first.image.tiles_info, "base": base.removesuffix("0/0_0.x")}
    return {
        "picture": picture,
        "mask": picture,
        "outlines": [
            reverse("outlines_json", args=[side.pk, side.outlines.sha256])
            for side in (first, second)
            if side.outlines is not None
        ],
    }
