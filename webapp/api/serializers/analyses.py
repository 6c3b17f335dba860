"""Analyses, batches and their items."""

from __future__ import annotations

from typing import Any

from django.utils.translation import get_language
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.reverse import reverse

from webapp.analyses.models import Analysis, Batch
from webapp.analyses.quality import doubts_of
from webapp.analyses.tables import COLUMNS, ITEM_STATE_CHOICES, Progress, batch_progress, item_reason
from webapp.jobs.models import State

FILES = {
    "labels": "analysis-labels",
    "overlay": "analysis-overlay",
    "nuclei_csv": "analysis-nuclei-csv",
    "nuclei_json": "analysis-nuclei-json",
    "outlines_json": "analysis-outlines-json",
}


class AnalysisWriteSerializer(serializers.Serializer):
    """Ask again with another version; without one, the version in use."""

    image = serializers.UUIDField()
    model_version = serializers.UUIDField(required=False, allow_null=True)


class AnalysisFilesSerializer(serializers.Serializer):
    labels = serializers.URLField()
    overlay = serializers.URLField()
    nuclei_csv = serializers.URLField()
    nuclei_json = serializers.URLField()
    outlines_json = serializers.URLField()


class DoubtSerializer(serializers.Serializer):
    """What makes a result doubtful; it never keeps a picture from being analysed."""

    code = serializers.CharField()
    detail = serializers.CharField()


class AnalysisSerializer(serializers.Serializer):
    """One picture read by one version. The result is there once `state` is "succeeded"."""

    id = serializers.UUIDField()
    image = serializers.UUIDField(source="image_id")
    image_name = serializers.CharField(source="image.original_name")
    image_sha256 = serializers.CharField(source="image.original.sha256")
    model_version = serializers.UUIDField(source="model_version_id")
    model = serializers.CharField(source="model_version.__str__")
    model_sha256 = serializers.CharField(source="model_version.digest")
    parameters = serializers.DictField()
    job = serializers.UUIDField(source="job_id")
    state = serializers.ChoiceField(State.choices, source="job.state")
    nuclei_count = serializers.IntegerField(allow_null=True)
    modality = serializers.CharField(allow_blank=True)
    um_per_px = serializers.FloatField(allow_null=True)
    summary = serializers.DictField()
    quality = serializers.SerializerMethodField()
    files = serializers.SerializerMethodField()
    created_at = serializers.DateTimeField()

    @extend_schema_field(DoubtSerializer(many=True))
    def get_quality(self, analysis: Analysis) -> Any:
        return DoubtSerializer(doubts_of(analysis, get_language() or "es"), many=True).data

    @extend_schema_field(AnalysisFilesSerializer(allow_null=True))
    def get_files(self, analysis: Analysis) -> dict[str, str] | None:
        if analysis.labels_id is None:
            return None
        request = self.context.get("request")
        return {
            what: reverse(f"api:{name}", args=[analysis.pk], request=request) for what, name in FILES.items()
        }


class BatchWriteSerializer(serializers.Serializer):
    biopsy = serializers.UUIDField()
    name = serializers.CharField(max_length=200, allow_blank=True, default="")
    model_version = serializers.UUIDField(required=False, allow_null=True)


class BatchSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    biopsy = serializers.UUIDField(source="biopsy_id")
    case = serializers.UUIDField(source="biopsy.case_id")
    patient_code = serializers.CharField(source="biopsy.case.patient.code")
    name = serializers.CharField(allow_blank=True)
    model_version = serializers.UUIDField(source="model_version_id", allow_null=True)
    created_at = serializers.DateTimeField()


class StateCountsSerializer(serializers.Serializer):
    queued = serializers.IntegerField()
    running = serializers.IntegerField()
    succeeded = serializers.IntegerField()
    failed = serializers.IntegerField()
    cancelled = serializers.IntegerField()
    refused = serializers.IntegerField()
    unpacked = serializers.IntegerField()
    waiting = serializers.IntegerField()


class ProgressSerializer(serializers.Serializer):
    """`place`: of its foremost waiting picture in the queue; 0 where none waits."""

    pictures = serializers.IntegerField()
    states = StateCountsSerializer()
    archives_waiting = serializers.IntegerField()
    is_finished = serializers.BooleanField()
    place = serializers.IntegerField()


class BatchDetailSerializer(BatchSerializer):
    progress = serializers.SerializerMethodField()

    @extend_schema_field(ProgressSerializer)
    def get_progress(self, batch: Batch) -> Any:
        found: Progress = batch_progress(batch)
        return ProgressSerializer(found).data


class BatchItemSerializer(serializers.Serializer):
    """One file of a batch: a picture, an archive, or one that was refused and why."""

    position = serializers.IntegerField()
    name = serializers.CharField()
    state = serializers.ChoiceField(ITEM_STATE_CHOICES)
    image = serializers.UUIDField(source="image_id", allow_null=True)
    sha256 = serializers.SerializerMethodField()
    analysis = serializers.UUIDField(source="analysis_id", allow_null=True)
    job = serializers.UUIDField(source="last_job_id", allow_null=True)
    code = serializers.CharField(source="error_code", allow_blank=True)
    detail = serializers.SerializerMethodField()

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_sha256(self, item: Any) -> str | None:
        """Of the file as it was sent, archives included."""
        if item.image is not None:
            return str(item.image.original.sha256)
        return None if item.archive is None else str(item.archive.sha256)

    def get_detail(self, item: Any) -> str:
        return item_reason(item, self.context["jobs"].get(item.last_job_id), get_language() or "es")


class TableRowSerializer(serializers.Serializer):
    """One row of the batch's table; sizes in `area_unit`."""

    position = serializers.IntegerField()
    name = serializers.CharField()
    state = serializers.ChoiceField(ITEM_STATE_CHOICES)
    reason = serializers.CharField(allow_blank=True)
    image = serializers.UUIDField(allow_null=True)
    sha256 = serializers.CharField(allow_null=True)
    bytes = serializers.IntegerField(allow_null=True)
    width = serializers.IntegerField(allow_null=True)
    height = serializers.IntegerField(allow_null=True)
    um_per_px = serializers.FloatField(allow_null=True)
    analysis = serializers.UUIDField(allow_null=True)
    model = serializers.CharField(allow_null=True)
    model_sha256 = serializers.CharField(allow_null=True)
    nuclei = serializers.IntegerField(allow_null=True)
    nuclei_low = serializers.IntegerField(allow_null=True, help_text="95 % interval of the true number")
    nuclei_high = serializers.IntegerField(allow_null=True)
    touching_edge = serializers.IntegerField(allow_null=True)
    area_median = serializers.FloatField(allow_null=True)
    area_quartile_1 = serializers.FloatField(allow_null=True)
    area_quartile_3 = serializers.FloatField(allow_null=True)
    area_unit = serializers.CharField(allow_null=True)
    modality = serializers.CharField(allow_null=True, allow_blank=True)
    quality = serializers.CharField(allow_null=True, allow_blank=True)
    finished_at = serializers.CharField(allow_null=True)
    notice = serializers.CharField()


assert set(TableRowSerializer().fields) == set(COLUMNS)


class RetriedSerializer(serializers.Serializer):
    retried = serializers.IntegerField()
