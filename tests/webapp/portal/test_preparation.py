"""An installation is prepared once, however often and by however many at a time it is asked for."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from tests.house.tree import ROOT

ACCOUNT = "shown only once"


def prepare(var: Path, database_url: str, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "django", "installation_prepare", *arguments]
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "webapp.settings", "LC_ALL": "en_US.UTF-8"}
    environment |= {"MEDULA_VAR": str(var), "MEDULA_STORAGE": str(var / "storage")}
    environment |= {"DATABASE_URL": database_url, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        command, env=environment, cwd=var.parent, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


@pytest.mark.parametrize("kind", ["embedded", "server"])
def test_two_at_once_make_one_account_and_both_end_well(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    database_url = f"sqlite:///{tmp_path}/ledger.sqlite3"
    if kind == "server":
        database_url = request.getfixturevalue("postgres_url")
    both = [prepare(tmp_path / "var", database_url) for _ in range(2)]
    said = [process.communicate(timeout=100) for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    assert sum(ACCOUNT in printed for printed, _ in said) == 1
    assert all("is prepared" in printed for printed, _ in said)
    assert (tmp_path / "var" / "static").is_dir()
    if kind == "server":
        with psycopg.connect(database_url) as server:
            for table in ("accounts_user", "jobs_job"):  # one account, one demo
                assert server.execute(f"SELECT count(*) FROM {table}".encode()).fetchall() == [(1,)]
            assert server.execute("SELECT count(*) > 0 FROM registry_modelversion").fetchone() == (True,)


def test_a_database_that_is_not_there_is_said_in_a_sentence(tmp_path: Path) -> None:
    process = prepare(tmp_path / "var", "postgresql://medula@127.0.0.1:1/none")
    printed, complaint = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "The database could not be prepared" in complaint and "Traceback" not in complaint
    assert ACCOUNT not in printed
