"""A real Redis and a real PostgreSQL for the tests, started on loopback in temporary folders.

They are used wherever their programs are installed; a test that needs one is skipped only where it is not.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
import redis

START_S = 120.0
# Nobody waits longer where all is well; a machine ten times slower than ours needs it.
PATIENCE_S = 180.0


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """The address of a Redis of this test session."""
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip("redis-server is not installed (Debian: apt-get install redis-server)")
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="medula-redis-") as folder:
        server = subprocess.Popen(
            [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", folder],
            stdout=subprocess.DEVNULL,
        )
        try:
            with redis.Redis(port=port) as client:
                wait_until(lambda: _answers(client.ping, redis.ConnectionError), "Redis answers", START_S)
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            server.kill()
            server.wait()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The address of a PostgreSQL of this test session, without the name of a database."""
    initdb, postgres = postgres_program("initdb"), postgres_program("postgres")
    if initdb is None or postgres is None:
        pytest.skip("PostgreSQL is not installed (Debian: apt-get install postgresql)")
    port = free_port()
    # PostgreSQL refuses to run as root, which a container often is.
    user = _lesser_user() if os.getuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="medula-postgres-"))
    if user is not None:
        shutil.chown(folder, user)
    data = folder / "data"
    command = [initdb, "-D", str(data), "-U", "medula", "--auth=trust", "--no-sync", "--no-instructions"]
    # Not the person's own language: it may name a locale that this computer does not have.
    command += ["--locale=C", "--encoding=UTF8"]
    subprocess.run(command, check=True, user=user, cwd=folder, stdout=subprocess.DEVNULL)
    options = ["-c", "listen_addresses=127.0.0.1", "-c", "fsync=off", "-c", "log_min_messages=panic"]
    server = subprocess.Popen(
        [postgres, "-D", str(data), "-p", str(port), "-k", str(folder), *options], user=user, cwd=folder
    )
    address = f"postgresql://medula@127.0.0.1:{port}"
    try:
        wait_until(lambda: _postgres_answers(address), "PostgreSQL answers", START_S)
        yield address
    finally:
        server.terminate()
        server.wait()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgres_url(postgres_server: str) -> str:
    """The address of an empty database of this test's own."""
    name = f"medula_{uuid.uuid4().hex}"
    with psycopg.connect(f"{postgres_server}/postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return f"{postgres_server}/{name}"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(condition: Callable[[], object], what: str, timeout_s: float = PATIENCE_S) -> None:
    """Ask until the condition holds; fail, and say what did not happen, when it takes too long."""
    ends = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > ends:
            raise AssertionError(f"not within {timeout_s:.0f} s: {what}")
        time.sleep(0.05)


def _answers(ask: Callable[[], object], fault: type[Exception]) -> bool:
    try:
        ask()
    except fault:
        return False
    return True


def _postgres_answers(address: str) -> bool:
    return _answers(lambda: psycopg.connect(f"{address}/postgres").close(), psycopg.OperationalError)


def postgres_program(name: str) -> str | None:
    # Debian keeps them out of PATH.
    debian = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), reverse=True)
    return str(debian[0]) if debian else shutil.which(name)


def _lesser_user() -> str:
    users = {line.split(":")[0] for line in Path("/etc/passwd").read_text().splitlines()}
    return "postgres" if "postgres" in users else "nobody"
