"""What a program changes of data sets, trainings and networks."""

from __future__ import annotations

import uuid
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from segmentation.errors import DataError
from webapp.accounts.roles import CURATE, TRAIN
from webapp.api.idempotency import idempotent
from webapp.api.parsers import ArchiveParser
from webapp.api.serializers import registry as shapes
from webapp.api.serializers.files import BINARY
from webapp.api.views.analyses import version_of
from webapp.api.views.base import ApiView, filter_text, one_of
from webapp.api.views.registry import Datasets, Evaluations, Runs, model_versions_of
from webapp.datasets.imports import import_request
from webapp.datasets.models import Dataset, DatasetImport, DatasetVersion
from webapp.datasets.services import dataset_create, version_freeze
from webapp.registry.evaluating import evaluation_request
from webapp.registry.promotion import version_promote, version_retire
from webapp.registry.training import run_request


class DatasetsAndNew(Datasets):
    write_scope = CURATE

    @extend_schema(
        operation_id="datasets_create",
        request=shapes.DatasetWriteSerializer,
        responses={201: shapes.DatasetSerializer},
    )
    @idempotent()
    def post(self, request: Request) -> Response:
        fields = self.checked(shapes.DatasetWriteSerializer)
        dataset = dataset_create(clinic=self.clinic, user=self.person, **fields)
        place = reverse("api:dataset", args=[dataset.pk], request=request)
        return self.created(dataset, shapes.DatasetSerializer, place)


class OfDataset(ApiView):
    write_scope = CURATE

    def dataset(self) -> Dataset:
        found: Dataset = one_of(Dataset.objects.of(self.person), self.kwargs["pk"])
        return found


class Import(OfDataset):
    parser_classes = [ArchiveParser]
    serializer_class = shapes.DatasetImportSerializer

    @extend_schema(
        operation_id="datasets_imports_create",
        request={"application/zip": BINARY},
        responses={202: shapes.DatasetImportSerializer},
        parameters=[
            OpenApiParameter("name", OpenApiTypes.STR, description="The file's name."),
            OpenApiParameter("layout", enum=DatasetImport.Layout.values),
        ],
    )
    @idempotent(atomic=False)
    def post(self, request: Request, pk: uuid.UUID) -> Response:
        """A ZIP of pictures, with or without masks, as the body."""
        dataset, body = self.dataset(), request.data
        if not isinstance(body, UploadedFile) or not body.size:
            raise DataError("no_file")
        row = import_request(
            dataset=dataset,
            user=self.person,
            name=filter_text(request, "name") or "archive.zip",
            chunks=body.chunks(),
            size_hint=body.size,
            layout=filter_text(request, "layout") or DatasetImport.Layout.AUTO,
        )
        place = reverse("api:import", args=[row.pk], request=request)
        return self.created(row, shapes.DatasetImportSerializer, place, status=202)


class Freeze(OfDataset):
    serializer_class = shapes.DatasetVersionSerializer

    @extend_schema(
        operation_id="datasets_versions_create",
        request=shapes.FreezeSerializer,
        responses={202: shapes.DatasetVersionSerializer},
    )
    @idempotent()
    def post(self, request: Request, pk: uuid.UUID) -> Response:
        """Freeze the approved samples of this moment."""
        dataset = self.dataset()
        version = version_freeze(dataset=dataset, user=self.person, **self.checked(shapes.FreezeSerializer))
        place = reverse("api:dataset-version", args=[version.pk], request=request)
        return self.created(version, shapes.DatasetVersionSerializer, place, status=202)


class RunsAndNew(Runs):
    write_scope = TRAIN

    @extend_schema(
        operation_id="runs_create",
        request=shapes.RunWriteSerializer,
        responses={202: shapes.RunDetailSerializer},
    )
    @idempotent()
    def post(self, request: Request) -> Response:
        fields = self.checked(shapes.RunWriteSerializer)
        version = one_of(DatasetVersion.objects.of(self.person), fields["dataset_version"])
        start = version_of(self, fields.get("start_version"))
        run = run_request(version=version, user=self.person, config=fields["config"], start_version=start)
        place = reverse("api:run", args=[run.pk], request=request)
        return self.created(run, shapes.RunDetailSerializer, place, status=202)


class EvaluationsAndNew(Evaluations):
    write_scope = TRAIN

    @extend_schema(
        operation_id="evaluations_create",
        request=shapes.EvaluationWriteSerializer,
        responses={202: shapes.EvaluationSerializer},
    )
    @idempotent()
    def post(self, request: Request) -> Response:
        """The test part is read once by each network, whoever asks and however often."""
        fields = self.checked(shapes.EvaluationWriteSerializer)
        version = one_of(DatasetVersion.objects.of(self.person), fields["dataset_version"])
        network = one_of(model_versions_of(self.person), fields["model_version"])
        found = evaluation_request(model_version=network, version=version, user=self.person)
        place = reverse("api:evaluation", args=[found.pk], request=request)
        return self.created(found, shapes.EvaluationSerializer, place, status=202)


class ChangeVersion(ApiView):
    write_scope = TRAIN
    serializer_class = shapes.ModelVersionSerializer

    def answer(self, request: Request, version: Any) -> Response:
        place = reverse("api:model-version", args=[version.pk], request=request)
        return self.created(version, shapes.ModelVersionSerializer, place, status=200)


class Promote(ChangeVersion):
    @extend_schema(
        operation_id="model_versions_promote",
        request=shapes.PromoteSerializer,
        responses={200: shapes.ModelVersionSerializer},
    )
    @idempotent()
    def post(self, request: Request, pk: uuid.UUID) -> Response:
        """Into use, through the gate; the one in use before is retired."""
        version = one_of(model_versions_of(self.person), pk)
        against = self.checked(shapes.PromoteSerializer)["against"]
        return self.answer(request, version_promote(model_version=version, user=self.person, against=against))


class Retire(ChangeVersion):
    @extend_schema(
        operation_id="model_versions_retire",
        request=shapes.RetireSerializer,
        responses={200: shapes.ModelVersionSerializer},
    )
    @idempotent()
    def post(self, request: Request, pk: uuid.UUID) -> Response:
        version = one_of(model_versions_of(self.person), pk)
        reason = self.checked(shapes.RetireSerializer)["reason"]
        return self.answer(request, version_retire(model_version=version, user=self.person, reason=reason))
