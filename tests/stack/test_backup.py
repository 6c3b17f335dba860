"""The backup of docs/deployment.md, by its own commands, is a whole installation again elsewhere."""

from __future__ import annotations

import hashlib
import os
import re
import shlex
import subprocess
import uuid
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from tests.house.tree import ROOT
from tests.services import postgres_program, wait_until
from tests.stack.stack import Stack

pytestmark = pytest.mark.timeout(1200)
DOCUMENT = (ROOT / "docs" / "deployment.md").read_text(encoding="utf-8")
FILES = "SELECT path, sha256 FROM common_storedfile ORDER BY path"


def documented(program: str) -> list[str]:
    """The one command with this program that the document gives, without what calls the container."""
    (line,) = re.findall(rf"^docker compose (?:exec|run) .*({program} [^<>]*)", DOCUMENT, re.MULTILINE)
    return shlex.split(line)


def on(stack: Stack, command: list[str], database_url: str) -> list[str]:
    """The same of this computer's PostgreSQL."""
    program = postgres_program(command[0])
    if program is None:
        pytest.skip(f"{command[0]} is not installed (Debian: apt-get install postgresql)")
    named = [database_url if part == "medula" and before != "--username" else part
             for before, part in zip(["", *command], command, strict=False)]  # fmt: skip
    named[named.index("--username") : named.index("--username") + 2] = []
    return [program, *named[1:]]


def run(command: list[str], *, source: Path | None = None, output: Path | None = None) -> None:
    with open(source or os.devnull, "rb") as read, open(output or os.devnull, "wb") as written:
        subprocess.run(command, check=True, stdin=read, stdout=written, timeout=300)


def test_what_was_saved_is_whole_again_elsewhere(
    stack: Stack, pictures: Callable[[int, int], dict[str, bytes]], tmp_path: Path
) -> None:
    person = stack.sign_in()
    case, door = person.new_case("P-BACKUP")
    person.upload(case, door, pictures(5, 1))
    open_jobs = "SELECT count(*) FROM jobs_job WHERE state IN ('queued', 'running')"
    wait_until(lambda: stack.query(open_jobs) == [(0,)], "all work ends", 300)

    dump, files = tmp_path / "medula.dump", tmp_path / "medula-files.tar"
    run(on(stack, documented("pg_dump"), stack.database_url), output=dump)
    save = [str(stack.var) if part == "/var/lib/medula" else part for part in documented("tar .* -cf")]
    run(save, output=files)

    server, _, _ = stack.database_url.rpartition("/")
    name = f"medula_{uuid.uuid4().hex}"
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    restore = on(stack, documented("pg_restore"), f"{server}/{name}")
    run(restore, source=dump)
    again = Stack(tmp_path / "again", f"{server}/{name}")
    again.var.mkdir(parents=True)
    load = [str(again.var) if part == "/var/lib/medula" else part for part in documented("tar .* -xf")]
    run(load, source=files)

    assert again.query(FILES) == stack.query(FILES) != []
    for path, sha256 in again.query(FILES):
        assert hashlib.sha256((again.var / "storage" / path).read_bytes()).hexdigest() == sha256
    assert (again.var / "secret_key").read_text() == (stack.var / "secret_key").read_text()
    prepared = again.prepare()
    assert "contraseña" not in prepared, "there are accounts already"
