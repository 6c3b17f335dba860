"""The page where files are handed in, and its answer to a script and to a plain form."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from typing import Any

from django.http import HttpResponse, HttpResponseBase, JsonResponse
from django.http.request import UnreadablePostError
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from segmentation.errors import MedulaError
from webapp.accounts.requests import PersonRequest
from webapp.accounts.roles import CURATE, needs
from webapp.cases.names import clean_name
from webapp.datasets.models import Dataset
from webapp.datasets.selectors import datasets_of
from webapp.datasets.services import archive_of, import_request
from webapp.portal.datasets.forms import ImportForm
from webapp.portal.datasets.uploads import CONTENT_TYPE, CUT, UploadCut, drained, files_of

Files = Iterable[tuple[str, Iterable[bytes]]]


@needs(CURATE)
@require_http_methods(["GET", "HEAD", "POST"])
def dataset_import(request: PersonRequest, dataset_id: uuid.UUID) -> HttpResponseBase:
    dataset = get_object_or_404(datasets_of(request.user), pk=dataset_id)
    if request.method == "POST" and request.content_type == CONTENT_TYPE:
        return _from_script(request, dataset)
    form = ImportForm(request.POST or None, initial={"source": dataset.source, "licence": dataset.licence})
    if request.method == "POST" and form.is_valid():
        files = request.FILES.getlist("files")
        if not files:
            form.add_error(None, _("No file arrived. Choose it again."))
        else:
            pairs = [(file.name or "", file.chunks()) for file in files]
            try:
                _take(request, dataset, form, name="", count=len(files), files=pairs)
            except MedulaError as refusal:
                form.add_error(None, refusal.sentence(get_language() or "es"))
            else:
                return redirect("dataset", dataset_id=dataset.pk)
    return render(request, "datasets/import.html", {"form": form, "dataset": dataset})


def _from_script(request: PersonRequest, dataset: Dataset) -> HttpResponse:
    """One body with all files; the settings stand in the address."""
    form = ImportForm(request.GET)
    if not form.is_valid():
        drained(request)
        problem = next(iter(form.errors.values()))[0]
        return JsonResponse({"sentence": str(problem)}, status=400)
    name = request.GET.get("name", "")
    count = 1 if request.GET.get("single") else 2
    try:
        _take(request, dataset, form, name=name, count=count, files=files_of(request))
    except MedulaError as refusal:
        drained(request)
        return JsonResponse({"sentence": refusal.sentence(get_language() or "es")}, status=400)
    except (UploadCut, UnreadablePostError):
        return JsonResponse({"sentence": str(CUT)}, status=400)
    except OSError:
        sentence = _("The server could not store the file: its disk may be full. Tell who looks after it.")
        return JsonResponse({"sentence": sentence}, status=507)
    return JsonResponse({"url": reverse("dataset", args=[dataset.pk])}, status=201)


def _take(
    request: PersonRequest, dataset: Dataset, form: ImportForm, *, name: str, count: int, files: Files
) -> None:
    """An archive is kept as it comes; anything else is made into one on the way."""
    chunks: Iterable[bytes]
    first, rest = _first(iter(files))
    if count == 1 and first[0].lower().endswith(".zip"):
        name, chunks = name or first[0], _only(first, rest)
    else:
        name = name or _("%(first)s and others") % {"first": clean_name(first[0])}
        chunks = archive_of(_joined(first, rest))
    import_request(
        dataset=dataset,
        user=request.user,
        name=clean_name(name),
        chunks=chunks,
        layout=form.cleaned_data["layout"],
        settings=form.settings(),
    )


def _first(files: Iterator[Any]) -> tuple[Any, Iterator[Any]]:
    try:
        return next(files), files
    except StopIteration:
        raise UploadCut from None


def _only(first: tuple[str, Iterable[bytes]], rest: Iterator[Any]) -> Iterator[bytes]:
    yield from first[1]
    for _more in rest:  # one was announced
        raise UploadCut


def _joined(first: Any, rest: Iterator[Any]) -> Iterator[Any]:
    yield first
    yield from rest
