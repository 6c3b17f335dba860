"""Data sets, frozen versions, trainings, evaluations and networks, to be read."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from webapp.accounts.selectors import clinic_of
from webapp.api.serializers import registry as shapes
from webapp.api.views.base import ListView, OneView, filter_id, filter_text, ids, texts
from webapp.datasets.models import Dataset, DatasetImport, DatasetVersion, Sample
from webapp.registry.models import Evaluation, ModelVersion, TrainingRun


class Filtered(ListView):
    """Rows of the clinic, by the ids that `filters` names: in the address -> of the row."""

    filters: dict[str, str] = {}

    def rows(self) -> QuerySet[Any]:
        raise NotImplementedError

    def get_queryset(self) -> QuerySet[Any]:
        found = self.rows()
        for name, field in self.filters.items():
            if wanted := filter_id(self.request, name):
                found = found.filter(**{field: wanted})
        return found


class Datasets(Filtered):
    serializer_class = shapes.DatasetSerializer

    def rows(self) -> QuerySet[Dataset]:
        return Dataset.objects.of(self.request.user)

    @extend_schema(operation_id="datasets_list")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)


class OneDataset(OneView):
    serializer_class = shapes.DatasetSerializer

    def get_queryset(self) -> QuerySet[Dataset]:
        return Dataset.objects.of(self.request.user)


class Samples(Filtered):
    serializer_class = shapes.SampleSerializer
    filters = {"dataset": "dataset"}

    def rows(self) -> QuerySet[Sample]:
        found = Sample.objects.of(self.request.user).select_related("picture")
        review = filter_text(self.request, "review")
        return found.filter(review=review) if review else found

    @extend_schema(operation_id="samples_list", parameters=[*ids("dataset"), *texts("review")])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)


class OneSample(OneView):
    serializer_class = shapes.SampleSerializer

    def get_queryset(self) -> QuerySet[Sample]:
        return Sample.objects.of(self.request.user).select_related("picture")


class Imports(Filtered):
    serializer_class = shapes.DatasetImportSerializer
    filters = {"dataset": "dataset"}

    def rows(self) -> QuerySet[DatasetImport]:
        return DatasetImport.objects.of(self.request.user).select_related("job")

    @extend_schema(operation_id="imports_list", parameters=ids("dataset"))
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)


class OneImport(OneView):
    serializer_class = shapes.DatasetImportSerializer

    def get_queryset(self) -> QuerySet[DatasetImport]:
        return DatasetImport.objects.of(self.request.user).select_related("job")


class DatasetVersions(Filtered):
    serializer_class = shapes.DatasetVersionSerializer
    filters = {"dataset": "dataset"}

    def rows(self) -> QuerySet[DatasetVersion]:
        return DatasetVersion.objects.of(self.request.user).select_related("job")

    @extend_schema(operation_id="dataset_versions_list", parameters=ids("dataset"))
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)


class OneDatasetVersion(OneView):
    serializer_class = shapes.DatasetVersionSerializer

    def get_queryset(self) -> QuerySet[DatasetVersion]:
        return DatasetVersion.objects.of(self.request.user).select_related("job")


class Runs(Filtered):
    serializer_class = shapes.RunSerializer
    filters = {"dataset_version": "dataset_version", "dataset": "dataset_version__dataset"}

    def rows(self) -> QuerySet[TrainingRun]:
        return TrainingRun.objects.of(self.request.user).select_related("job")

    @extend_schema(operation_id="runs_list", parameters=ids("dataset_version", "dataset"))
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)


class OneRun(OneView):
    """With its epochs."""

    serializer_class = shapes.RunDetailSerializer

    def get_queryset(self) -> QuerySet[TrainingRun]:
        return TrainingRun.objects.of(self.request.user).select_related("job").prefetch_related("epochs")


class Evaluations(Filtered):
    serializer_class = shapes.EvaluationSerializer
    filters = {"model_version": "model_version", "dataset_version": "dataset_version"}

    def rows(self) -> QuerySet[Evaluation]:
        return Evaluation.objects.of(self.request.user).select_related("job")

    @extend_schema(operation_id="evaluations_list", parameters=ids("model_version", "dataset_version"))
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)


class OneEvaluation(OneView):
    serializer_class = shapes.EvaluationSerializer

    def get_queryset(self) -> QuerySet[Evaluation]:
        return Evaluation.objects.of(self.request.user).select_related("job")


def model_versions_of(user: Any) -> QuerySet[ModelVersion]:
    """The shipped ones and the clinic's own."""
    clinic = clinic_of(user)
    return ModelVersion.objects.for_clinic(clinic.pk if clinic else None)


class ModelVersions(Filtered):
    serializer_class = shapes.ModelVersionSerializer

    def rows(self) -> QuerySet[ModelVersion]:
        found = model_versions_of(self.request.user)
        stage = filter_text(self.request, "stage")
        return found.filter(stage=stage) if stage else found

    @extend_schema(operation_id="model_versions_list", parameters=texts("stage"))
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)


class OneModelVersion(OneView):
    serializer_class = shapes.ModelVersionSerializer

    def get_queryset(self) -> QuerySet[ModelVersion]:
        return model_versions_of(self.request.user)
