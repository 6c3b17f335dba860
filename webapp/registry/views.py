"""The files of evaluations."""

from __future__ import annotations

import uuid

from django.http import Http404, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from webapp.accounts.requests import PersonRequest
from webapp.accounts.roles import READ, needs
from webapp.common.responses import file_response
from webapp.registry.runs import evaluations_of


@needs(READ)
@require_safe
def panel_picture(request: PersonRequest, evaluation_id: uuid.UUID, sha256: str) -> HttpResponseBase:
    """original | truth | prediction | overlay of one picture of the test part."""
    evaluation = get_object_or_404(evaluations_of(request.user), pk=evaluation_id)
    panel = evaluation.panels.filter(picture__sha256=sha256).select_related("picture").first()
    if panel is None:
        raise Http404
    return file_response(panel.picture)
