"""`Authorization: Bearer medula_…`: the token's owner, and the token beside the request."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from segmentation.errors import DataError
from webapp.accounts.models import ApiToken, User
from webapp.accounts.tokens import token_find, token_used


class TokenAuthentication(BaseAuthentication):
    """Speaks only where a header is sent; a wrong one is 401 with the reason."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        header = get_authorization_header(request)
        if not header:
            return None
        kind, _, secret = header.partition(b" ")
        if kind.lower() != b"bearer" or not secret or b" " in secret:
            raise Refused(DataError("token_malformed"))
        try:
            token = token_find(secret=secret.decode("latin-1"))
        except DataError as reason:
            raise Refused(reason) from reason
        token_used(token=token)
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="medula"'


class Refused(AuthenticationFailed):
    """401 with a sentence of ours."""

    def __init__(self, reason: DataError) -> None:
        super().__init__(str(reason), code=reason.code)
        self.reason = reason


class TokenScheme(OpenApiAuthenticationExtension):
    """How the document describes it."""

    target_class = TokenAuthentication
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "medula_…"}
