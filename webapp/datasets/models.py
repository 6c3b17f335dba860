"""Dataset -> Sample -> frozen DatasetVersion. A sample is a picture, its mask, and where both come from."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from webapp.cases.models import Biopsy
from webapp.common.querysets import ClinicQuerySet


class Dataset(models.Model):
    """A collection of annotated pictures that one clinic curates."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey("accounts.Clinic", on_delete=models.PROTECT, related_name="+")
    name = models.CharField(_("name"), max_length=120)
    description = models.TextField(_("description"), blank=True)
    source = models.CharField(_("source"), max_length=300, blank=True)
    licence = models.CharField(_("licence"), max_length=120, blank=True)
    created_by = models.ForeignKey(
        "accounts.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    archived_at = models.DateTimeField(null=True, blank=True)

    objects = ClinicQuerySet["Dataset"].as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("data set"), _("data sets")
        ordering = ["-created_at"]
        constraints = [models.UniqueConstraint(fields=["clinic", "name"], name="dataset_name_once_a_clinic")]

    def __str__(self) -> str:
        return self.name


class DatasetImport(models.Model):
    """One hand-in of files: a stored archive that a job takes apart, and what came of it."""

    class Layout(models.TextChoices):
        AUTO = "auto", _("Find out")
        KAGGLE = "kaggle", _("One folder a picture, masks beside it (BBBC038, Kaggle)")
        PAIRS = "pairs", _("Folders of pictures and of labels")
        CLASSES = "classes", _("One folder a class")
        PICTURES = "pictures", _("Pictures without masks")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey("accounts.Clinic", on_delete=models.PROTECT, related_name="+")
    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="imports")
    archive = models.ForeignKey("common.StoredFile", on_delete=models.PROTECT, related_name="+")
    name = models.CharField(_("file"), max_length=255)
    layout = models.CharField(_("layout"), max_length=12, choices=Layout, default=Layout.AUTO)
    # What every sample of this hand-in has in common: source, licence, specimen, stain, group_from,
    # groups (picture's name -> group) where a table came along, draw_masks.
    settings = models.JSONField(default=dict, blank=True)
    # Written with the job's end: layout found, added, known, skipped [{name, code, params}].
    report = models.JSONField(default=dict, blank=True)
    job = models.OneToOneField("jobs.Job", on_delete=models.PROTECT, related_name="dataset_import")
    created_by = models.ForeignKey(
        "accounts.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ClinicQuerySet["DatasetImport"].as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("import"), _("imports")
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.name


class Sample(models.Model):
    """One picture of a data set with its instance labels, as far as it has them."""

    class Origin(models.TextChoices):
        NONE = "none", _("No mask yet")
        IMPORTED = "imported", _("Came with the picture")
        PIPELINE = "pipeline", _("Drawn by pixel filtering")
        ANALYSIS = "analysis", _("Found by a model and confirmed")
        EDITED = "edited", _("Corrected by hand")

    class Review(models.TextChoices):
        WAITING = "waiting", _("Waits for review")
        APPROVED = "approved", _("Approved")
        REJECTED = "rejected", _("Rejected")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey("accounts.Clinic", on_delete=models.PROTECT, related_name="+")
    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="samples")
    dataset_import = models.ForeignKey(
        DatasetImport, on_delete=models.SET_NULL, null=True, blank=True, related_name="samples"
    )
    name = models.CharField(_("name"), max_length=255)
    picture = models.ForeignKey("common.StoredFile", on_delete=models.PROTECT, related_name="+")
    labels = models.ForeignKey(
        "common.StoredFile", on_delete=models.PROTECT, null=True, blank=True, related_name="+",
        help_text="uint16 PNG (or 32-bit TIFF) of the picture's size: 0 background, a number a nucleus.",
    )  # fmt: skip
    outlines = models.ForeignKey(
        "common.StoredFile", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    thumbnail = models.ForeignKey(
        "common.StoredFile", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    nuclei_count = models.PositiveIntegerField(null=True, blank=True)
    modality = models.CharField(_("kind of picture"), max_length=40, blank=True)
    category = models.CharField(_("class"), max_length=80, blank=True)
    group = models.CharField(
        _("group"), max_length=120,
        help_text=_("Patient, slide or parent picture: all of a group go to one part of the split."),
    )  # fmt: skip
    source = models.CharField(_("source"), max_length=300, blank=True)
    licence = models.CharField(_("licence"), max_length=120, blank=True)
    specimen = models.CharField(_("specimen"), max_length=16, choices=Biopsy.Specimen, blank=True)
    stain = models.CharField(_("stain"), max_length=16, choices=Biopsy.Stain, blank=True)
    origin = models.CharField(_("mask"), max_length=12, choices=Origin, default=Origin.NONE)
    # The analysis whose prediction was confirmed; that app lies above this one, so no foreign key.
    analysis_id = models.UUIDField(null=True, blank=True)
    mask_job = models.OneToOneField(
        "jobs.Job", on_delete=models.PROTECT, null=True, blank=True, related_name="mask_sample"
    )
    review = models.CharField(_("review"), max_length=12, choices=Review, default=Review.WAITING)
    reviewed_by = models.ForeignKey(
        "accounts.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    reviewed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ClinicQuerySet["Sample"].as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("sample"), _("samples")
        ordering = ["created_at", "name"]
        indexes = [models.Index(fields=["dataset", "review"], name="sample_review")]
        constraints = [
            models.UniqueConstraint(fields=["dataset", "picture"], name="picture_once_a_dataset"),
            models.CheckConstraint(condition=~models.Q(group=""), name="sample_has_a_group"),
            models.CheckConstraint(
                condition=~models.Q(review="approved") | models.Q(labels__isnull=False),
                name="approved_sample_has_a_mask",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class DatasetVersion(models.Model):
    """The approved samples of one moment, for good: manifest, digest, the part of each sample.

    A group keeps the part it had in an earlier version of the same data set, so that no later training
    ever sees what an earlier one was tested on.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey("accounts.Clinic", on_delete=models.PROTECT, related_name="+")
    dataset = models.ForeignKey(Dataset, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    seed = models.PositiveIntegerField(default=0)
    job = models.OneToOneField("jobs.Job", on_delete=models.PROTECT, related_name="frozen_version")
    created_by = models.ForeignKey(
        "accounts.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    # Empty until the job succeeds.
    digest = models.CharField(max_length=64, blank=True, help_text="sha256 of the sorted manifest")
    manifest = models.ForeignKey(
        "common.StoredFile", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    statistics = models.JSONField(default=dict, blank=True)

    objects = ClinicQuerySet["DatasetVersion"].as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("frozen version"), _("frozen versions")
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["dataset", "number"], name="version_number_once_a_dataset")
        ]

    def __str__(self) -> str:
        return f"{self.dataset} v{self.number}"

    @property
    def is_frozen(self) -> bool:
        return bool(self.digest)


class VersionSample(models.Model):
    """One line of the manifest: which bytes, which group, which part. Never changed."""

    class Part(models.TextChoices):
        TRAIN = "train", _("Training")
        VALIDATION = "validation", _("Validation")
        TEST = "test", _("Test")

    version = models.ForeignKey(DatasetVersion, on_delete=models.CASCADE, related_name="samples")
    sample = models.ForeignKey(Sample, on_delete=models.PROTECT, related_name="frozen")
    name = models.CharField(max_length=255)
    picture = models.ForeignKey("common.StoredFile", on_delete=models.PROTECT, related_name="+")
    labels = models.ForeignKey("common.StoredFile", on_delete=models.PROTECT, related_name="+")
    group = models.CharField(max_length=120)
    modality = models.CharField(max_length=40, blank=True)
    nuclei_count = models.PositiveIntegerField(default=0)
    part = models.CharField(max_length=10, choices=Part)

    class Meta:
        ordering = ["name", "id"]
        constraints = [models.UniqueConstraint(fields=["version", "sample"], name="sample_once_a_version")]

    def __str__(self) -> str:
        return f"{self.name} ({self.part})"
