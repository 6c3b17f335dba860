"""The versions of the network that came with this installation or were trained on it."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _


class ModelVersion(models.Model):
    """One trained network, named by the digest of its weights. Shared by all clinics."""

    class Stage(models.TextChoices):
        CANDIDATE = "candidate", _("Candidate")
        PRODUCTION = "production", _("In use")
        RETIRED = "retired", _("Retired")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    family = models.CharField(max_length=40)
    version = models.PositiveIntegerField()
    digest = models.CharField(max_length=80, unique=True)
    bundle = models.CharField(max_length=200)
    stage = models.CharField(max_length=12, choices=Stage, default=Stage.CANDIDATE)
    spec = models.JSONField(default=dict)
    test_report = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["family", "version"], name="version_once_a_family"),
            models.UniqueConstraint(
                fields=["family"], condition=models.Q(stage="production"), name="one_production_a_family"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.family} {self.version}"

    @property
    def digest_short(self) -> str:
        """Enough of the digest to tell versions apart by eye."""
        return self.digest.removeprefix("sha256:")[:8]
