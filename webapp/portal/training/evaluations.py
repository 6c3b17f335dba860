"""The page of one evaluation: figures by kind of picture beside the baselines, and pictures to look at."""

from __future__ import annotations

import uuid
from itertools import groupby
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.views.decorators.http import require_POST, require_safe

from segmentation.errors import MedulaError
from webapp.accounts.requests import PersonRequest
from webapp.accounts.roles import TRAIN, needs
from webapp.jobs.services import job_cancel, job_retry
from webapp.portal.modalities import modality_name
from webapp.portal.progress import job_view
from webapp.portal.training.forms import EvaluationForm
from webapp.registry.evaluating import evaluation_request
from webapp.registry.models import Evaluation
from webapp.registry.runs import evaluations_of


def _evaluation(request: PersonRequest, evaluation_id: uuid.UUID | str) -> Evaluation:
    return get_object_or_404(evaluations_of(request.user), pk=evaluation_id)


def _context(evaluation: Evaluation) -> dict[str, Any]:
    rows = [row for row in evaluation.report.get("rows", []) if isinstance(row, dict)]
    kinds = [
        (modality_name(kind), list(of_kind)) for kind, of_kind in groupby(rows, lambda row: row["modality"])
    ]
    panels = evaluation.panels.select_related("picture")
    return {
        "evaluation": evaluation,
        "state": job_view(evaluation.job),
        "kinds": kinds,
        "doubt": _doubt(evaluation.report.get("confidence")),
        "panels": [(panel, modality_name(panel.modality)) for panel in panels],
    }


def _doubt(said: Any) -> dict[str, Any] | None:
    """How far the confidences held, for the page; None where the network claims none."""
    if not isinstance(said, dict):
        return None
    kinds = [(modality_name(kind), row) for kind, row in said["kinds"].items()]
    width = 100 * said["counts"]["median_half_width"]
    return {"all": said["calibration"], "counts": said["counts"], "width": width, "kinds": kinds}


@needs(TRAIN)
@require_safe
def evaluation(request: PersonRequest, evaluation_id: uuid.UUID) -> HttpResponse:
    return render(request, "training/evaluation.html", _context(_evaluation(request, evaluation_id)))


@needs(TRAIN)
@require_safe
def evaluation_status(request: PersonRequest, evaluation_id: uuid.UUID) -> HttpResponse:
    return render(request, "training/_evaluation.html", _context(_evaluation(request, evaluation_id)))


@needs(TRAIN)
@require_POST
def evaluation_act(request: PersonRequest, evaluation_id: str, act: str) -> HttpResponse:
    found = _evaluation(request, evaluation_id)
    {"cancel": job_cancel, "retry": job_retry}[act](job=found.job)
    if request.headers.get("HX-Request"):
        return render(request, "training/_evaluation.html", _context(_evaluation(request, evaluation_id)))
    return redirect("evaluation", evaluation_id=found.pk)


@needs(TRAIN)
@require_POST
def evaluation_new(request: PersonRequest) -> HttpResponse:
    """Have a model version read a frozen version's test part: the one reading there is, if it was read."""
    form = EvaluationForm(request.POST, user=request.user)
    if not form.is_valid():
        for errors in form.errors.values():
            messages.error(request, str(errors[0]))
        return redirect("trainings")
    try:
        found = evaluation_request(
            model_version=form.cleaned_data["model_version"],
            version=form.cleaned_data["version"],
            user=request.user,
        )
    except MedulaError as refused:
        messages.error(request, refused.sentence(get_language() or "es"))
        return redirect("trainings")
    return redirect("evaluation", evaluation_id=found.pk)
