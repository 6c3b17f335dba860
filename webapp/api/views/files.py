"""Pictures on their way in, and originals and results on their way out, with their digests."""

from __future__ import annotations

import base64
import hashlib
import uuid
from collections.abc import Callable, Iterable
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.utils.translation import get_language
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from segmentation.errors import DataError, MedulaError, PictureRefused
from webapp.analyses.downloads import nuclei_csv_export, picture_export
from webapp.analyses.models import Analysis
from webapp.analyses.selectors import analyses_of
from webapp.api.idempotency import idempotent
from webapp.api.parsers import WholeMultiPartParser
from webapp.api.serializers.files import BINARY, FILES_BODY, FilesTakenSerializer
from webapp.api.views.base import ApiView, one_of
from webapp.cases.models import Biopsy
from webapp.cases.names import clean_name
from webapp.cases.selectors import biopsies_of, images_of
from webapp.cases.services import image_create
from webapp.common.models import StoredFile
from webapp.common.responses import file_response


def files_of(request: Request) -> list[UploadedFile]:
    """The files of the field "files"; raises where there is none."""
    data = request.data
    found = [file for file in request.FILES.getlist("files") if isinstance(file, UploadedFile)]
    if isinstance(data, UploadedFile):
        found.append(data)
    if not found:
        raise DataError("no_file")
    return found


def outcome(name: str, state: str, **facts: Any) -> dict[str, Any]:
    """One line of the answer to an upload."""
    empty = dict.fromkeys(("image", "sha256", "job", "code", "detail"))
    return {**empty, "name": name, "state": state, **facts}


def refused(name: str, error: MedulaError) -> dict[str, Any]:
    return outcome(name, "refused", code=error.code, detail=error.sentence(get_language() or "es"))


class BiopsyImages(ApiView):
    """Pictures of one biopsy."""

    parser_classes = [WholeMultiPartParser]
    serializer_class = FilesTakenSerializer

    @extend_schema(
        operation_id="biopsies_images_create",
        request={"multipart/form-data": FILES_BODY},
        responses={202: FilesTakenSerializer},
    )
    @idempotent(atomic=False)
    def post(self, request: Request, pk: uuid.UUID) -> Response:
        """Each file by itself: one that is refused keeps none of the others out."""
        biopsy = one_of(biopsies_of(self.person), pk)
        files = [self._take(biopsy, file) for file in files_of(request)]
        place = f"{reverse('api:images', request=request)}?biopsy={biopsy.pk}"
        return Response({"files": files}, status=202, headers={"Location": place})

    def _take(self, biopsy: Biopsy, file: UploadedFile) -> dict[str, Any]:
        name = clean_name(file.name or "")
        try:
            image, is_new = image_create(
                biopsy=biopsy, name=name, chunks=file.chunks(), size_hint=file.size, user=self.person
            )
        except PictureRefused as error:
            return refused(name, error)
        return outcome(
            name,
            "created" if is_new else "duplicate",
            image=image.pk,
            sha256=image.original.sha256,
            job=image.prepare_job_id,
        )


def download(what: str, content: str) -> Any:
    """How the document describes a file."""
    return extend_schema(
        operation_id=what,
        responses={(200, content): OpenApiResponse(BINARY, description="Repr-Digest carries its sha256.")},
    )


class ImageOriginal(ApiView):
    @download("images_original", "application/octet-stream")
    def get(self, request: Request, pk: uuid.UUID) -> HttpResponseBase:
        """The bytes as they were sent."""
        image = one_of(images_of(self.person), pk)
        response = file_response(image.original, download_as=image.original_name)
        response["Repr-Digest"] = repr_digest(bytes.fromhex(image.original.sha256))
        # One type, whatever the picture's: the page that shows it asks elsewhere.
        response["Content-Type"] = "application/octet-stream"
        return response


class AnalysisFile(ApiView):
    """One file of an analysis."""

    def file(self, pk: uuid.UUID, export: Callable[[Analysis], HttpResponseBase]) -> HttpResponseBase:
        return with_digest(export(one_of(analyses_of(self.person), pk)))


class AnalysisLabels(AnalysisFile):
    @download("analyses_labels", "image/png")
    def get(self, request: Request, pk: uuid.UUID) -> HttpResponseBase:
        """Every nucleus its number, uint16 PNG, or a 32-bit TIFF where there are more than 65,535."""
        return self.file(pk, lambda analysis: picture_export(analysis, analysis.labels, "labels"))


class AnalysisOverlay(AnalysisFile):
    @download("analyses_overlay", "image/png")
    def get(self, request: Request, pk: uuid.UUID) -> HttpResponseBase:
        return self.file(pk, lambda analysis: picture_export(analysis, analysis.overlay, "overlay"))


class AnalysisNucleiCsv(AnalysisFile):
    @download("analyses_nuclei_csv", "text/csv")
    def get(self, request: Request, pk: uuid.UUID) -> HttpResponseBase:
        """One row a nucleus; units stand in the column names."""
        return self.file(pk, nuclei_csv_export)


class AnalysisNucleiJson(AnalysisFile):
    @extend_schema(operation_id="analyses_nuclei_json", responses={200: dict})
    def get(self, request: Request, pk: uuid.UUID) -> HttpResponseBase:
        """Column by column, in pixels."""
        return self.file(pk, lambda analysis: whole(analysis.nuclei))


class AnalysisOutlinesJson(AnalysisFile):
    @extend_schema(operation_id="analyses_outlines_json", responses={200: dict})
    def get(self, request: Request, pk: uuid.UUID) -> HttpResponseBase:
        """Each polygon flat, x before y, in the order of the nuclei's ids."""
        return self.file(pk, lambda analysis: whole(analysis.outlines))


def whole(stored: StoredFile | None) -> FileResponse:
    if stored is None:
        raise Http404
    return file_response(stored)


def with_digest(response: HttpResponseBase) -> HttpResponseBase:
    """The same answer, whole, with the sha256 of what is sent: it is made while it is read, so it is known
    only afterwards."""
    pieces: Iterable[bytes] = getattr(response, "streaming_content", None) or [response.content]  # type: ignore[attr-defined]
    content = b"".join(pieces)
    response.close()
    answer = HttpResponse(content, content_type=response["Content-Type"])
    for name in ("Content-Disposition", "Cache-Control"):
        if name in response.headers:
            answer[name] = response[name]
    answer["Repr-Digest"] = repr_digest(hashlib.sha256(content).digest())
    return answer


def repr_digest(digest: bytes) -> str:
    """RFC 9530."""
    return f"sha-256=:{base64.b64encode(digest).decode()}:"
