"""Pages for what went wrong, in both languages, and no traceback on any of them."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client, RequestFactory
from pytest_django.fixtures import Settings

from webapp.portal.errors import bad_request, permission_denied, server_error


@pytest.mark.parametrize(
    ("language", "words"), [("es", "Esta página no existe"), ("en", "This page does not exist")]
)
def test_an_unknown_address(client: Client, language: str, words: str, db: None) -> None:
    answer = client.get("/nowhere/", headers={"accept-language": language})
    assert answer.status_code == 404
    assert words in answer.content.decode()


@pytest.mark.parametrize(
    ("page", "status"), [(bad_request, 400), (permission_denied, 403), (server_error, 500)]
)
def test_pages_that_need_no_database(page: Any, status: int) -> None:
    request = RequestFactory().get("/")
    answer = page(request) if page is server_error else page(request, Exception())
    assert answer.status_code == status
    assert "Go to the cases" in answer.content.decode() or "Ir a los casos" in answer.content.decode()


def test_a_fault_of_ours_is_a_page_and_not_a_traceback(
    alice: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from webapp.portal import cases

    def broken(*args: Any, **kwargs: Any) -> Any:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(cases, "case_rows", broken)
    client = Client(raise_request_exception=False, headers={"accept-language": "es"})
    client.force_login(alice)
    answer = client.get("/")
    assert answer.status_code == 500
    assert "Algo falló de nuestro lado" in answer.content.decode()
    assert "secret detail" not in answer.content.decode()
    assert "secret detail" in caplog.text


def test_a_host_that_is_not_ours_is_refused(client: Client, settings: Settings) -> None:
    settings.ALLOWED_HOSTS = ["medula.example"]
    assert client.get("/health/", headers={"host": "evil.example"}).status_code == 400


def test_nothing_may_come_from_another_host(client: Client) -> None:
    policy = client.get("/health/")["Content-Security-Policy"]
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert rules["default-src"] == "'self'"
    assert "unsafe" not in policy and "http" not in policy and "*" not in policy
