"""The review of samples: a grid that a keyboard drives, and one sample large."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from segmentation.errors import MedulaError
from webapp.accounts.requests import PersonRequest
from webapp.accounts.roles import CURATE, needs
from webapp.datasets.models import Dataset, Sample
from webapp.datasets.selectors import datasets_of, samples_of
from webapp.datasets.services import mask_request, sample_change, samples_review
from webapp.datasets.views import SHOWN
from webapp.portal.datasets.forms import SampleForm
from webapp.portal.datasets.selectors import (
    SampleFilter,
    categories_of,
    review_counts,
    sample_neighbours,
)
from webapp.portal.modalities import modality_name
from webapp.portal.progress import job_view

A_PAGE = 60


@needs(CURATE)
@require_http_methods(["GET", "HEAD", "POST"])
def dataset_review(request: PersonRequest, dataset_id: uuid.UUID) -> HttpResponseBase:
    dataset = get_object_or_404(datasets_of(request.user), pk=dataset_id)
    if request.method == "POST":
        return _reviewed(request, dataset)
    every = samples_of(request.user).filter(dataset=dataset)
    wanted = SampleFilter.read(request.GET)
    found = wanted.apply(every).select_related("thumbnail", "outlines", "labels", "mask_job")
    page = Paginator(found.order_by("created_at", "name", "pk"), A_PAGE).get_page(request.GET.get("page"))
    context = {
        "dataset": dataset,
        "page": page,
        "wanted": wanted,
        "counts": review_counts(every),
        "reviews": Sample.Review.choices,
        "origins": Sample.Origin.choices,
        "categories": categories_of(every),
    }
    return render(request, "datasets/review.html", context)


def _reviewed(request: PersonRequest, dataset: Dataset) -> HttpResponseBase:
    """Approve, reject or put back the chosen ones; answers a script in JSON, a plain form with a page."""
    is_script = request.headers.get("Accept") == "application/json"
    every = samples_of(request.user).filter(dataset=dataset)
    review = request.POST.get("review", "")
    ids = _ids(request.POST.getlist("ids"))
    # Only those of this data set: the address says which one is being reviewed.
    chosen = list(every.filter(pk__in=ids).values_list("pk", flat=True))
    problem = ""
    if review not in Sample.Review.values or not chosen:
        problem = _("Choose at least one picture.")
    else:
        try:
            samples_review(user=request.user, sample_ids=chosen, review=review)
        except MedulaError as refusal:
            problem = refusal.sentence(get_language() or "es")
    if is_script:
        states = {str(pk): state for pk, state in every.filter(pk__in=ids).values_list("pk", "review")}
        answer = {"samples": states, "counts": review_counts(every), "sentence": problem}
        return JsonResponse(answer)
    here = reverse("dataset_review", args=[dataset.pk])
    if problem:
        messages.warning(request, problem)
        return redirect(_back(request, here, field="stay" if "stay" in request.POST else "back"))
    return redirect(_back(request, here))


def _ids(texts: list[str]) -> list[uuid.UUID]:
    found = []
    for text in texts[:1000]:
        try:
            found.append(uuid.UUID(text))
        except ValueError:
            continue
    return found


def _back(request: PersonRequest, otherwise: str, *, field: str = "back") -> str:
    """Where the form says to go on, if that is an address of ours."""
    to = request.POST.get(field, "")
    is_ours = url_has_allowed_host_and_scheme(
        to, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return to if is_ours else otherwise


@needs(CURATE)
@require_http_methods(["GET", "HEAD", "POST"])
def sample_page(request: PersonRequest, sample_id: uuid.UUID) -> HttpResponse:
    """One sample large, with its facts; posting corrects them."""
    sample = get_object_or_404(
        samples_of(request.user).select_related("dataset", "picture", "outlines", "thumbnail", "mask_job"),
        pk=sample_id,
    )
    wanted = SampleFilter.read(request.GET)
    form = SampleForm(
        request.POST or None, initial={name: getattr(sample, name) for name in SampleForm.base_fields}
    )
    if request.method == "POST" and form.is_valid():
        try:
            sample_change(sample=sample, **form.cleaned_data)
        except MedulaError as refusal:
            form.add_error(None, refusal.sentence(get_language() or "es"))
        else:
            return redirect(f"{reverse('sample', args=[sample.pk])}?{wanted.query}")
    return render(request, "datasets/sample.html", _facts(request, sample, wanted) | {"form": form})


def _facts(request: PersonRequest, sample: Sample, wanted: SampleFilter) -> dict[str, Any]:
    every = samples_of(request.user).filter(dataset=sample.dataset_id)
    before, after = sample_neighbours(sample, wanted.apply(every))
    picture = sample.picture
    shown = None
    if picture.media_type in SHOWN:
        shown = reverse("sample_picture", args=[sample.pk, picture.sha256])
    elif sample.thumbnail is not None:
        shown = reverse("sample_thumbnail", args=[sample.pk, sample.thumbnail.sha256])
    return {
        "sample": sample,
        "dataset": sample.dataset,
        "wanted": wanted,
        "before": before,
        "after": after,
        "counts": review_counts(every),
        "shown": shown,
        "is_reduced": picture.media_type not in SHOWN,
        "modality": modality_name(sample.modality),
        "drawing": job_view(sample.mask_job) if sample.mask_job is not None else None,
        "analysis": sample.analysis_id,
    }


@needs(CURATE)
@require_POST
def sample_mask(request: PersonRequest, sample_id: uuid.UUID) -> HttpResponse:
    """Have the mask drawn, or drawn again, by pixel filtering."""
    sample = get_object_or_404(samples_of(request.user), pk=sample_id)
    try:
        mask_request(sample=sample, user=request.user)
    except MedulaError as refusal:
        messages.warning(request, refusal.sentence(get_language() or "es"))
    return redirect(_back(request, reverse("sample", args=[sample.pk])))


@needs(CURATE)
@require_safe
def sample_drawing(request: PersonRequest, sample_id: uuid.UUID) -> HttpResponse:
    """The fragment that asks for itself while the mask is being drawn; then the page is loaded anew."""
    sample = get_object_or_404(samples_of(request.user).select_related("mask_job"), pk=sample_id)
    drawing = job_view(sample.mask_job) if sample.mask_job is not None else None
    response = render(request, "datasets/_drawing.html", {"sample": sample, "drawing": drawing})
    if drawing is None or not drawing.is_live:
        response["HX-Refresh"] = "true"
    return response
