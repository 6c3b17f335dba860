"""The wall between clinics: pages ask for rows through `of(user)`, so another clinic's row is not found."""

from __future__ import annotations

from typing import Any, TypeVar

from django.contrib.auth.models import AnonymousUser
from django.db import models

Row = TypeVar("Row", bound=models.Model)


class ClinicQuerySet(models.QuerySet[Row]):
    """Rows that carry `clinic`."""

    def of(self, user: Any) -> ClinicQuerySet[Row]:
        """What this person may see: the rows of their clinic; nothing for those who have none."""
        clinic_id = None if isinstance(user, AnonymousUser) else user.clinic_id
        return self.none() if clinic_id is None else self.filter(clinic_id=clinic_id)
