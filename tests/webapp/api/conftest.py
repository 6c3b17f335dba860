"""A program with a token of Alice's, and one of Bob's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from webapp.accounts.models import ApiToken, User
from webapp.accounts.tokens import token_create


def program(user: Any, *scopes: str, language: str = "en") -> Client:
    _, secret = token_create(user=user, name="microscope", scopes=scopes or ("read", "upload"), days=30)
    return Client(headers={"authorization": f"Bearer {secret}", "accept-language": language})


@pytest.fixture
def api(alice: Any) -> Client:
    return program(alice)


@pytest.fixture
def bobs_api(bob: Any) -> Client:
    return program(bob)


@pytest.fixture
def full_api(alice: Any) -> Client:
    """Of a curator: every scope there is."""
    User.objects.filter(pk=alice.pk).update(role=User.Role.CURATOR)
    alice.refresh_from_db()
    return program(alice, *ApiToken.Scope.values)


@pytest.fixture
def problem() -> Callable[..., dict[str, Any]]:
    """Checks that an answer is a problem of this status and code; returns it."""

    def check(answer: Any, status: int, code: str) -> dict[str, Any]:
        found: dict[str, Any] = answer.json()
        assert (answer.status_code, found["code"]) == (status, code), found
        assert answer["Content-Type"] == "application/problem+json"
        assert found["status"] == status
        assert len(found["detail"]) > 10
        return found

    return check
