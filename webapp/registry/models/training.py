"""Trainings and tunings, an epoch or a trial a row."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from webapp.common.querysets import ClinicQuerySet
from webapp.registry.models.rules import RetrainingRule
from webapp.registry.models.versions import ModelVersion


class TrainingRun(models.Model):
    """One training of one frozen version with one set of settings. Its state is its job's."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey("accounts.Clinic", on_delete=models.PROTECT, related_name="+")
    dataset_version = models.ForeignKey(
        "datasets.DatasetVersion", on_delete=models.PROTECT, related_name="runs"
    )
    start_version = models.ForeignKey(
        ModelVersion, on_delete=models.PROTECT, null=True, blank=True, related_name="successors"
    )
    rule = models.ForeignKey(
        RetrainingRule, on_delete=models.SET_NULL, null=True, blank=True, related_name="runs"
    )
    config = models.JSONField(default=dict)
    request_digest = models.CharField(
        max_length=64, help_text="Of version, start and settings: asked twice, it is the same run."
    )
    estimate_s = models.PositiveIntegerField(null=True, blank=True)
    job = models.OneToOneField("jobs.Job", on_delete=models.PROTECT, related_name="training_run")
    requested_by = models.ForeignKey(
        "accounts.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    # Written with the job's end.
    model_version = models.OneToOneField(
        ModelVersion, on_delete=models.PROTECT, null=True, blank=True, related_name="training_run"
    )
    best_epoch = models.PositiveIntegerField(null=True, blank=True)
    device = models.CharField(max_length=80, blank=True)

    objects = ClinicQuerySet["TrainingRun"].as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("training run"), _("training runs")
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(fields=["clinic", "request_digest"], name="training_asked_once")
        ]

    def __str__(self) -> str:
        return f"{self.dataset_version} · {self.created_at:%Y-%m-%d %H:%M}"


class EpochMetric(models.Model):
    """One epoch of a run, written while it trains."""

    run = models.ForeignKey(TrainingRun, on_delete=models.CASCADE, related_name="epochs")
    epoch = models.PositiveIntegerField()
    loss = models.FloatField()
    val_loss = models.FloatField()
    accuracy = models.FloatField()
    val_accuracy = models.FloatField()
    val_ap50 = models.FloatField()
    val_map = models.FloatField()
    seconds = models.FloatField()
    recorded_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["epoch"]
        constraints = [models.UniqueConstraint(fields=["run", "epoch"], name="epoch_once_a_run")]

    def __str__(self) -> str:
        return f"{self.epoch}"


class TuningStudy(models.Model):
    """A search for settings on one frozen version, judged on its validation part only."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey("accounts.Clinic", on_delete=models.PROTECT, related_name="+")
    dataset_version = models.ForeignKey(
        "datasets.DatasetVersion", on_delete=models.PROTECT, related_name="studies"
    )
    config = models.JSONField(default=dict, help_text="The settings that are not searched.")
    search = models.JSONField(default=dict, help_text="trials, epochs, steps, and the ranges searched")
    job = models.OneToOneField("jobs.Job", on_delete=models.PROTECT, related_name="tuning_study")
    requested_by = models.ForeignKey(
        "accounts.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ClinicQuerySet["TuningStudy"].as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("tuning"), _("tunings")
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.dataset_version} · {self.created_at:%Y-%m-%d %H:%M}"


class Trial(models.Model):
    """One try of a tuning: its settings and what validation said."""

    class Outcome(models.TextChoices):
        COMPLETE = "complete", _("Complete")
        PRUNED = "pruned", _("Stopped early: behind the others")
        FAILED = "failed", _("Failed")

    study = models.ForeignKey(TuningStudy, on_delete=models.CASCADE, related_name="trials")
    number = models.PositiveIntegerField()
    params = models.JSONField(default=dict)
    value = models.FloatField(null=True, blank=True, help_text="validation mean AP, best epoch")
    epochs = models.PositiveIntegerField(default=0)
    seconds = models.FloatField(default=0)
    outcome = models.CharField(max_length=12, choices=Outcome)

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["study", "number"], name="trial_once_a_study")]

    def __str__(self) -> str:
        return f"{self.number}"
