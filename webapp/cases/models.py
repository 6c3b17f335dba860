"""Patient -> Case -> Biopsy -> BiopsyImage. A patient is a pseudonym: no name is ever stored."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from webapp.common.querysets import ClinicQuerySet


class Patient(models.Model):
    """A pseudonym of the laboratory, such as P-0042."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey("accounts.Clinic", on_delete=models.PROTECT, related_name="+")
    code = models.CharField(max_length=40)
    birth_year = models.PositiveSmallIntegerField(null=True, blank=True)

    objects = ClinicQuerySet["Patient"].as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["clinic", "code"], name="patient_code_once_a_clinic")]

    def __str__(self) -> str:
        return self.code


class Case(models.Model):
    """One question about one patient."""

    class Diagnosis(models.TextChoices):
        UNKNOWN = "unknown", _("Not known yet")
        ALL = "all", _("Acute lymphoblastic leukaemia (ALL)")
        AML = "aml", _("Acute myeloid leukaemia (AML)")
        OTHER = "other", _("Another disease")
        NONE = "none", _("None (control)")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey("accounts.Clinic", on_delete=models.PROTECT, related_name="+")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="cases")
    title = models.CharField(max_length=200, blank=True)
    diagnosis = models.CharField(max_length=8, choices=Diagnosis, default=Diagnosis.UNKNOWN)
    notes = models.TextField(blank=True)
    created_by = models.ForeignKey(
        "accounts.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    is_demo = models.BooleanField(default=False)

    objects = ClinicQuerySet["Case"].as_manager()

    class Meta:
        indexes = [models.Index(fields=["clinic", "-updated_at"], name="case_newest")]

    def __str__(self) -> str:
        return self.title or self.patient.code


class Biopsy(models.Model):
    """One sample taken on one day; its pictures share stain and calibration."""

    class Specimen(models.TextChoices):
        ASPIRATE_SMEAR = "aspirate_smear", _("Bone marrow aspirate smear")
        TREPHINE = "trephine", _("Bone marrow biopsy (trephine)")
        BLOOD_SMEAR = "blood_smear", _("Peripheral blood smear")
        CULTURE = "culture", _("Cell culture")
        OTHER = "other", _("Other")

    class Stain(models.TextChoices):
        GIEMSA = "giemsa", _("Giemsa / Wright")
        HE = "he", _("Haematoxylin and eosin (H&E)")
        FLUORESCENCE = "fluorescence", _("Fluorescence (DAPI, Hoechst)")
        IHC = "ihc", _("Immunohistochemistry")
        OTHER = "other", _("Other")
        UNKNOWN = "unknown", _("Not known")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey("accounts.Clinic", on_delete=models.PROTECT, related_name="+")
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="biopsies")
    taken_on = models.DateField(null=True, blank=True)
    specimen = models.CharField(max_length=16, choices=Specimen, default=Specimen.ASPIRATE_SMEAR)
    stain = models.CharField(max_length=16, choices=Stain, default=Stain.UNKNOWN)
    magnification = models.FloatField(null=True, blank=True)
    um_per_px = models.FloatField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = ClinicQuerySet["Biopsy"].as_manager()

    class Meta:
        verbose_name_plural = "biopsies"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(um_per_px__isnull=True) | models.Q(um_per_px__gt=0),
                name="biopsy_um_per_px_positive",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_specimen_display()}, {self.get_stain_display()}"


class BiopsyImage(models.Model):
    """One picture. The worker fills what only decoding tells: size, tiles, thumbnail, calibration."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey("accounts.Clinic", on_delete=models.PROTECT, related_name="+")
    biopsy = models.ForeignKey(Biopsy, on_delete=models.CASCADE, related_name="images")
    position = models.PositiveIntegerField()
    original_name = models.CharField(max_length=255)
    original = models.ForeignKey("common.StoredFile", on_delete=models.PROTECT, related_name="+")
    uploaded_by = models.ForeignKey(
        "accounts.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    uploaded_at = models.DateTimeField(auto_now_add=True)
    prepare_job = models.OneToOneField(
        "jobs.Job", on_delete=models.PROTECT, null=True, blank=True, related_name="prepared_image"
    )
    width = models.PositiveIntegerField(null=True, blank=True)
    height = models.PositiveIntegerField(null=True, blank=True)
    bit_depth = models.PositiveSmallIntegerField(null=True, blank=True)
    um_per_px_file = models.FloatField(null=True, blank=True)
    notes = models.JSONField(default=list, blank=True)
    tiles = models.ForeignKey(
        "common.StoredFile", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    tiles_info = models.JSONField(default=dict, blank=True)
    thumbnail = models.ForeignKey(
        "common.StoredFile", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = ClinicQuerySet["BiopsyImage"].as_manager()

    class Meta:
        ordering = ["position", "uploaded_at"]
        constraints = [
            models.UniqueConstraint(fields=["biopsy", "original"], name="picture_once_a_biopsy"),
        ]

    def __str__(self) -> str:
        return self.original_name

    @property
    def um_per_px(self) -> float | None:
        """What a person wrote for the biopsy goes before what the file says of itself."""
        return self.biopsy.um_per_px or self.um_per_px_file
