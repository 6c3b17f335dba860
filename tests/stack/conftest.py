"""One stack for all stories; each finds it whole, whatever the one before has killed."""

from __future__ import annotations

import io
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from PIL import Image

from segmentation.synthetic import draw_fluorescence
from tests.faults.conftest import ASK
from tests.services import wait_until
from tests.stack.stack import Stack

WAIT = """
import time
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from webapp.jobs.services import job_create
from webapp.accounts.models import Clinic
Clinic.objects.first()
Path({ready!r}).touch()
while not Path({when!r}).exists():
    time.sleep(0.01)
"""


@pytest.fixture(scope="session")
def started(tmp_path_factory: pytest.TempPathFactory, postgres_server: str) -> Iterator[Stack]:
    """Redis, PostgreSQL, gunicorn, four workers, the clock."""
    name = f"medula_{uuid.uuid4().hex}"
    with psycopg.connect(f"{postgres_server}/postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    found = Stack(tmp_path_factory.mktemp("stack"), f"{postgres_server}/{name}")
    try:
        found.begin()
        yield found
    except AssertionError as failed:
        raise AssertionError(f"{failed}\n{found.logs()}") from None
    finally:
        found.end()


@pytest.fixture
def stack(started: Stack, request: pytest.FixtureRequest) -> Iterator[Stack]:
    """The stack, whole, and with nothing left to do; its logs are shown where a story fails."""
    started.whole()
    failed = request.session.testsfailed
    yield started
    if request.session.testsfailed > failed:
        print(started.logs())


@pytest.fixture(scope="session")
def pictures() -> Callable[[int, int], dict[str, bytes]]:
    """`count` drawn fields, different for every `seed`."""

    def drawn(seed: int, count: int) -> dict[str, bytes]:
        found = {}
        for number in range(count):
            buffer = io.BytesIO()
            rgb, _ = draw_fluorescence(1000 * seed + number, 200, 220, nuclei=8)
            Image.fromarray(rgb).save(buffer, "PNG")
            found[f"campo {number}.png"] = buffer.getvalue()
        return found

    return drawn


@pytest.fixture
def ask(tmp_path: Path, stack: Stack) -> Iterator[Callable[..., Path]]:
    """Ask for slow work (see tests/faults); the folder through which the test holds it."""
    folders = []
    gates: list[Path] = []
    later: list[Future[str]] = []
    pool = ThreadPoolExecutor(1)

    def asked(name: str, lane: str = "pictures", when: Path | None = None) -> Path:
        """`when`: everything is made ready, and asked for once this file is there."""
        folder = tmp_path / name
        folder.mkdir()
        folders.append(folder)
        arguments = (str(folder), "1", "600", "False", lane)
        if when is None:
            stack.python(ASK, *arguments)
            return folder
        ready = tmp_path / f"{name}-ready"
        waits = WAIT.format(ready=str(ready), when=str(when))
        gates.append(when)
        later.append(pool.submit(stack.python, waits + ASK, *arguments))
        wait_until(lambda: ready.exists() or later[-1].done(), "the asker is ready")
        return folder

    yield asked
    for gate in gates:
        gate.touch()
    for one in later:
        one.result()
    pool.shutdown()
    for folder in folders:
        (folder / "go").touch()
    ended = "SELECT count(*) FROM jobs_job WHERE state IN ('queued', 'running')"
    wait_until(lambda: stack.query(ended) == [(0,)], "all work ends", 300)
