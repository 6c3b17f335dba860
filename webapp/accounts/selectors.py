"""What other apps ask about people."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser

from webapp.accounts.models import Clinic, User


def clinic_of(user: User | AnonymousUser) -> Clinic | None:
    """The clinic of a signed-in person; None for a visitor and for a maintainer without clinic."""
    return None if isinstance(user, AnonymousUser) else user.clinic
