"""Who may do what. A role opens doors; which rows lie behind them, the clinic's wall decides."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase

from webapp.accounts.models import ApiToken, User

READ, UPLOAD, CURATE, TRAIN = ApiToken.Scope.values

MAY: dict[str, frozenset[str]] = {
    User.Role.LABORATORY: frozenset({READ, UPLOAD}),
    User.Role.CLINICIAN: frozenset({READ, UPLOAD}),
    User.Role.CURATOR: frozenset({READ, UPLOAD, CURATE, TRAIN}),
    User.Role.ADMINISTRATOR: frozenset({READ, UPLOAD, CURATE, TRAIN}),
}


def may(user: User | AnonymousUser | Any, scope: str) -> bool:
    """Whether this person may do such things at all; nobody may without a clinic."""
    if not isinstance(user, User) or not user.is_active or user.clinic_id is None:
        return False
    return scope in MAY[user.role]


def needs(scope: str) -> Callable[[Callable[..., HttpResponseBase]], Callable[..., HttpResponseBase]]:
    """For a page: sign in first; 403 for those whose role does not open this door."""

    def decorate(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
        @wraps(view)
        def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not may(request.user, scope):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return login_required(checked)

    return decorate
