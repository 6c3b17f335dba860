"""Keys for programs: made once, shown once, kept only as a digest."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from segmentation.errors import DataError
from webapp.accounts.models import ApiToken, User
from webapp.accounts.roles import MAY, may

PREFIX = "medula_"
SECRET_BYTES = 32  # 43 characters that need no escaping in an address
SHOWN = 12
DAYS_MOST = 366
TOKENS_MOST = 20  # at once: each has its own count of requests a minute
USED_EVERY = timedelta(minutes=1)


def scopes_open_to(user: User) -> list[str]:
    """What a token of this person may be made for, in the order in which people read it."""
    return [scope for scope in ApiToken.Scope.values if may(user, scope)]


@transaction.atomic
def token_create(*, user: User, name: str, scopes: Iterable[str], days: int) -> tuple[ApiToken, str]:
    """A new token and its secret, which nobody can read again. Raises DataError for what may not be."""
    wanted = set(scopes)
    name = " ".join(name.split())[: ApiToken._meta.get_field("name").max_length]
    if not name:
        raise DataError("token_nameless")
    if not wanted:
        raise DataError("token_scopeless")
    if not 1 <= days <= DAYS_MOST:
        raise DataError("token_days", most=DAYS_MOST)
    closed = wanted - set(scopes_open_to(user))
    if closed:
        raise DataError("token_scope_closed", scope=", ".join(sorted(closed)))
    User.objects.select_for_update().get(pk=user.pk)
    alive = ApiToken.objects.filter(user=user, revoked_at=None, expires_at__gt=timezone.now())
    if alive.count() >= TOKENS_MOST:
        raise DataError("token_too_many", most=TOKENS_MOST)
    secret = PREFIX + secrets.token_urlsafe(SECRET_BYTES)
    token = ApiToken.objects.create(
        user=user,
        name=name,
        prefix=secret[:SHOWN],
        digest=digest_of(secret),
        scopes=[scope for scope in ApiToken.Scope.values if scope in wanted],
        expires_at=timezone.now() + timedelta(days=days),
    )
    return token, secret


def token_revoke(*, token: ApiToken) -> bool:
    """From now on it opens nothing. False: it had been revoked before."""
    return bool(ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=timezone.now()))


def token_find(*, secret: str) -> ApiToken:
    """The token of this secret, if it still opens doors; raises DataError with the reason if not."""
    token = ApiToken.objects.select_related("user__clinic").filter(digest=digest_of(secret)).first()
    if token is None:
        raise DataError("token_unknown")
    if token.revoked_at is not None:
        raise DataError("token_revoked")
    if token.expires_at <= timezone.now():
        raise DataError("token_expired")
    if not token.user.is_active or token.user.clinic_id is None:
        raise DataError("token_owner")
    if token.user.must_change_password:
        raise DataError("token_password")
    return token


def token_used(*, token: ApiToken) -> None:
    """Remembers when, at most once a minute: a busy program must not write with every read."""
    now = timezone.now()
    long_ago = Q(last_used_at=None) | Q(last_used_at__lt=now - USED_EVERY)
    if token.last_used_at is None or token.last_used_at < now - USED_EVERY:
        ApiToken.objects.filter(long_ago, pk=token.pk).update(last_used_at=now)


def token_opens(*, token: ApiToken, scope: str) -> bool:
    """Its own scopes, as far as its owner's role of today still has them."""
    return scope in token.scopes and scope in MAY[token.user.role]


def digest_of(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
