"""Clinic and User. Every row of the application belongs to one clinic."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _


class Clinic(models.Model):
    """A laboratory or hospital; its people see only its own rows."""

    name = models.CharField(max_length=200)
    slug = models.SlugField(max_length=80, unique=True)

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

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, null=True, blank=True, related_name="people")
    role = models.CharField(max_length=16, choices=Role, default=Role.LABORATORY)
    language = models.CharField(max_length=2, choices=Language, blank=True, default="")
    must_change_password = models.BooleanField(default=False)

    class Meta(AbstractUser.Meta):
        constraints = [
            models.CheckConstraint(
                condition=models.Q(clinic__isnull=False) | models.Q(is_superuser=True),
                name="user_has_clinic_or_maintains",
            )
        ]
