"""Data sets, their frozen versions, trainings, evaluations and networks."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from webapp.cases.models import Biopsy
from webapp.datasets.models import DatasetImport, Sample
from webapp.jobs.models import State
from webapp.registry.models import ModelVersion


class DatasetSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    name = serializers.CharField()
    description = serializers.CharField(allow_blank=True)
    source = serializers.CharField(allow_blank=True)
    licence = serializers.CharField(allow_blank=True)
    created_at = serializers.DateTimeField()
    archived_at = serializers.DateTimeField(allow_null=True)


class SampleSerializer(serializers.Serializer):
    """A picture of a data set; approved ones are frozen into versions."""

    id = serializers.UUIDField()
    dataset = serializers.UUIDField(source="dataset_id")
    name = serializers.CharField()
    sha256 = serializers.CharField(source="picture.sha256")
    has_mask = serializers.SerializerMethodField()
    width = serializers.IntegerField()
    height = serializers.IntegerField()
    nuclei_count = serializers.IntegerField(allow_null=True)
    modality = serializers.CharField(allow_blank=True)
    category = serializers.CharField(allow_blank=True)
    group = serializers.CharField()
    source = serializers.CharField(allow_blank=True)
    licence = serializers.CharField(allow_blank=True)
    specimen = serializers.ChoiceField(Biopsy.Specimen.choices, allow_blank=True)
    stain = serializers.ChoiceField(Biopsy.Stain.choices, allow_blank=True)
    origin = serializers.ChoiceField(Sample.Origin.choices)
    review = serializers.ChoiceField(Sample.Review.choices)
    reviewed_at = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()

    def get_has_mask(self, sample: Sample) -> bool:
        return sample.labels_id is not None


class DatasetVersionSerializer(serializers.Serializer):
    """The approved samples of one moment; frozen once `digest` is there."""

    id = serializers.UUIDField()
    dataset = serializers.UUIDField(source="dataset_id")
    number = serializers.IntegerField()
    seed = serializers.IntegerField()
    digest = serializers.CharField(allow_blank=True)
    statistics = serializers.DictField()
    job = serializers.UUIDField(source="job_id")
    state = serializers.ChoiceField(State.choices, source="job.state")
    created_at = serializers.DateTimeField()


class DatasetImportSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    dataset = serializers.UUIDField(source="dataset_id")
    name = serializers.CharField()
    layout = serializers.ChoiceField(DatasetImport.Layout.choices)
    report = serializers.DictField()
    job = serializers.UUIDField(source="job_id")
    state = serializers.ChoiceField(State.choices, source="job.state")
    created_at = serializers.DateTimeField()


class EpochSerializer(serializers.Serializer):
    epoch = serializers.IntegerField()
    loss = serializers.FloatField()
    val_loss = serializers.FloatField()
    accuracy = serializers.FloatField()
    val_accuracy = serializers.FloatField()
    val_ap50 = serializers.FloatField()
    val_map = serializers.FloatField()
    seconds = serializers.FloatField()


class RunSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    dataset_version = serializers.UUIDField(source="dataset_version_id")
    start_version = serializers.UUIDField(source="start_version_id", allow_null=True)
    rule = serializers.UUIDField(source="rule_id", allow_null=True)
    config = serializers.DictField()
    estimate_s = serializers.IntegerField(allow_null=True)
    job = serializers.UUIDField(source="job_id")
    state = serializers.ChoiceField(State.choices, source="job.state")
    model_version = serializers.UUIDField(source="model_version_id", allow_null=True)
    best_epoch = serializers.IntegerField(allow_null=True)
    device = serializers.CharField(allow_blank=True)
    created_at = serializers.DateTimeField()


class RunDetailSerializer(RunSerializer):
    epochs = EpochSerializer(many=True)


class EvaluationSerializer(serializers.Serializer):
    """The test part of a frozen version, read once by one network."""

    id = serializers.UUIDField()
    model_version = serializers.UUIDField(source="model_version_id")
    dataset_version = serializers.UUIDField(source="dataset_version_id")
    job = serializers.UUIDField(source="job_id")
    state = serializers.ChoiceField(State.choices, source="job.state")
    report = serializers.DictField()
    created_at = serializers.DateTimeField()


class ModelVersionSerializer(serializers.Serializer):
    """A network. `is_shared`: it came with the installation."""

    id = serializers.UUIDField()
    family = serializers.CharField()
    version = serializers.IntegerField()
    digest = serializers.CharField()
    stage = serializers.ChoiceField(ModelVersion.Stage.choices)
    is_shared = serializers.SerializerMethodField()
    spec = serializers.SerializerMethodField()
    test_report = serializers.SerializerMethodField()
    created_at = serializers.DateTimeField()

    def get_is_shared(self, version: ModelVersion) -> bool:
        return version.clinic_id is None

    @extend_schema_field(serializers.DictField())
    def get_spec(self, version: ModelVersion) -> Any:
        return version.spec

    @extend_schema_field(serializers.DictField())
    def get_test_report(self, version: ModelVersion) -> Any:
        return version.test_report


class DatasetWriteSerializer(serializers.Serializer):
    name = serializers.CharField(max_length=120)
    description = serializers.CharField(max_length=20_000, allow_blank=True, default="")
    source = serializers.CharField(max_length=300, allow_blank=True, default="")
    licence = serializers.CharField(max_length=120, allow_blank=True, default="")


class FreezeSerializer(serializers.Serializer):
    seed = serializers.IntegerField(min_value=0, max_value=2**31 - 1, default=0)


class RunWriteSerializer(serializers.Serializer):
    """Asked twice with the same settings, it is the same training."""

    dataset_version = serializers.UUIDField()
    start_version = serializers.UUIDField(required=False, allow_null=True)
    config = serializers.DictField(default=dict, help_text="Settings that differ from the usual ones.")


class EvaluationWriteSerializer(serializers.Serializer):
    model_version = serializers.UUIDField()
    dataset_version = serializers.UUIDField()


class PromoteSerializer(serializers.Serializer):
    """`against`: an administrator's reason to overrule the gate."""

    against = serializers.CharField(max_length=500, allow_blank=True, default="")


class RetireSerializer(serializers.Serializer):
    reason = serializers.CharField(max_length=500, allow_blank=True, default="")
