"""What others ask about cases and pictures."""

from __future__ import annotations

from django.db.models import QuerySet

from webapp.accounts.models import User
from webapp.cases.models import Biopsy, BiopsyImage, Case


def cases_of(user: User) -> QuerySet[Case]:
    return Case.objects.of(user).select_related("patient")


def biopsies_of(user: User) -> QuerySet[Biopsy]:
    return Biopsy.objects.of(user).select_related("case__patient")


def images_of(user: User) -> QuerySet[BiopsyImage]:
    return BiopsyImage.objects.of(user).select_related(
        "original", "tiles", "thumbnail", "prepare_job", "biopsy__case__patient"
    )
