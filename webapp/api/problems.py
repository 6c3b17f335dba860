"""Errors as problem+json (RFC 9457): a code for programs, a sentence in the reader's language."""

from __future__ import annotations

import logging
import math
import secrets
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation, TooManyFilesSent
from django.core.exceptions import ValidationError as RowInvalid
from django.http import Http404, UnreadablePostError
from django.utils.translation import get_language
from rest_framework import exceptions
from rest_framework.response import Response

from segmentation.errors import MedulaError, sentence
from webapp.api.authentication import Refused
from webapp.api.permissions import ScopeMissing

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
FILES_MOST = 100
# The statuses of our own codes; all others are 422: understood, and not possible.
STATUS = {
    "body_incomplete": 400,
    "body_too_large": 413,
    "key_invalid": 400,
    "key_running": 409,
    "no_file": 400,
    "state_conflict": 409,
    "too_many_bytes": 413,
    "too_many_files": 413,
}


def problem(
    status: int, code: str, params: dict[str, Any] | None = None, *, errors: list[Any] | None = None
) -> Response:
    """The answer of one error."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": sentence(code, params or {}, get_language() or "es"),
    }
    if errors is not None:
        body["errors"] = errors
    return Response(body, status=status, content_type=MEDIA_TYPE)


def handle(error: Exception, context: dict[str, Any]) -> Response:
    """Every error of a view, ours, the framework's or Django's, as a problem."""
    if isinstance(error, MedulaError):
        answer = problem(STATUS.get(error.code, 422), error.code, error.params)
        if error.code == "key_running":
            answer["Retry-After"] = "1"
        return answer
    known = _of_django(error) or _of_framework(error, context.get("request"))
    if known is None:
        return _unexpected(error)
    if getattr(error, "auth_header", None):
        known["WWW-Authenticate"] = error.auth_header  # type: ignore[attr-defined]
    return known


def _of_framework(error: Exception, request: Any) -> Response | None:
    if isinstance(error, Refused):
        return problem(401, error.reason.code, error.reason.params)
    if isinstance(error, ScopeMissing):
        return problem(403, "scope_missing", {"scope": error.scope})
    if isinstance(error, exceptions.NotAuthenticated):
        return problem(401, "sign_in_needed")
    if isinstance(error, exceptions.PermissionDenied):
        return problem(403, "csrf_failed")
    if isinstance(error, exceptions.ValidationError):
        return problem(400, "fields_invalid", errors=list(flattened(error.detail)))
    if isinstance(error, exceptions.ParseError):
        return problem(400, "body_unreadable", {"detail": str(error.detail)})
    if isinstance(error, exceptions.NotFound):
        return problem(404, "not_found")
    if isinstance(error, exceptions.MethodNotAllowed):
        return problem(405, "method_not_allowed", {"method": request.method if request else ""})
    if isinstance(error, exceptions.UnsupportedMediaType):
        return problem(415, "media_type_unsupported", {"media_type": request.content_type if request else ""})
    if isinstance(error, exceptions.Throttled):
        seconds = max(1, math.ceil(error.wait or 1))
        answer = problem(429, "too_many_requests", {"seconds": seconds})
        answer["Retry-After"] = str(seconds)
        return answer
    return None


def _of_django(error: Exception) -> Response | None:
    if isinstance(error, Http404):
        return problem(404, "not_found")
    if isinstance(error, PermissionDenied):
        return problem(403, "csrf_failed")
    if isinstance(error, TooManyFilesSent):
        return problem(413, "too_many_files", {"most": FILES_MOST})
    if isinstance(error, RequestDataTooBig):
        return problem(413, "body_too_large", {"max_megabytes": 2})
    if isinstance(error, UnreadablePostError):
        return problem(400, "body_incomplete")
    if isinstance(error, (SuspiciousOperation, RecursionError)):
        return problem(400, "request_invalid")
    if isinstance(error, RowInvalid):
        errors = [
            {"field": field, "code": "invalid", "detail": " ".join(texts)}
            for field, texts in (
                error.message_dict if hasattr(error, "error_dict") else {"": error.messages}
            ).items()
        ]
        return problem(400, "fields_invalid", errors=errors)
    if isinstance(error, OSError):
        log.exception("the storage failed a request")
        return problem(503, "storage_fault")
    return None


def _unexpected(error: Exception) -> Response:
    error_id = secrets.token_hex(4)
    log.error("a request failed, error %s", error_id, exc_info=error)
    return problem(500, "unexpected", {"error_id": error_id})


def flattened(detail: Any, field: str = "") -> Any:
    """The framework's nested errors, one after another: field, code, sentence."""
    if isinstance(detail, dict):
        for name, below in detail.items():
            inner = "" if name == "non_field_errors" else str(name)
            yield from flattened(below, ".".join(filter(None, (field, inner))))
    elif isinstance(detail, list):
        for below in detail:
            yield from flattened(below, field)
    else:
        yield {"field": field, "code": getattr(detail, "code", "invalid"), "detail": str(detail)}
