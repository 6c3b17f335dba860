"""The picture beside the clinic's mask library: ask, follow, and look at what coincides with each nucleus."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_POST, require_safe

from segmentation.errors import DataError
from webapp.accounts.requests import PersonRequest
from webapp.accounts.roles import needs
from webapp.analyses.matching import matching_request, matchings_of
from webapp.analyses.models import Matching
from webapp.analyses.selectors import analyses_of
from webapp.common.responses import file_response, named
from webapp.datasets.models import Sample
from webapp.jobs.selectors import queue_place
from webapp.jobs.services import job_cancel, job_retry
from webapp.portal.results import viewer_facts
from webapp.portal.states import STEPS, job_sentence, percent


@needs("read")
@require_POST
def matching_new(request: PersonRequest, analysis_id: uuid.UUID) -> HttpResponse:
    analysis = get_object_or_404(analyses_of(request.user), pk=analysis_id)
    channels = 1 if request.POST.get("channels") == "1" else 3
    try:
        matching = matching_request(analysis=analysis, user=request.user, channels=channels)
    except DataError as refused:
        messages.error(request, refused.sentence(get_language() or "es"))
        return redirect("analysis", analysis_id=analysis.pk)
    return redirect("matching", matching_id=matching.pk)


@needs("read")
@require_safe
def matching_page(request: PersonRequest, matching_id: uuid.UUID) -> HttpResponse:
    matching = get_object_or_404(matchings_of(request.user), pk=matching_id)
    context = _context(matching)
    if matching.result is not None:
        origins = {str(value): str(name) for value, name in Sample.Origin.choices}
        address = reverse("matching_json", args=[matching.pk, matching.result.sha256])
        context["facts"] = {**viewer_facts(matching.analysis), "result": address, "origins": origins}
    return render(request, "matching/matching.html", context)


@needs("read")
@require_safe
def matching_status(request: PersonRequest, matching_id: uuid.UUID) -> HttpResponse:
    """The fragment that asks for itself while the job lives; then it has the page loaded anew."""
    matching = get_object_or_404(matchings_of(request.user), pk=matching_id)
    response = render(request, "matching/_status.html", _context(matching))
    if matching.result is not None:
        response["HX-Refresh"] = "true"
    return response


@needs("read")
@require_POST
def matching_act(request: PersonRequest, matching_id: uuid.UUID, act: str) -> HttpResponse:
    matching = get_object_or_404(matchings_of(request.user), pk=matching_id)
    {"cancel": job_cancel, "retry": job_retry}[act](job=matching.job)
    return redirect("matching", matching_id=matching.pk)


@needs("read")
@require_safe
def matching_json(request: PersonRequest, matching_id: uuid.UUID, sha256: str) -> HttpResponseBase:
    return file_response(named(get_object_or_404(matchings_of(request.user), pk=matching_id).result, sha256))


def _context(matching: Matching) -> dict[str, Any]:
    job, image = matching.job, matching.analysis.image
    return {
        "matching": matching,
        "analysis": matching.analysis,
        "image": image,
        "case": image.biopsy.case,
        "channels": matching.parameters.get("channels", 3),
        "job": job,
        "place": queue_place(job),
        "step": STEPS.get(job.step, job.step),
        "percent": percent(job),
        "sentence": job_sentence(job),
    }
