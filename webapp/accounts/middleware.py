"""What follows from who is signed in: their language, and a first password that must be changed."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import translation

from webapp.accounts.models import User


class PersonMiddleware:
    """The person's own language where this browser has chosen none; a new password before anything else."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        if isinstance(user, User):
            if user.language and settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
                translation.activate(user.language)
                request.LANGUAGE_CODE = user.language
            if user.must_change_password and not _is_open(request.path):
                return redirect("account_change_password")
        response = self.get_response(request)
        if request.headers.get("HX-Request") and response.status_code == 302:
            # A fragment that asks for itself would otherwise put the sign-in page into the middle of its own.
            return HttpResponse(headers={"HX-Refresh": "true"})
        return response


def _is_open(path: str) -> bool:
    """The pages that a person with a first password may still open."""
    return path in {
        reverse("account_change_password"),
        reverse("account_logout"),
        reverse("set_language"),
        reverse("health"),
    }
