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
