"""django-allauth, as this installation uses it: sign in, sign out, change the password. Nothing is public."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest
from django.urls import reverse

from webapp.accounts.models import User


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # it has no types
    """Accounts are made by the person who runs the installation; nobody signs up."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def set_password(self, user: User, password: str) -> None:
        """Also called by the page "change the password": a first password is then a thing of the past."""
        user.must_change_password = False
        super().set_password(user, password)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("home")

    def add_message(self, request: HttpRequest, level: int, *args: Any, **kwargs: Any) -> None:
        """Signing in needs no message: the page that opens says it."""
        template = kwargs.get("message_template") or (args[0] if args else "")
        if template == "account/messages/password_changed.txt":
            super().add_message(request, level, *args, **kwargs)
