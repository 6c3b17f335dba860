"""“This prediction is right”: an analysis becomes a sample of a data set."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from segmentation.errors import MedulaError
from webapp.accounts.models import User
from webapp.accounts.requests import PersonRequest
from webapp.accounts.roles import CURATE, UPLOAD, may, needs
from webapp.analyses.models import Analysis
from webapp.analyses.samples import analysis_confirm
from webapp.analyses.selectors import analyses_of
from webapp.datasets.selectors import datasets_of, samples_of


def confirming(user: User, analysis: Analysis) -> dict[str, Any]:
    """What the form on the page of an analysis needs; `confirmed` are the samples made of it."""
    if not may(user, UPLOAD):
        return {"confirm_datasets": [], "confirmed": [], "may_curate": False}
    confirmed = list(samples_of(user).filter(analysis_id=analysis.pk))
    others = datasets_of(user).filter(archived_at=None).exclude(pk__in=[s.dataset_id for s in confirmed])
    return {
        "confirm_datasets": list(others.order_by("name")),
        "confirmed": confirmed,
        "may_curate": may(user, CURATE),
    }


@needs(UPLOAD)
@require_POST
def analysis_confirmed(request: PersonRequest, analysis_id: uuid.UUID) -> HttpResponse:
    """A curator's word is its review; from others the sample waits for one."""
    analysis = get_object_or_404(analyses_of(request.user), pk=analysis_id)
    dataset = get_object_or_404(datasets_of(request.user), pk=_uuid(request.POST.get("dataset", "")))
    try:
        analysis_confirm(analysis=analysis, dataset=dataset, user=request.user)
    except MedulaError as refusal:
        messages.warning(request, refusal.sentence(get_language() or "es"))
    else:
        messages.success(request, _("It is now a sample of %(name)s.") % {"name": dataset.name})
    return redirect("analysis", analysis_id=analysis.pk)


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
