"""The list of trainings, a new one, and the page of one with its curves."""

from __future__ import annotations

import uuid
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from segmentation.errors import MedulaError
from webapp.accounts.requests import PersonRequest
from webapp.accounts.roles import TRAIN, needs
from webapp.portal.progress import job_views
from webapp.portal.training.forms import EvaluationForm, TrainingForm, frozen_of
from webapp.portal.training.views import curves_of, run_view, run_views
from webapp.registry.estimates import estimate_s, is_measured
from webapp.registry.models import TrainingRun
from webapp.registry.runs import evaluations_of, runs_of, studies_of
from webapp.registry.training import run_cancel, run_request, run_retry
from webapp.registry.training_settings import settings_read

RUNS_A_PAGE = 20
OTHERS = 8


@needs(TRAIN)
@require_safe
def trainings(request: PersonRequest) -> HttpResponse:
    context = _list(request) | {"form": EvaluationForm(user=request.user)}
    return render(request, "training/list.html", context)


@needs(TRAIN)
@require_safe
def trainings_list(request: PersonRequest) -> HttpResponse:
    """The fragment that asks for itself again until every job has ended."""
    return render(request, "training/_list.html", _list(request))


def _list(request: PersonRequest) -> dict[str, Any]:
    page = Paginator(runs_of(request.user), RUNS_A_PAGE).get_page(request.GET.get("page"))
    runs = run_views(page.object_list)
    studies, evaluations = studies_of(request.user)[:OTHERS], evaluations_of(request.user)[:OTHERS]
    states = job_views([*(study.job for study in studies), *(one.job for one in evaluations)])
    others = {
        "studies": [(study, states[study.job_id]) for study in studies],
        "evaluations": [(one, states[one.job_id]) for one in evaluations],
    }
    live = any(run.state.is_live for run in runs) or any(state.is_live for state in states.values())
    return {
        "page": page,
        "runs": runs,
        **others,
        "is_live": live,
        "has_versions": frozen_of(request.user).exists(),
    }


@needs(TRAIN)
@require_http_methods(["GET", "HEAD", "POST"])
def training_new(request: PersonRequest) -> HttpResponse:
    """A training; refused in words on the same page when it cannot be."""
    named = {name: request.GET[name] for name in ("version", "start") if name in request.GET}
    form = TrainingForm(request.POST or None, user=request.user, initial=named)
    if request.method == "POST" and form.is_valid():
        try:
            run = run_request(
                version=form.cleaned_data["version"],
                user=request.user,
                config=form.config(),
                start_version=form.cleaned_data["start"],
            )
        except MedulaError as refused:
            form.add_error(None, refused.sentence(get_language() or "es"))
        else:
            return redirect("training_run", run_id=run.pk)
    context = {"form": form, "has_versions": frozen_of(request.user).exists()}
    return render(request, "training/new.html", context, status=200)


@needs(TRAIN)
@require_safe
def training_estimate(request: PersonRequest) -> HttpResponse:
    """How long what stands in the form would take; nothing where it does not yet make sense."""
    form = TrainingForm(request.GET, user=request.user)
    form.fields["version"].required = False
    seconds = None
    if form.is_valid():
        try:
            seconds = estimate_s(settings_read(form.config(), form.cleaned_data["start"]))
        except MedulaError:
            seconds = None
    context = {"seconds": seconds, "is_measured": is_measured()}
    return render(request, "training/_estimate.html", context)


def _run(request: PersonRequest, run_id: uuid.UUID | str) -> TrainingRun:
    return get_object_or_404(runs_of(request.user), pk=run_id)


def _context(request: PersonRequest, run: TrainingRun) -> dict[str, Any]:
    evaluation = None
    if run.model_version_id:
        readings = evaluations_of(request.user).filter(model_version=run.model_version_id)
        evaluation = readings.filter(dataset_version=run.dataset_version_id).first()
    return {"view": run_view(run), "run": run, "evaluation": evaluation}


@needs(TRAIN)
@require_safe
def training_run(request: PersonRequest, run_id: uuid.UUID) -> HttpResponse:
    return render(request, "training/run.html", _context(request, _run(request, run_id)))


@needs(TRAIN)
@require_safe
def training_status(request: PersonRequest, run_id: uuid.UUID) -> HttpResponse:
    return render(request, "training/_run.html", _context(request, _run(request, run_id)))


@needs(TRAIN)
@require_safe
def training_curves(request: PersonRequest, run_id: uuid.UUID) -> HttpResponseBase:
    return JsonResponse(curves_of(run_view(_run(request, run_id))))


@needs(TRAIN)
@require_POST
def training_act(request: PersonRequest, run_id: str, act: str) -> HttpResponse:
    """Cancel it, or go on with it; then its page as it stands."""
    run = _run(request, run_id)
    {"cancel": run_cancel, "retry": run_retry}[act](run=run)
    if request.headers.get("HX-Request"):
        return render(request, "training/_run.html", _context(request, _run(request, run_id)))
    return redirect("training_run", run_id=run.pk)
