"""Installations of real processes, on SQLite with a folder for a bell and on PostgreSQL with Redis."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.installation import Installation

SLOW_APP = "tests.faults.slow_app"
KINDS = ("embedded", "server")


@pytest.fixture
def embedded(tmp_path: Path) -> Iterator[Installation]:
    """SQLite and a folder; with the slow kind of work."""
    found = Installation(tmp_path / "site", f"sqlite:///{tmp_path}/ledger.sqlite3", celery_app=SLOW_APP)
    found.migrate()
    yield found
    found.kill_all()


@pytest.fixture
def server(tmp_path: Path, postgres_url: str, redis_url: str) -> Iterator[Installation]:
    """PostgreSQL and Redis; with the slow kind of work."""
    found = Installation(tmp_path / "site", postgres_url, redis_url, celery_app=SLOW_APP)
    found.migrate()
    yield found
    found.kill_all()


@pytest.fixture(params=KINDS)
def site(request: pytest.FixtureRequest) -> Installation:
    """Each kind of installation in turn."""
    found: Installation = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def ask(tmp_path: Path) -> Callable[..., Path]:
    """Ask an installation for slow work; returns the folder through which the test holds it."""

    def asked(
        site: Installation,
        *,
        count: int = 1,
        deadline_s: int = 600,
        hang: bool = False,
        lane: str = "pictures",
    ) -> Path:
        folder = tmp_path / f"work-{lane}"
        folder.mkdir(exist_ok=True)
        site.python(ASK, str(folder), str(count), str(deadline_s), str(hang), lane)
        return folder

    return asked


ASK = """
import sys
from webapp.accounts.models import Clinic
from webapp.jobs.services import job_create
folder, count, deadline_s, hang, lane = sys.argv[1:]
clinic, _ = Clinic.objects.get_or_create(name="Hospital del Norte", slug="norte")
for _ in range(int(count)):
    job_create(
        kind="slow", lane=lane, clinic_id=clinic.id, deadline_s=int(deadline_s),
        payload={"folder": folder, "hang": hang == "True"},
    )
"""
