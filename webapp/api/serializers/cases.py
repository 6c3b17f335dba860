"""Patients, cases, biopsies and pictures."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework import serializers

from webapp.cases.forms import UM_PER_PX_LEAST, UM_PER_PX_MOST
from webapp.cases.models import Biopsy, Case
from webapp.jobs.models import State


class PatientSerializer(serializers.Serializer):
    """A pseudonym of the laboratory; never a name."""

    id = serializers.UUIDField(read_only=True)
    code = serializers.CharField(max_length=40)
    birth_year = serializers.IntegerField(min_value=1880, max_value=2100, required=False, allow_null=True)


class BiopsyWriteSerializer(serializers.Serializer):
    """What the pictures of one sample have in common."""

    specimen = serializers.ChoiceField(Biopsy.Specimen.choices, default=Biopsy.Specimen.ASPIRATE_SMEAR)
    stain = serializers.ChoiceField(Biopsy.Stain.choices, default=Biopsy.Stain.UNKNOWN)
    taken_on = serializers.DateField(required=False, allow_null=True)
    um_per_px = serializers.FloatField(
        min_value=UM_PER_PX_LEAST, max_value=UM_PER_PX_MOST, required=False, allow_null=True
    )
    magnification = serializers.FloatField(min_value=0.1, max_value=1000, required=False, allow_null=True)

    def validate_taken_on(self, day: Any) -> Any:
        if day is not None and day > timezone.localdate():
            raise serializers.ValidationError(_("This day has not come yet."))
        return day


class CaseWriteSerializer(BiopsyWriteSerializer):
    """A new case with its first biopsy; the patient is known by the code or made."""

    patient_code = serializers.CharField(max_length=40)
    title = serializers.CharField(max_length=200, allow_blank=True, default="")
    diagnosis = serializers.ChoiceField(Case.Diagnosis.choices, default=Case.Diagnosis.UNKNOWN)
    notes = serializers.CharField(max_length=20_000, allow_blank=True, default="")


class BiopsyOfCaseSerializer(BiopsyWriteSerializer):
    """Another biopsy of a case."""

    case = serializers.UUIDField()


class BiopsySerializer(serializers.Serializer):
    id = serializers.UUIDField()
    case = serializers.UUIDField(source="case_id")
    specimen = serializers.ChoiceField(Biopsy.Specimen.choices)
    stain = serializers.ChoiceField(Biopsy.Stain.choices)
    taken_on = serializers.DateField(allow_null=True)
    um_per_px = serializers.FloatField(allow_null=True)
    magnification = serializers.FloatField(allow_null=True)
    created_at = serializers.DateTimeField()


class CaseSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    patient = PatientSerializer()
    title = serializers.CharField(allow_blank=True)
    diagnosis = serializers.ChoiceField(Case.Diagnosis.choices)
    notes = serializers.CharField(allow_blank=True)
    is_demo = serializers.BooleanField()
    biopsies = BiopsySerializer(many=True)
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class ImageSerializer(serializers.Serializer):
    """A picture. Size and notes are known once the worker has opened it (`state` "succeeded")."""

    id = serializers.UUIDField()
    biopsy = serializers.UUIDField(source="biopsy_id")
    name = serializers.CharField(source="original_name")
    position = serializers.IntegerField()
    sha256 = serializers.CharField(source="original.sha256")
    bytes = serializers.IntegerField(source="original.bytes")
    media_type = serializers.CharField(source="original.media_type")
    width = serializers.IntegerField(allow_null=True)
    height = serializers.IntegerField(allow_null=True)
    bit_depth = serializers.IntegerField(allow_null=True)
    um_per_px = serializers.FloatField(allow_null=True)
    notes = serializers.ListField(child=serializers.CharField())
    job = serializers.UUIDField(source="prepare_job_id", allow_null=True)
    state = serializers.ChoiceField(State.choices, source="prepare_job.state", default=None, allow_null=True)
    uploaded_at = serializers.DateTimeField()
