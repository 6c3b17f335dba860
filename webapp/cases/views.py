"""The door of pictures, and the files of a picture: thumbnail, tiles, original."""

from __future__ import annotations

import logging
import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from segmentation.errors import PictureRefused
from webapp.accounts.requests import PersonRequest
from webapp.cases.models import Biopsy
from webapp.cases.names import clean_name
from webapp.cases.selectors import biopsies_of, images_of
from webapp.cases.services import image_create
from webapp.common.responses import file_response, named, tile_response

log = logging.getLogger(__name__)


@login_required
@require_POST
def images_upload(request: PersonRequest, biopsy_id: uuid.UUID) -> HttpResponseBase:
    """One file or several. A script is answered in JSON, a plain form with a page."""
    biopsy = get_object_or_404(biopsies_of(request.user), pk=biopsy_id)
    answers = [_take(request, biopsy, file) for file in request.FILES.getlist("files")]
    if request.headers.get("Accept") == "application/json":
        if not answers:
            return JsonResponse({"files": [], "sentence": _("No file arrived. Choose it again.")}, status=400)
        return JsonResponse({"files": answers})
    for answer in answers:
        if answer["state"] != "created":
            messages.warning(request, f"{answer['name']}: {answer['sentence']}")
    if not answers:
        messages.warning(request, _("No file arrived. Choose it again."))
    return redirect("case", case_id=biopsy.case_id)


def _take(request: PersonRequest, biopsy: Biopsy, file: UploadedFile) -> dict[str, Any]:
    """Keep one uploaded file, or say in a sentence why not."""
    name = clean_name(file.name or "")
    try:
        image, created = image_create(
            biopsy=biopsy, name=name, chunks=file.chunks(), size_hint=file.size, user=request.user
        )
    except PictureRefused as refusal:
        return {"name": name, "state": "refused", "sentence": refusal.sentence(get_language() or "es")}
    except OSError:
        log.exception("a picture could not be stored")
        sentence = _("The server could not store the file: its disk may be full. Tell who looks after it.")
        return {"name": name, "state": "failed", "sentence": sentence}
    if created:
        return {"name": name, "state": "created"}
    sentence = _("This picture was here already, as %(name)s.") % {"name": image.original_name}
    return {"name": name, "state": "duplicate", "sentence": sentence}


@login_required
@require_safe
def image_thumbnail(request: PersonRequest, image_id: uuid.UUID, sha256: str) -> HttpResponseBase:
    image = get_object_or_404(images_of(request.user), pk=image_id)
    return file_response(named(image.thumbnail, sha256))


@login_required
@require_safe
def image_tile(
    request: PersonRequest, image_id: uuid.UUID, sha256: str, level: int, column: int, row: int, ext: str
) -> HttpResponse:
    image = get_object_or_404(images_of(request.user), pk=image_id)
    return tile_response(named(image.tiles, sha256), level=level, column=column, row=row, ext=ext)


@login_required
@require_safe
def image_original(request: PersonRequest, image_id: uuid.UUID) -> HttpResponseBase:
    image = get_object_or_404(images_of(request.user), pk=image_id)
    return file_response(image.original, download_as=image.original_name)
