"""The rules that retrain by themselves, and what they tell the curators."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from webapp.common.querysets import ClinicQuerySet


class RetrainingRule(models.Model):
    """Retrain by itself: every so many days, or once so many newly approved samples wait."""

    class Start(models.TextChoices):
        PRODUCTION = "production", _("The version in use (transfer)")
        SCRATCH = "scratch", _("From scratch")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey("accounts.Clinic", on_delete=models.PROTECT, related_name="+")
    dataset = models.ForeignKey("datasets.Dataset", on_delete=models.CASCADE, related_name="rules")
    name = models.CharField(_("name"), max_length=120)
    every_days = models.PositiveSmallIntegerField(_("every so many days"), null=True, blank=True)
    new_samples = models.PositiveIntegerField(
        _("when so many newly approved samples wait"), null=True, blank=True
    )
    hour = models.PositiveSmallIntegerField(_("hour of the night (0 to 23)"), default=2)
    start = models.CharField(_("start from"), max_length=12, choices=Start, default=Start.PRODUCTION)
    config = models.JSONField(default=dict, blank=True)
    promotes = models.BooleanField(_("put into use by itself what passes the gate"), default=False)
    is_enabled = models.BooleanField(_("enabled"), default=True)
    next_run_at = models.DateTimeField(null=True, blank=True)
    last_run_at = models.DateTimeField(null=True, blank=True)
    created_by = models.ForeignKey(
        "accounts.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ClinicQuerySet["RetrainingRule"].as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("retraining rule"), _("retraining rules")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(every_days__isnull=False) | Q(new_samples__isnull=False),
                name="rule_says_when",
            ),
            models.CheckConstraint(condition=Q(hour__lte=23), name="rule_hour_is_an_hour"),
        ]

    def __str__(self) -> str:
        return self.name


class RuleRun(models.Model):
    """One night of a rule: why it began, what was frozen and trained, and how it ended. Its report.

    How far it is, the jobs of its version and of its run say; the sweep takes it on from there.
    """

    class Why(models.TextChoices):
        DAYS = "days", _("so many days had passed")
        SAMPLES = "samples", _("enough newly approved samples waited")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey("accounts.Clinic", on_delete=models.PROTECT, related_name="+")
    rule = models.ForeignKey(
        RetrainingRule, on_delete=models.SET_NULL, null=True, blank=True, related_name="nights"
    )
    name = models.CharField(max_length=120, help_text="The rule's name that night; the rule may go.")
    dataset = models.ForeignKey("datasets.Dataset", on_delete=models.CASCADE, related_name="+")
    why = models.CharField(max_length=8, choices=Why)
    new_samples = models.PositiveIntegerField(default=0)
    version = models.ForeignKey(
        "datasets.DatasetVersion", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    run = models.ForeignKey(
        "registry.TrainingRun", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    # The code of the sentence that says why it ended without a verdict; empty where the gate spoke.
    code = models.CharField(max_length=60, blank=True)
    params = models.JSONField(default=dict, blank=True)
    started_at = models.DateTimeField(auto_now_add=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = ClinicQuerySet["RuleRun"].as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("retraining by rule"), _("retrainings by rule")
        ordering = ["-started_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["rule"], condition=Q(closed_at=None), name="one_open_night_a_rule"
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} · {self.started_at:%Y-%m-%d %H:%M}"


class Notice(models.Model):
    """Something the curators of a clinic should hear: a retraining's outcome, in a coded sentence."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey("accounts.Clinic", on_delete=models.PROTECT, related_name="+")
    code = models.CharField(max_length=60)
    params = models.JSONField(default=dict, blank=True)
    run = models.ForeignKey(
        "registry.TrainingRun", on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    model_version = models.ForeignKey(
        "registry.ModelVersion", on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    read_by = models.ManyToManyField("accounts.User", blank=True, related_name="+")

    objects = ClinicQuerySet["Notice"].as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("notice"), _("notices")
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.code
