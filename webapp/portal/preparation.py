"""What must be true before the first program runs: tables, networks, an account, static files.

`start` and `installation_prepare` both do it here. Asked again, it changes nothing; asked by several at
once, the second waits for the first.
"""

from __future__ import annotations

import fcntl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from webapp.accounts.services import first_account
from webapp.bootstrap.words import Refusal, language
from webapp.cases.services import demo_case_create
from webapp.registry.services import bundles_register

CLINIC = {"es": "Laboratorio", "en": "Laboratory"}
# Any number will do that nothing else in the same database uses: these are the letters MEDU.
ADVISORY_LOCK = 0x4D454455

Say = Callable[..., None]
"""Tells the person at the terminal: a key of bootstrap.words and its parameters."""


def prepare(say: Say, *, demo: bool) -> None:
    """Make the installation ready; Refusal where the database does not let us."""
    say("database")
    try:
        with one_at_a_time():
            call_command("migrate", interactive=False, verbosity=0)
            bundles_register()
            account_and_demo(say, demo=demo)
            call_command("collectstatic", interactive=False, verbosity=0)
    except DatabaseError as error:
        raise Refusal("migration_failed", detail=str(error).strip()) from error
    connection.close()


def account_and_demo(say: Say, *, demo: bool) -> None:
    """At the first start only: an account, whose password is shown here and nowhere else, and a case."""
    with transaction.atomic():
        account = first_account(clinic_name=CLINIC[language()])
        if account is None:
            return
        user, password = account
        if demo and user.clinic is not None:
            demo_case_create(clinic=user.clinic, user=user)
    say("first_account", username=user.get_username(), password=password)
    if demo:
        say("demo_made")


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Hold the installation: by a lock of PostgreSQL, or by a file beside SQLite's. Any death frees it."""
    if connection.vendor != "postgresql":
        folder = Path(settings.MEDULA_VAR) / "run"
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / "prepare.lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [ADVISORY_LOCK])
    try:
        yield
    finally:
        # The lock is the session's; closing it frees the lock even where a statement has failed.
        connection.close()
