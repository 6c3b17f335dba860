"""A new tuning, and the page of one with its trials, best first."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from segmentation.errors import MedulaError
from webapp.accounts.requests import PersonRequest
from webapp.accounts.roles import TRAIN, needs
from webapp.portal.progress import job_view
from webapp.portal.training.forms import TuningForm, frozen_of
from webapp.registry.models import TuningStudy
from webapp.registry.runs import studies_of
from webapp.registry.training import run_request
from webapp.registry.tuning import config_of, study_cancel, study_request, study_retry


@needs(TRAIN)
@require_http_methods(["GET", "HEAD", "POST"])
def tuning_new(request: PersonRequest) -> HttpResponse:
    named = {name: request.GET[name] for name in ("version",) if name in request.GET}
    form = TuningForm(request.POST or None, user=request.user, initial=named)
    if request.method == "POST" and form.is_valid():
        try:
            study = study_request(
                version=form.cleaned_data["version"],
                user=request.user,
                config=form.config(),
                search=form.search(),
            )
        except MedulaError as refused:
            form.add_error(None, refused.sentence(get_language() or "es"))
        else:
            return redirect("tuning_study", study_id=study.pk)
    context = {"form": form, "has_versions": frozen_of(request.user).exists()}
    return render(request, "training/tuning_new.html", context)


def _study(request: PersonRequest, study_id: uuid.UUID | str) -> TuningStudy:
    return get_object_or_404(studies_of(request.user), pk=study_id)


def _context(study: TuningStudy) -> dict[str, Any]:
    trials = sorted(study.trials.all(), key=lambda trial: (-(trial.value or -1.0), trial.number))
    names = list(dict.fromkeys(name for trial in trials for name in trial.params))
    rows = [(trial, [trial.params.get(name) for name in names]) for trial in trials]
    return {"study": study, "state": job_view(study.job), "rows": rows, "names": names}


@needs(TRAIN)
@require_safe
def tuning_study(request: PersonRequest, study_id: uuid.UUID) -> HttpResponse:
    return render(request, "training/tuning.html", _context(_study(request, study_id)))


@needs(TRAIN)
@require_safe
def tuning_status(request: PersonRequest, study_id: uuid.UUID) -> HttpResponse:
    return render(request, "training/_tuning.html", _context(_study(request, study_id)))


@needs(TRAIN)
@require_POST
def tuning_act(request: PersonRequest, study_id: str, act: str) -> HttpResponse:
    study = _study(request, study_id)
    {"cancel": study_cancel, "retry": study_retry}[act](study=study)
    if request.headers.get("HX-Request"):
        return render(request, "training/_tuning.html", _context(_study(request, study_id)))
    return redirect("tuning_study", study_id=study.pk)


@needs(TRAIN)
@require_POST
def tuning_train(request: PersonRequest, study_id: uuid.UUID, number: int) -> HttpResponse:
    """A whole training with the settings of one trial."""
    study = _study(request, study_id)
    trial = study.trials.filter(number=number).first()
    if trial is None:
        raise Http404
    try:
        run = run_request(
            version=study.dataset_version, user=request.user, config=config_of(study=study, trial=trial)
        )
    except MedulaError as refused:
        messages.error(request, refused.sentence(get_language() or "es"))
        return redirect("tuning_study", study_id=study.pk)
    return redirect("training_run", run_id=run.pk)
