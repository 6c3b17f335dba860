"""One picture read by one version of the network with one set of parameters, once."""

from __future__ import annotations

import uuid

from django.db import models

from webapp.common.querysets import ClinicQuerySet


class Analysis(models.Model):
    """Asked twice, it is the same row. It has no state of its own: it reads its job's."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey("accounts.Clinic", on_delete=models.PROTECT, related_name="+")
    image = models.ForeignKey("cases.BiopsyImage", on_delete=models.CASCADE, related_name="analyses")
    model_version = models.ForeignKey(
        "registry.ModelVersion", on_delete=models.PROTECT, related_name="analyses"
    )
    parameters = models.JSONField(default=dict, blank=True)
    parameters_digest = models.CharField(max_length=64)
    job = models.OneToOneField("jobs.Job", on_delete=models.PROTECT, related_name="analysis")
    requested_by = models.ForeignKey(
        "accounts.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    # Empty until the job succeeds; written in the transaction that ends it.
    attempt = models.PositiveIntegerField(null=True, blank=True)
    nuclei_count = models.PositiveIntegerField(null=True, blank=True)
    modality = models.CharField(max_length=40, blank=True)
    um_per_px = models.FloatField(null=True, blank=True)
    summary = models.JSONField(default=dict, blank=True)
    labels = models.ForeignKey(
        "common.StoredFile", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    overlay = models.ForeignKey(
        "common.StoredFile", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    mask_tiles = models.ForeignKey(
        "common.StoredFile", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    mask_tiles_info = models.JSONField(default=dict, blank=True)
    nuclei = models.ForeignKey(
        "common.StoredFile", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    outlines = models.ForeignKey(
        "common.StoredFile", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = ClinicQuerySet["Analysis"].as_manager()

    class Meta:
        verbose_name_plural = "analyses"
        constraints = [
            models.UniqueConstraint(
                fields=["image", "model_version", "parameters_digest"], name="analysis_asked_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.image_id} · {self.model_version_id}"


class Batch(models.Model):
    """Pictures handed in together, whose analyses are followed and read as one table."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey("accounts.Clinic", on_delete=models.PROTECT, related_name="+")
    biopsy = models.ForeignKey("cases.Biopsy", on_delete=models.CASCADE, related_name="batches")
    name = models.CharField(max_length=200, blank=True)
    model_version = models.ForeignKey(
        "registry.ModelVersion", on_delete=models.PROTECT, null=True, blank=True, related_name="batches",
        help_text="The version asked for; without one, the version in use when a picture is prepared.",
    )  # fmt: skip
    created_by = models.ForeignKey(
        "accounts.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ClinicQuerySet["Batch"].as_manager()

    class Meta:
        verbose_name_plural = "batches"
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.name or str(self.id)


class BatchItem(models.Model):
    """One file of a batch: a kept picture, an archive being taken apart, or one that was refused, and why."""

    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="items")
    position = models.PositiveIntegerField()
    name = models.CharField(max_length=255)
    image = models.ForeignKey(
        "cases.BiopsyImage", on_delete=models.CASCADE, null=True, blank=True, related_name="batch_items"
    )
    # An archive of many pictures is itself an item until its job has taken it apart.
    archive = models.ForeignKey(
        "common.StoredFile", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    job = models.OneToOneField(
        "jobs.Job", on_delete=models.PROTECT, null=True, blank=True, related_name="batch_item"
    )
    error_code = models.CharField(max_length=60, blank=True, default="")
    error_params = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["batch", "position"], name="item_position_once_a_batch"),
            models.UniqueConstraint(
                fields=["batch", "image"], condition=models.Q(image__isnull=False), name="image_once_a_batch"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Matching(models.Model):
    """Which stored masks coincide best with the regions of one picture: asked once, answered by a job."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey("accounts.Clinic", on_delete=models.PROTECT, related_name="+")
    analysis = models.ForeignKey(Analysis, on_delete=models.CASCADE, related_name="matchings")
    parameters = models.JSONField(default=dict, blank=True)
    parameters_digest = models.CharField(max_length=64, help_text="Of the library and the settings.")
    job = models.OneToOneField("jobs.Job", on_delete=models.PROTECT, related_name="matching")
    requested_by = models.ForeignKey(
        "accounts.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    # Written with the job's end: a region a row, each with its best stored masks and their scores.
    result = models.ForeignKey(
        "common.StoredFile", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    summary = models.JSONField(default=dict, blank=True)

    objects = ClinicQuerySet["Matching"].as_manager()

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(fields=["analysis", "parameters_digest"], name="matching_asked_once")
        ]

    def __str__(self) -> str:
        return f"{self.analysis_id}"
