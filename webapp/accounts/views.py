"""The language switch."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseBase
from django.views import i18n
from django.views.decorators.http import require_POST

from webapp.accounts.models import User
from webapp.accounts.services import language_choose


@require_POST
def set_language(request: HttpRequest) -> HttpResponseBase:
    """Keeps the choice in this browser's cookie and, for a signed-in person, in their account."""
    if isinstance(request.user, User):
        language_choose(user=request.user, language=request.POST.get("language", ""))
    return i18n.set_language(request)
