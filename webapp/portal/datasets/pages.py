"""The list of data sets, a new one, and the page of one with its imports and versions."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from segmentation.errors import MedulaError
from webapp.accounts.requests import PersonRequest
from webapp.accounts.roles import CURATE, needs
from webapp.accounts.selectors import clinic_of
from webapp.datasets.models import Dataset
from webapp.datasets.selectors import datasets_of, imports_of, samples_of, versions_of
from webapp.datasets.services import dataset_archive, dataset_change, dataset_create, version_freeze
from webapp.jobs.services import job_cancel, job_retry
from webapp.portal.datasets.forms import DatasetForm, initial_of
from webapp.portal.datasets.reports import import_report
from webapp.portal.datasets.selectors import dataset_rows, imports_shown, review_counts, versions_shown

ACTS = {"cancel": job_cancel, "retry": job_retry}


@needs(CURATE)
@require_safe
def datasets(request: PersonRequest) -> HttpResponse:
    return render(request, "datasets/list.html", {"rows": dataset_rows(request.user)})


@needs(CURATE)
@require_http_methods(["GET", "HEAD", "POST"])
def dataset_new(request: PersonRequest) -> HttpResponse:
    form = DatasetForm(request.POST or None)
    clinic = clinic_of(request.user)
    if request.method == "POST" and form.is_valid() and clinic is not None:
        try:
            dataset = dataset_create(clinic=clinic, user=request.user, **form.cleaned_data)
        except MedulaError as refusal:
            form.add_error("name", refusal.sentence(get_language() or "es"))
        else:
            return redirect("dataset_import", dataset_id=dataset.pk)
    return render(request, "datasets/form.html", {"form": form})


@needs(CURATE)
@require_http_methods(["GET", "HEAD", "POST"])
def dataset_edit(request: PersonRequest, dataset_id: uuid.UUID) -> HttpResponse:
    dataset = get_object_or_404(datasets_of(request.user), pk=dataset_id)
    form = DatasetForm(request.POST or None, initial=initial_of(dataset))
    if request.method == "POST" and form.is_valid():
        try:
            dataset_change(dataset=dataset, **form.cleaned_data)
        except MedulaError as refusal:
            form.add_error("name", refusal.sentence(get_language() or "es"))
        else:
            return redirect("dataset", dataset_id=dataset.pk)
    return render(request, "datasets/form.html", {"form": form, "dataset": dataset})


@needs(CURATE)
@require_POST
def dataset_put_away(request: PersonRequest, dataset_id: uuid.UUID) -> HttpResponse:
    dataset = get_object_or_404(datasets_of(request.user), pk=dataset_id)
    dataset_archive(dataset=dataset)
    messages.success(request, _("%(name)s is archived. Its versions stay.") % {"name": dataset.name})
    return redirect("datasets")


def _parts(request: PersonRequest, dataset: Dataset) -> dict[str, Any]:
    """What the part of the page that renews itself shows."""
    imports = imports_shown(request.user, dataset)
    versions = versions_shown(request.user, dataset)
    samples = samples_of(request.user).filter(dataset=dataset)
    drawing = samples.filter(mask_job__state__in=("queued", "running")).count()
    return {
        "dataset": dataset,
        "counts": review_counts(samples),
        "imports": [(row, view, import_report(row)) for row, view in imports],
        "versions": versions,
        "drawing": drawing,
        "undrawn": samples.filter(mask_job__state="failed", labels=None).count(),
        "is_live": bool(drawing) or any(view.is_live for _row, view in (*imports, *versions)),
    }


@needs(CURATE)
@require_safe
def dataset_page(request: PersonRequest, dataset_id: uuid.UUID) -> HttpResponse:
    """One data set; asked for by htmx, only the part that renews itself."""
    dataset = get_object_or_404(datasets_of(request.user), pk=dataset_id)
    name = "datasets/_parts.html" if request.headers.get("HX-Request") else "datasets/dataset.html"
    return render(request, name, _parts(request, dataset))


@needs(CURATE)
@require_POST
def dataset_freeze(request: PersonRequest, dataset_id: uuid.UUID) -> HttpResponse:
    dataset = get_object_or_404(datasets_of(request.user), pk=dataset_id)
    try:
        version_freeze(dataset=dataset, user=request.user)
    except MedulaError as refusal:
        messages.warning(request, refusal.sentence(get_language() or "es"))
    return redirect("dataset", dataset_id=dataset.pk)


@needs(CURATE)
@require_POST
def import_act(request: PersonRequest, import_id: uuid.UUID, act: str) -> HttpResponse:
    row = get_object_or_404(imports_of(request.user), pk=import_id)
    ACTS[act](job=row.job)
    return _again(request, row.dataset)


@needs(CURATE)
@require_POST
def version_act(request: PersonRequest, version_id: uuid.UUID, act: str) -> HttpResponse:
    row = get_object_or_404(versions_of(request.user), pk=version_id)
    ACTS[act](job=row.job)
    return _again(request, row.dataset)


def _again(request: PersonRequest, dataset: Dataset) -> HttpResponse:
    if request.headers.get("HX-Request"):
        return render(request, "datasets/_parts.html", _parts(request, dataset))
    return redirect("dataset", dataset_id=dataset.pk)
