"""Signing in and out, the first password, the language."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import NoReverseMatch, reverse

from webapp.accounts.models import Clinic
from webapp.accounts.services import account_create

LOGIN = "/accounts/login/"


def sign_in(client: Client, password: str, **headers: str) -> Any:
    return client.post(LOGIN, {"login": "alice", "password": password}, headers=headers)


def test_the_right_password_opens_and_signing_out_closes(client: Client, alice: Any) -> None:
    assert sign_in(client, "correct-horse-7")["Location"] == "/"
    assert client.get("/").status_code == 200
    assert client.get("/accounts/logout/").status_code == 200  # asks first
    assert client.get("/").status_code == 200
    assert client.post("/accounts/logout/")["Location"] == LOGIN
    assert client.get("/").status_code == 302


@pytest.mark.parametrize("language", ["es", "en"])
def test_a_wrong_password_says_so_and_no_more(client: Client, alice: Any, language: str) -> None:
    answer = sign_in(client, "wrong", **{"accept-language": language})
    known = answer.content.decode()
    assert answer.status_code == 200
    assert 'class="note error"' in known or 'class="error"' in known
    unknown = client.post(
        LOGIN, {"login": "nobody", "password": "wrong"}, headers={"accept-language": language}
    ).content.decode()

    def said(page: str) -> str:
        return page.split('role="alert">')[1].split("<")[0]

    assert said(known) == said(unknown)


def test_guessing_is_stopped(client: Client, alice: Any) -> None:
    for _ in range(5):
        sign_in(client, "wrong")
    answer = sign_in(client, "correct-horse-7", **{"accept-language": "es"})
    assert answer.status_code in {200, 429}
    assert client.get("/").status_code == 302


def test_many_attempts_from_one_place_meet_a_page_of_ours(client: Client, db: None) -> None:
    for number in range(31):
        answer = client.post(
            LOGIN, {"login": f"n{number}", "password": "x"}, headers={"accept-language": "es"}
        )
    assert answer.status_code == 429
    assert "Demasiados intentos" in answer.content.decode()


@pytest.mark.parametrize("name", ["account_signup", "account_reset_password", "account_email"])
def test_nobody_makes_an_account_from_outside(name: str) -> None:
    with pytest.raises(NoReverseMatch):
        reverse(name)


@pytest.mark.parametrize("to", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_signing_in_never_leads_away(client: Client, alice: Any, to: str) -> None:
    answer = client.post(LOGIN, {"login": "alice", "password": "correct-horse-7", "next": to})
    assert answer["Location"] == "/"


def test_a_password_somebody_else_made_is_changed_first(client: Client, clinic: Clinic) -> None:
    user, password = account_create(clinic=clinic, username="ana", role="laboratory")
    client.post(LOGIN, {"login": "ana", "password": password})
    change = reverse("account_change_password")
    assert client.get("/")["Location"] == change
    page = client.get(change, headers={"accept-language": "en"}).content.decode()
    assert "Choose one of your own" in page
    answer = client.post(
        change, {"oldpassword": password, "password1": "una-nueva-clave-9", "password2": "una-nueva-clave-9"}
    )
    assert answer["Location"] == "/"
    assert client.get("/").status_code == 200
    user.refresh_from_db()
    assert user.check_password("una-nueva-clave-9")


@pytest.mark.parametrize(
    ("asked", "words"),
    [("", "Entrar"), ("de,fr;q=0.8", "Entrar"), ("es-PA", "Entrar"), ("en-GB,en;q=0.9", "Sign in")],
)
def test_spanish_unless_the_browser_asks_for_english(
    client: Client, db: None, asked: str, words: str
) -> None:
    page = client.get(LOGIN, headers={"accept-language": asked}).content.decode()
    assert f"<h1>{words}</h1>" in page


def test_a_chosen_language_stays_with_browser_and_person(client: Client, alice: Any) -> None:
    client.force_login(alice)
    chosen = client.post(reverse("set_language"), {"language": "en", "next": "/cases/new/"})
    assert chosen["Location"] == "/cases/new/"
    assert "<h1>Cases</h1>" in client.get("/").content.decode()
    elsewhere = Client(headers={"accept-language": "es"})
    elsewhere.force_login(alice)
    assert "<h1>Cases</h1>" in elsewhere.get("/").content.decode()


@pytest.mark.parametrize("language", ["xx", "", "../../etc"])
def test_an_unknown_language_changes_nothing(client: Client, alice: Any, language: str) -> None:
    client.force_login(alice)
    assert client.post(reverse("set_language"), {"language": language}).status_code == 302
    alice.refresh_from_db()
    assert alice.language == ""


def test_dates_are_written_as_people_read_them() -> None:
    import datetime

    from django.utils import formats, translation

    day = datetime.date(2026, 11, 23)
    written = {}
    for language in ("es", "en"):
        with translation.override(language):
            written[language] = formats.date_format(day)
    assert written == {"es": "23 nov 2026", "en": "23 Nov 2026"}
