"""The list of cases, a new case, and the page of one case with its pictures."""

from __future__ import annotations

import uuid

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from webapp.accounts.requests import PersonRequest
from webapp.accounts.selectors import clinic_of
from webapp.analyses.selectors import analyses_of
from webapp.analyses.services import analysis_request
from webapp.cases.forms import BiopsyForm, CaseForm
from webapp.cases.models import Case
from webapp.cases.selectors import biopsies_of, cases_of, images_of
from webapp.cases.services import biopsy_change, biopsy_create, case_create
from webapp.jobs.services import job_cancel, job_retry
from webapp.portal.selectors import SORTS, biopsy_groups, case_rows, cases_found, demo_job
from webapp.registry.selectors import production_or_none

CASES_A_PAGE = 25


@login_required
@require_safe
def home(request: PersonRequest) -> HttpResponse:
    """The list of cases; what is asked for stands in the address."""
    query = request.GET.get("q", "").strip().replace("\x00", "")[:100]
    sort = request.GET.get("sort", "newest")
    page = Paginator(cases_found(request.user, query=query, sort=sort), CASES_A_PAGE).get_page(
        request.GET.get("page")
    )
    rows = case_rows(page.object_list)
    context = {
        "rows": rows,
        "page": page,
        "query": query,
        "sort": sort if sort in SORTS else "newest",
        "is_live": any(row.live for row in rows),
    }
    name = "cases/_list.html" if request.headers.get("HX-Request") else "cases/list.html"
    return render(request, name, context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def case_new(request: PersonRequest) -> HttpResponse:
    clinic = clinic_of(request.user)
    if clinic is None:
        raise PermissionDenied
    form = CaseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        case = case_create(clinic=clinic, user=request.user, **form.cleaned_data)
        return redirect("case", case_id=case.pk)
    return render(request, "cases/new.html", {"form": form})


def _pictures(request: PersonRequest, case: Case) -> dict[str, object]:
    """What the fragment of pictures shows, whoever asks for it."""
    groups = biopsy_groups(request.user, case)
    states = [state for group in groups for state in group.states]
    drawing = demo_job(case)
    return {
        "case": case,
        "groups": groups,
        "drawing": drawing,
        "count": len(states),
        "nuclei": sum(state.analysis.nuclei_count or 0 for state in states if state.analysis),
        "live": sum(state.is_live for state in states),
        "is_live": any(state.is_live for state in states) or (drawing is not None and not drawing.is_ended),
        "has_model": production_or_none(case.clinic_id) is not None,
    }


@login_required
@require_safe
def case_page(request: PersonRequest, case_id: uuid.UUID) -> HttpResponse:
    case = get_object_or_404(cases_of(request.user), pk=case_id)
    return render(request, "cases/case.html", _pictures(request, case))


@login_required
@require_safe
def case_pictures(request: PersonRequest, case_id: uuid.UUID) -> HttpResponse:
    """The fragment that asks for itself again until every job has ended."""
    case = get_object_or_404(cases_of(request.user), pk=case_id)
    return render(request, "cases/_pictures.html", _pictures(request, case))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def biopsy_new(request: PersonRequest, case_id: uuid.UUID) -> HttpResponse:
    case = get_object_or_404(cases_of(request.user), pk=case_id)
    form = BiopsyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        biopsy_create(case=case, **form.cleaned_data)
        return redirect("case", case_id=case.pk)
    return render(request, "cases/biopsy.html", {"form": form, "case": case})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def biopsy_edit(request: PersonRequest, biopsy_id: uuid.UUID) -> HttpResponse:
    biopsy = get_object_or_404(biopsies_of(request.user), pk=biopsy_id)
    present = {name: getattr(biopsy, name) for name in BiopsyForm.base_fields}
    form = BiopsyForm(request.POST or None, initial=present)
    if request.method == "POST" and form.is_valid():
        biopsy_change(biopsy=biopsy, **form.cleaned_data)
        return redirect("case", case_id=biopsy.case_id)
    return render(request, "cases/biopsy.html", {"form": form, "case": biopsy.case, "biopsy": biopsy})


@login_required
@require_POST
def picture_act(request: PersonRequest, image_id: uuid.UUID, act: str) -> HttpResponse:
    """Cancel, try again or analyse one picture; answers with the case's pictures as they stand then."""
    image = get_object_or_404(images_of(request.user), pk=image_id)
    analyses = list(analyses_of(request.user).filter(image=image))
    asked = request.POST.get("analysis")  # from its own page; elsewhere the newest is meant
    analysis = next((found for found in analyses if asked in (None, str(found.pk))), None)
    if asked is not None and analysis is None:
        raise Http404
    job = analysis.job if analysis is not None else image.prepare_job
    if act == "analyse":
        if image.tiles is not None and production_or_none(image.clinic_id) is not None:
            analysis_request(image=image, user=request.user)
    elif job is not None:
        {"cancel": job_cancel, "retry": job_retry}[act](job=job)
    if request.headers.get("HX-Request"):
        case = get_object_or_404(cases_of(request.user), pk=image.biopsy.case_id)
        return render(request, "cases/_pictures.html", _pictures(request, case))
    if analysis is not None and request.POST.get("back") == "analysis":
        return redirect("analysis", analysis_id=analysis.pk)
    return redirect("case", case_id=image.biopsy.case_id)
