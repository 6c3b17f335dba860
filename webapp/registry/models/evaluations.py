"""The test part read once, with its pictures."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from webapp.common.querysets import ClinicQuerySet
from webapp.registry.models.training import TrainingRun
from webapp.registry.models.versions import ModelVersion


class Evaluation(models.Model):
    """The test part of a frozen version, read once by one network."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey("accounts.Clinic", on_delete=models.PROTECT, related_name="+")
    model_version = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="evaluations")
    dataset_version = models.ForeignKey(
        "datasets.DatasetVersion", on_delete=models.PROTECT, related_name="evaluations"
    )
    job = models.OneToOneField("jobs.Job", on_delete=models.PROTECT, related_name="evaluation")
    # Evaluated for a rule's run: the gate is asked once both this and production's are there.
    run = models.ForeignKey(
        TrainingRun, on_delete=models.SET_NULL, null=True, blank=True, related_name="evaluations"
    )
    requested_by = models.ForeignKey(
        "accounts.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    # Written with the job's end: rows by modality and method as segmentation.evaluation.table gives them.
    report = models.JSONField(default=dict, blank=True)

    objects = ClinicQuerySet["Evaluation"].as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("evaluation"), _("evaluations")
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "model_version", "dataset_version"], name="test_part_read_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.model_version} · {self.dataset_version}"


class EvaluationPanel(models.Model):
    """One picture of an evaluation: original | truth | prediction | overlay, and its figures."""

    evaluation = models.ForeignKey(Evaluation, on_delete=models.CASCADE, related_name="panels")
    position = models.PositiveIntegerField()
    name = models.CharField(max_length=255)
    modality = models.CharField(max_length=40, blank=True)
    picture = models.ForeignKey("common.StoredFile", on_delete=models.PROTECT, related_name="+")
    figures = models.JSONField(default=dict)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["evaluation", "position"], name="panel_once_an_evaluation")
        ]

    def __str__(self) -> str:
        return self.name
