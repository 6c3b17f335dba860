"""Accounts are made here: the first one at the first start, others by `manage.py account_create`."""

from __future__ import annotations

import secrets

from django.db import transaction
from django.utils.text import slugify

from webapp.accounts.models import Clinic, User

# Without the letters and digits that are mistaken for one another when read from a screen.
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
FIRST_USERNAME = "admin"


def password_make() -> str:
    """Four groups of four, about 79 bits: easy to type once, hopeless to guess."""
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(4)) for _ in range(4))


@transaction.atomic
def clinic_create(*, name: str) -> Clinic:
    """The clinic of this name; asked twice, it is the same row."""
    slug = slugify(name)[:80] or "clinic"
    clinic, _ = Clinic.objects.get_or_create(slug=slug, defaults={"name": name})
    return clinic


@transaction.atomic
def account_create(
    *, clinic: Clinic, username: str, role: str, must_change_password: bool = True
) -> tuple[User, str]:
    """A new account and its password, which is stored only as a hash: show it once."""
    password = password_make()
    user = User(
        username=username, clinic=clinic, role=User.Role(role), must_change_password=must_change_password
    )
    user.set_password(password)
    user.full_clean(exclude=["password"])
    user.save()
    return user, password


@transaction.atomic
def first_account(*, clinic_name: str) -> tuple[User, str] | None:
    """The account of whoever installed this; None when there are accounts already."""
    if User.objects.exists():
        return None
    # The reader of the terminal is the owner of the account, so nobody else knows this password.
    return account_create(
        clinic=clinic_create(name=clinic_name),
        username=FIRST_USERNAME,
        role=User.Role.ADMINISTRATOR,
        must_change_password=False,
    )


def language_choose(*, user: User, language: str) -> None:
    """Remembers the language for the next browser; an unknown one changes nothing."""
    if language in User.Language.values and language != user.language:
        User.objects.filter(pk=user.pk).update(language=language)
