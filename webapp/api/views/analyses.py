"""Analyses and batches."""

from __future__ import annotations

import itertools
import uuid
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.http import HttpResponseBase, StreamingHttpResponse
from django.utils.translation import get_language
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from segmentation.errors import DataError
from webapp.analyses.batches import batch_add_archive, batch_add_picture, batch_create, batch_retry
from webapp.analyses.models import Analysis, Batch, BatchItem
from webapp.analyses.selectors import analyses_of
from webapp.analyses.services import analysis_request
from webapp.analyses.tables import batches_of, items_found, pictures_found, table_csv, table_rows
from webapp.api.idempotency import idempotent
from webapp.api.pagination import ByPosition
from webapp.api.parsers import ArchiveParser, WholeMultiPartParser
from webapp.api.serializers import analyses as shapes
from webapp.api.serializers.files import BINARY, FILES_BODY, FilesTakenSerializer
from webapp.api.views.base import ApiView, ListView, OneView, filter_id, filter_text, ids, one_of, texts
from webapp.api.views.files import files_of, outcome
from webapp.cases.names import clean_name
from webapp.cases.selectors import biopsies_of, images_of
from webapp.common.responses import disposition
from webapp.jobs.models import Job
from webapp.registry.models import ModelVersion

ZIP_HEADS = (b"PK\x03\x04", b"PK\x05\x06")


class Analyses(ListView):
    serializer_class = shapes.AnalysisSerializer

    def get_queryset(self) -> QuerySet[Analysis]:
        found = analyses_of(self.request.user)
        image, batch = filter_id(self.request, "image"), filter_id(self.request, "batch")
        if image:
            found = found.filter(image=image)
        return found.filter(image__batch_items__batch=batch) if batch else found

    @extend_schema(operation_id="analyses_list", parameters=ids("image", "batch"))
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(
        operation_id="analyses_create",
        request=shapes.AnalysisWriteSerializer,
        responses={202: shapes.AnalysisSerializer},
    )
    @idempotent()
    def post(self, request: Request) -> Response:
        """Asked twice for the same picture and version, it is the same analysis."""
        fields = self.checked(shapes.AnalysisWriteSerializer)
        image = one_of(images_of(self.person), fields["image"])
        if image.tiles_id is None:
            state = image.prepare_job.state if image.prepare_job else "waiting"
            raise DataError("state_conflict", state=state)
        version = version_of(self, fields.get("model_version"))
        analysis = analysis_request(image=image, model_version=version, user=self.person)
        place = reverse("api:analysis", args=[analysis.pk], request=request)
        return self.created(analysis, shapes.AnalysisSerializer, place, status=202)


def version_of(view: ApiView, version_id: uuid.UUID | None) -> ModelVersion | None:
    """The version asked for; 404 where this clinic has none such."""
    if version_id is None:
        return None
    found: ModelVersion = one_of(ModelVersion.objects.for_clinic(view.clinic.pk), version_id)
    return found


class OneAnalysis(OneView):
    serializer_class = shapes.AnalysisSerializer

    def get_queryset(self) -> QuerySet[Analysis]:
        return analyses_of(self.request.user)


class Batches(ListView):
    serializer_class = shapes.BatchSerializer

    def get_queryset(self) -> QuerySet[Batch]:
        found = batches_of(self.request.user)
        if biopsy := filter_id(self.request, "biopsy"):
            found = found.filter(biopsy=biopsy)
        name = filter_text(self.request, "name")
        return found.filter(name=name) if name else found

    @extend_schema(operation_id="batches_list", parameters=[*ids("biopsy"), *texts("name")])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(
        operation_id="batches_create",
        request=shapes.BatchWriteSerializer,
        responses={201: shapes.BatchDetailSerializer},
    )
    @idempotent()
    def post(self, request: Request) -> Response:
        fields = self.checked(shapes.BatchWriteSerializer)
        biopsy = one_of(biopsies_of(self.person), fields["biopsy"])
        version = version_of(self, fields.get("model_version"))
        batch = batch_create(biopsy=biopsy, user=self.person, name=fields["name"], model_version=version)
        place = reverse("api:batch", args=[batch.pk], request=request)
        return self.created(batch, shapes.BatchDetailSerializer, place)


class OneBatch(OneView):
    serializer_class = shapes.BatchDetailSerializer

    def get_queryset(self) -> QuerySet[Batch]:
        return batches_of(self.request.user)


class OfBatch(ApiView):
    """Something of one batch."""

    def batch(self) -> Batch:
        found: Batch = one_of(batches_of(self.person), self.kwargs["pk"])
        return found


class BatchFiles(OfBatch):
    parser_classes = [WholeMultiPartParser, ArchiveParser]
    serializer_class = FilesTakenSerializer

    @extend_schema(
        operation_id="batches_files_create",
        request={"multipart/form-data": FILES_BODY, "application/zip": BINARY},
        responses={202: FilesTakenSerializer},
    )
    @idempotent(atomic=False)
    def post(self, request: Request, pk: uuid.UUID) -> Response:
        """Pictures, or ZIPs of pictures. Each file by itself; refused ones stand in the table with why."""
        batch = self.batch()
        files = [self._take(batch, file) for file in files_of(request)]
        place = reverse("api:batch", args=[batch.pk], request=request)
        return Response({"files": files}, status=202, headers={"Location": place})

    def _take(self, batch: Batch, file: UploadedFile) -> dict[str, Any]:
        name = clean_name(file.name or "")
        head = file.read(4)
        file.seek(0)
        if head in ZIP_HEADS:
            item = batch_add_archive(batch=batch, name=name, chunks=file.chunks(), user=self.person)
            digest = item.archive.sha256 if item.archive else None
            return outcome(name, "queued", sha256=digest, job=item.job_id)
        before = BatchItem.objects.filter(batch=batch).count()
        item = batch_add_picture(
            batch=batch, name=name, chunks=file.chunks(), size_hint=file.size, user=self.person
        )
        if item.image is None:
            error = DataError(item.error_code, **item.error_params)
            return outcome(name, "refused", code=error.code, detail=error.sentence(get_language() or "es"))
        is_new = BatchItem.objects.filter(batch=batch).count() > before
        return outcome(
            name,
            "created" if is_new else "duplicate",
            image=item.image_id,
            sha256=item.image.original.sha256,
            job=item.image.prepare_job_id,
        )


class BatchItems(OfBatch, ListView):
    serializer_class = shapes.BatchItemSerializer
    pagination_class = ByPosition

    def get_queryset(self) -> QuerySet[Any]:
        if getattr(self, "swagger_fake_view", False):
            return BatchItem.objects.none()
        return items_found(self.batch()).select_related("image__original", "archive")

    @extend_schema(operation_id="batches_items_list")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        items = self.paginate_queryset(self.get_queryset()) or []
        jobs = Job.objects.in_bulk([item.last_job_id for item in items if item.last_job_id])
        context = {**self.get_serializer_context(), "jobs": jobs}
        return self.get_paginated_response(shapes.BatchItemSerializer(items, many=True, context=context).data)


class BatchTable(OfBatch, ListView):
    serializer_class = shapes.TableRowSerializer
    pagination_class = ByPosition

    def get_queryset(self) -> QuerySet[Any]:
        if getattr(self, "swagger_fake_view", False):
            return BatchItem.objects.none()
        return pictures_found(self.batch())

    @extend_schema(operation_id="batches_table_list")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """One row a file, in the order in which they came."""
        items = self.paginate_queryset(self.get_queryset()) or []
        return self.get_paginated_response(table_rows(items, get_language() or "es"))


class BatchTableCsv(OfBatch):
    @extend_schema(
        operation_id="batches_table_csv",
        responses={(200, "text/csv"): OpenApiResponse(str, description="The whole table.")},
    )
    def get(self, request: Request, pk: uuid.UUID) -> HttpResponseBase:
        batch = self.batch()
        lines = (line.encode() for line in table_csv(batch, get_language() or "es"))
        # The first piece now, while an error can still be said as one.
        response = StreamingHttpResponse(
            itertools.chain([next(lines)], lines), content_type="text/csv; charset=utf-8"
        )
        response["Content-Disposition"] = disposition(f"{clean_name(batch.name or 'batch')}_research-use.csv")
        response["Cache-Control"] = "private, no-store"
        return response


class BatchRetry(OfBatch):
    serializer_class = shapes.RetriedSerializer

    @extend_schema(operation_id="batches_retry", request=None, responses={202: shapes.RetriedSerializer})
    @idempotent()
    def post(self, request: Request, pk: uuid.UUID) -> Response:
        """Queue anew whatever failed or was cancelled."""
        batch = self.batch()
        again = batch_retry(batch=batch, user=self.person)
        place = reverse("api:batch", args=[batch.pk], request=request)
        return Response({"retried": again}, status=202, headers={"Location": place})
