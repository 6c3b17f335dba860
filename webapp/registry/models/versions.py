"""Networks, and the diary of who put which into use."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from webapp.common.querysets import ClinicQuerySet


class VersionQuerySet(models.QuerySet["ModelVersion"]):
    """The shipped versions are everyone's; one trained by a clinic is that clinic's alone."""

    def for_clinic(self, clinic_id: int | None) -> VersionQuerySet:
        return self.filter(Q(clinic=None) | Q(clinic_id=clinic_id)) if clinic_id else self.filter(clinic=None)


class ModelVersion(models.Model):
    """One trained network, named by the digest of its weights.

    Without clinic it came with the installation and serves all; a clinic's own version in production goes
    before it, for that clinic.
    """

    class Stage(models.TextChoices):
        CANDIDATE = "candidate", _("Candidate")
        PRODUCTION = "production", _("In use")
        RETIRED = "retired", _("Retired")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(
        "accounts.Clinic", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    family = models.CharField(max_length=40)
    version = models.PositiveIntegerField()
    digest = models.CharField(max_length=80, unique=True)
    bundle = models.CharField(max_length=200, help_text="Folder: of the distribution, or under storage.")
    stage = models.CharField(max_length=12, choices=Stage, default=Stage.CANDIDATE)
    spec = models.JSONField(default=dict)
    test_report = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = VersionQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("model version"), _("model versions")
        constraints = [
            models.UniqueConstraint(
                fields=["family", "version"], condition=Q(clinic=None), name="version_once_a_family"
            ),
            models.UniqueConstraint(
                fields=["clinic", "family", "version"],
                condition=Q(clinic__isnull=False),
                name="version_once_a_family_and_clinic",
            ),
            models.UniqueConstraint(
                fields=["family"],
                condition=Q(stage="production", clinic=None),
                name="one_production_a_family",
            ),
            models.UniqueConstraint(
                fields=["clinic", "family"],
                condition=Q(stage="production", clinic__isnull=False),
                name="one_production_a_family_and_clinic",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.family} {self.version}"

    @property
    def digest_short(self) -> str:
        """Enough of the digest to tell versions apart by eye."""
        return self.digest.removeprefix("sha256:")[:8]


class StageChange(models.Model):
    """The registry's diary: the gate's verdicts, promotions, retirements, rollbacks, and why. Append-only."""

    class Kind(models.TextChoices):
        REGISTERED = "registered", _("Registered")
        PASSED = "passed", _("Passed the gate")
        REFUSED = "refused", _("Refused by the gate")
        PROMOTED = "promoted", _("Put into use")
        ROLLED_BACK = "rolled_back", _("Put back into use")
        RETIRED = "retired", _("Retired")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey("accounts.Clinic", on_delete=models.PROTECT, related_name="+")
    model_version = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="changes")
    kind = models.CharField(max_length=12, choices=Kind)
    evaluation = models.ForeignKey(
        "registry.Evaluation", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    # The code and parameters of the reasons' sentences, so that each reader has them in their language.
    reasons = models.JSONField(default=list, blank=True)
    by = models.ForeignKey(
        "accounts.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    rule = models.ForeignKey(
        "registry.RetrainingRule", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ClinicQuerySet["StageChange"].as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("stage change"), _("stage changes")
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.model_version} {self.kind}"
