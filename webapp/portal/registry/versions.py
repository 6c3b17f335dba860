"""The list of networks, the page of one, and what people do with them."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from segmentation.errors import MedulaError
from webapp.accounts.models import User
from webapp.accounts.requests import PersonRequest
from webapp.accounts.roles import READ, TRAIN, may, needs
from webapp.accounts.selectors import clinic_of
from webapp.portal.registry.cards import (
    diary_of,
    evaluations_of,
    figure_rows,
    run_of,
    settings_rows,
    version_lines,
)
from webapp.registry.models import ModelVersion
from webapp.registry.promotion import version_before, version_promote, version_retire, version_rollback
from webapp.registry.selectors import FAMILY, production_or_none, versions_of_clinic, was_approved

Stage = ModelVersion.Stage


@needs(READ)
@require_safe
def models(request: PersonRequest) -> HttpResponse:
    """By stage: the one in use, candidates with what the gate said, and the retired."""
    clinic = clinic_of(request.user)
    in_use = production_or_none(clinic.pk if clinic else None)
    lines = version_lines(request.user, list(versions_of_clinic(request.user)), in_use)
    own = [line for line in lines if line.version.clinic_id is not None]
    has_own = any(line.version.stage == Stage.PRODUCTION for line in own)
    before = version_before(clinic=clinic, family=FAMILY) if clinic else None
    context = {
        "in_use": next((line for line in lines if line.is_in_use), None),
        "candidates": [line for line in own if line.version.stage == Stage.CANDIDATE],
        "retired": [line for line in own if line.version.stage == Stage.RETIRED],
        "shipped": [line for line in lines if line.version.clinic_id is None and not line.is_in_use],
        "can_roll_back": has_own or before is not None,
        "before": before,
    }
    return render(request, "registry/models.html", context)


@needs(READ)
@require_safe
def model_version(request: PersonRequest, version_id: uuid.UUID) -> HttpResponse:
    """The card: what it learnt from, its settings, its figures, its limits, its diary."""
    version = get_object_or_404(versions_of_clinic(request.user), pk=version_id)
    return render(request, "registry/version.html", _card(request.user, version))


def _card(user: User, version: ModelVersion) -> dict[str, Any]:
    run = run_of(version)
    diary = diary_of(user, version)
    approved = was_approved(version)
    is_own = version.clinic_id is not None
    trains = may(user, TRAIN) and is_own
    return {
        "version": version,
        "is_own": is_own,
        "is_in_use": production_or_none(user.clinic_id, version.family) == version,
        "run": run,
        "settings": settings_rows(run.config) if run else [],
        "statistics": run.dataset_version.statistics if run else {},
        "figures": figure_rows(version.test_report),
        "evaluations": evaluations_of(user, version),
        "diary": diary,
        "verdict": next((line for line in diary if line.row.kind in ("passed", "refused")), None),
        "can_promote": trains and approved and version.stage != Stage.PRODUCTION,
        "can_overrule": trains
        and not approved
        and version.stage == Stage.CANDIDATE
        and user.role == User.Role.ADMINISTRATOR,
        "can_retire": trains and version.stage != Stage.RETIRED,
    }


@needs(TRAIN)
@require_POST
def model_act(request: PersonRequest, version_id: uuid.UUID, act: str) -> HttpResponse:
    """Put into use or retire; a refusal says why and changes nothing."""
    version = get_object_or_404(versions_of_clinic(request.user), pk=version_id)
    try:
        if act == "promote":
            version_promote(model_version=version, user=request.user, against=request.POST.get("against", ""))
            messages.success(request, _("%(version)s is in use now.") % {"version": version})
        else:
            version_retire(model_version=version, user=request.user, reason=request.POST.get("reason", ""))
            messages.success(request, _("%(version)s is retired.") % {"version": version})
    except MedulaError as problem:
        messages.error(request, problem.sentence(get_language() or "es"))
    return redirect("model_version", version_id=version.pk)


@needs(TRAIN)
@require_POST
def model_rollback(request: PersonRequest) -> HttpResponse:
    """Back to what was in use before, in one click."""
    clinic = clinic_of(request.user)
    if clinic is None:
        raise PermissionDenied
    try:
        before = version_rollback(clinic=clinic, family=FAMILY, user=request.user)
    except MedulaError as problem:
        messages.error(request, problem.sentence(get_language() or "es"))
    else:
        in_use = before or production_or_none(clinic.pk)
        messages.success(request, _("%(version)s is in use now.") % {"version": in_use or "—"})
    return redirect("models")
