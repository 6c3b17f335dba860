"""Clinic and User. Every row of the application belongs to one clinic."""

from __future__ import annotations

import uuid

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _


class Clinic(models.Model):
    """A laboratory or hospital; its people see only its own rows."""

    name = models.CharField(_("name"), max_length=200)
    slug = models.SlugField(max_length=80, unique=True)

    class Meta:
        verbose_name, verbose_name_plural = _("clinic"), _("clinics")

    def __str__(self) -> str:
        return self.name


class User(AbstractUser):
    """A person who signs in. Only a superuser, who maintains the installation, has no clinic."""

    class Role(models.TextChoices):
        CLINICIAN = "clinician", _("Clinician")
        CURATOR = "curator", _("Curator")
        LABORATORY = "laboratory", _("Laboratory")
        ADMINISTRATOR = "administrator", _("Administrator")

    class Language(models.TextChoices):
        BROWSER = "", _("As the browser asks")
        SPANISH = "es", _("Spanish")
        ENGLISH = "en", _("English")

    clinic = models.ForeignKey(
        Clinic, on_delete=models.PROTECT, null=True, blank=True, related_name="people",
        verbose_name=_("clinic"),
    )  # fmt: skip
    role = models.CharField(_("role"), max_length=16, choices=Role, default=Role.LABORATORY)
    language = models.CharField(_("language"), max_length=2, choices=Language, blank=True, default="")
    must_change_password = models.BooleanField(_("must change the password"), default=False)

    class Meta(AbstractUser.Meta):
        constraints = [
            models.CheckConstraint(
                condition=models.Q(clinic__isnull=False) | models.Q(is_superuser=True),
                name="user_has_clinic_or_maintains",
            )
        ]


class ApiToken(models.Model):
    """A key for programs. Only its sha256 is kept: 256 random bits need no slow hash."""

    class Scope(models.TextChoices):
        READ = "read", _("Read")
        UPLOAD = "upload", _("Upload pictures and ask for analyses")
        CURATE = "curate", _("Curate data sets")
        TRAIN = "train", _("Train and put models into use")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(_("name"), max_length=80)
    prefix = models.CharField(max_length=12, help_text="The first characters, to tell tokens apart.")
    digest = models.CharField(max_length=64, unique=True)
    scopes = models.JSONField(default=list)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(_("expires"))
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"
