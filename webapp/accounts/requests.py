"""The request of someone who is signed in, as the views behind `login_required` get it."""

from __future__ import annotations

from django.http import HttpRequest

from webapp.accounts.models import User


class PersonRequest(HttpRequest):
    """For types only: Django hands the views its own class, whose user may be a visitor."""

    user: User
