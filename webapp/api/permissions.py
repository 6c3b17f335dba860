"""Which scope an address needs; which rows lie behind it, the clinic's wall decides."""

from __future__ import annotations

from typing import Any

from rest_framework.exceptions import NotAuthenticated, PermissionDenied
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from webapp.accounts.models import ApiToken
from webapp.accounts.roles import READ, may
from webapp.accounts.tokens import token_opens


class ScopeMissing(PermissionDenied):
    """403 that names what is missing."""

    def __init__(self, scope: str) -> None:
        super().__init__(code="scope_missing")
        self.scope = scope


def scope_check(request: Request, scope: str) -> None:
    """Raises where neither the token nor the signed-in person has it."""
    if not request.user.is_authenticated:
        raise NotAuthenticated
    token = request.auth
    is_token = isinstance(token, ApiToken)
    opens = token_opens(token=token, scope=scope) if is_token else may(request.user, scope)
    if not opens:
        raise ScopeMissing(scope)


class HasScope(BasePermission):
    """Reading needs "read"; a view says in `write_scope` what its changes need."""

    def has_permission(self, request: Request, view: Any) -> bool:
        safe = request.method in SAFE_METHODS
        scope_check(request, READ if safe else view.write_scope)
        return True
