"""The laboratory's story on the stack: server and one of two workers killed in the middle of a folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.flows.laboratory import OF_ANALYSES, PICTURES, Laboratory, all_is_there_once, draw
from tests.services import wait_until
from tests.stack.program import TOKEN
from tests.stack.stack import Stack

WORKERS = ("worker-pictures-1", "worker-pictures-2")


@pytest.mark.timeout(1200)
def test_a_folder_is_analysed_once_although_server_and_worker_are_killed_in_the_middle(
    stack: Stack, tmp_path: Path
) -> None:
    folder = draw(tmp_path / "lunes")
    stack.account("laboratorio", "laboratory")
    laboratory = Laboratory(stack, stack.address, stack.python(TOKEN, "laboratorio", "read", "upload"))
    upload = laboratory.start(*laboratory.upload(folder))
    laboratory.wait_for_some(upload)
    stack.kill(at_work(stack, laboratory))
    stack.kill("web")
    stack.start("web")
    # The other worker alone does the rest, and what the killed one had begun once its lease has passed.
    all_is_there_once(laboratory, laboratory.ended(upload), folder, tmp_path / "resultados")
    most = stack.query(f"SELECT max(j.attempts_used){OF_ANALYSES}")[0][0]
    assert most <= 2, "nothing was begun oftener than a kill explains"


def at_work(stack: Stack, laboratory: Laboratory) -> str:
    """The worker that analyses a picture; either where they were too quick to be caught at it."""
    found: list[str] = []

    def is_caught() -> bool:
        running = stack.query("SELECT lease_pid FROM jobs_job WHERE state = 'running' AND lane = 'pictures'")
        for name in WORKERS:
            if {pid for (pid,) in running} & {process.pid for process in stack.family(name)}:
                found.append(name)
        return bool(found) or laboratory.analysed() >= PICTURES

    wait_until(is_caught, "a worker is at work", 120)
    return found[0] if found else WORKERS[0]
