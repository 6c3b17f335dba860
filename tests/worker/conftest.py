"""A ledger that several threads may use at once, as a heart and its work do: a migrated SQLite file."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, connections
from pytest_django import DjangoDbBlocker

from tests.installation import Installation
from webapp.accounts.models import Clinic
from webapp.common.environment import database
from webapp.jobs.models import Job
from webapp.jobs.services import job_create
from worker.runner import HANDLERS

ACTING = "tests.worker.acting_handler"


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("migrated")
    file = folder / "ledger.sqlite3"
    Installation(folder / "site", f"sqlite:///{file}").migrate()
    return file


@pytest.fixture
def ledger(migrated_file: Path, tmp_path: Path, django_db_blocker: DjangoDbBlocker) -> Iterator[Path]:
    """This test's own database file, for every thread; the test session's database is left as it was."""
    file = tmp_path / "ledger.sqlite3"
    shutil.copy(migrated_file, file)
    found, set_aside = connections.settings["default"], connections["default"]
    connections.settings["default"] = {**found, **database(f"sqlite:///{file}")}
    with django_db_blocker.unblock():
        del connections["default"]
        yield file
        connection.close()
    connections.settings["default"] = found
    connections["default"] = set_aside


@pytest.fixture
def ask(ledger: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Job]:
    """Ask for work that acts as its payload says: `ask(act="refuse")`."""
    monkeypatch.setitem(HANDLERS, "acting", ACTING)

    def asked(**payload: Any) -> Job:
        clinic, _ = Clinic.objects.get_or_create(name="Hospital del Norte", slug="norte")
        return job_create(kind="acting", lane="training", clinic_id=clinic.id, payload=payload)

    return asked
