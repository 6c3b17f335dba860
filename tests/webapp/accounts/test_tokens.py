from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from segmentation.errors import DataError
from webapp.accounts.models import ApiToken, User
from webapp.accounts.tokens import (
    TOKENS_MOST,
    token_create,
    token_find,
    token_opens,
    token_revoke,
    token_used,
)


def make(user: Any, *scopes: str, **changes: Any) -> tuple[ApiToken, str]:
    return token_create(
        **{"user": user, "name": "microscope", "scopes": scopes or ("read",), "days": 30, **changes}
    )


def code_of(call: Any) -> str:
    with pytest.raises(DataError) as caught:
        call()
    return caught.value.code


def test_the_secret_is_long_and_only_its_digest_is_kept(alice: Any) -> None:
    token, secret = make(alice)
    assert secret.startswith("medula_")
    assert len(secret) == 7 + 43
    assert all(secret not in str(value) for value in ApiToken.objects.values().get().values())
    assert token_find(secret=secret) == token


def test_a_token_may_no_more_than_its_owner(alice: Any) -> None:
    assert code_of(lambda: make(alice, "read", "curate")) == "token_scope_closed"
    assert code_of(lambda: make(alice, "fly")) == "token_scope_closed"
    assert not ApiToken.objects.exists()


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"name": "  "}, "token_nameless"),
        ({"scopes": ()}, "token_scopeless"),
        ({"days": 0}, "token_days"),
        ({"days": 4000}, "token_days"),
    ],
)
def test_a_token_without_name_scope_or_end_is_not_made(
    alice: Any, changes: dict[str, Any], code: str
) -> None:
    assert code_of(lambda: make(alice, **changes)) == code


def test_one_unknown_revoked_expired_or_of_a_closed_account_opens_nothing(alice: Any) -> None:
    assert code_of(lambda: token_find(secret="medula_wrong")) == "token_unknown"
    token, secret = make(alice)
    User.objects.filter(pk=alice.pk).update(is_active=False)
    assert code_of(lambda: token_find(secret=secret)) == "token_owner"
    ApiToken.objects.filter(pk=token.pk).update(expires_at=timezone.now())
    assert code_of(lambda: token_find(secret=secret)) == "token_expired"
    assert token_revoke(token=token)
    assert not token_revoke(token=token)
    assert code_of(lambda: token_find(secret=secret)) == "token_revoked"


def test_a_role_taken_away_takes_the_tokens_scope_with_it(alice: Any) -> None:
    alice.role = User.Role.CURATOR
    alice.save()
    token, _ = make(alice, "curate")
    assert token_opens(token=token, scope="curate")
    token.user.role = User.Role.LABORATORY
    assert not token_opens(token=token, scope="curate")


def test_its_last_use_is_written_at_most_once_a_minute(alice: Any) -> None:
    token, _ = make(alice)
    token_used(token=token)
    token.refresh_from_db()
    first = token.last_used_at
    assert first is not None
    token_used(token=token)
    token.refresh_from_db()
    assert token.last_used_at == first
    ApiToken.objects.update(last_used_at=first - timedelta(minutes=2))
    token.refresh_from_db()
    token_used(token=token)
    token.refresh_from_db()
    assert token.last_used_at is not None and token.last_used_at >= first


def test_the_page_shows_a_new_secret_once(alice_client: Client) -> None:
    fields = {"name": "microscope 2", "scopes": ["read", "upload"], "days": "90"}
    page = alice_client.post("/accounts/tokens/", fields).content.decode()
    secret = page.split('readonly value="')[1].split('"')[0]
    assert token_find(secret=secret).scopes == ["read", "upload"]
    again = alice_client.get("/accounts/tokens/").content.decode()
    assert secret not in again
    assert "microscope 2" in again


def test_the_page_offers_only_what_the_role_may(alice_client: Client) -> None:
    page = alice_client.get("/accounts/tokens/").content.decode()
    assert 'value="upload"' in page
    assert 'value="train"' not in page
    fields = {"name": "x", "scopes": ["train"], "days": "90"}
    assert alice_client.post("/accounts/tokens/", fields).status_code == 200
    assert not ApiToken.objects.exists()


def test_a_person_revokes_their_own_tokens_only(alice: Any, alice_client: Client, bob_client: Client) -> None:
    token, _ = make(alice)
    address = f"/accounts/tokens/{token.pk}/revoke/"
    assert bob_client.post(address).status_code == 404
    assert alice_client.get(address).status_code == 405
    assert alice_client.post(address).status_code == 302
    token.refresh_from_db()
    assert token.revoked_at is not None


def test_the_token_of_someone_who_must_choose_a_new_password_waits_for_it(alice: Any) -> None:
    token, secret = make(alice)
    User.objects.filter(pk=alice.pk).update(must_change_password=True)
    assert code_of(lambda: token_find(secret=secret)) == "token_password"
    User.objects.filter(pk=alice.pk).update(must_change_password=False)
    assert token_find(secret=secret) == token


def test_a_person_has_only_so_many_tokens_and_is_told_so(alice: Any, alice_client: Client) -> None:
    tokens = [make(alice)[0] for _ in range(TOKENS_MOST)]
    assert code_of(lambda: make(alice)) == "token_too_many"
    form = {"name": "one more", "scopes": ["read"], "days": 30}
    assert "Revoke one" in alice_client.post("/accounts/tokens/", form).content.decode()
    token_revoke(token=tokens[0])
    assert "medula_" in alice_client.post("/accounts/tokens/", form).content.decode()
