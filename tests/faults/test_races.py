"""Many processes reach for the same rows at once; each row goes to exactly one of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.installation import Installation
from tests.services import wait_until

pytestmark = pytest.mark.timeout(900)
JOBS, CLAIMERS = 60, 4
CLAIM = """
import os, sys, time
from pathlib import Path
from webapp.jobs.services import job_claim, job_succeed
folder, me = Path(sys.argv[1]), sys.argv[2]
(folder / f"ready-{me}").touch()
while not (folder / "start").exists():
    time.sleep(0.01)
while job := job_claim(lane="pictures", owner="race", pid=os.getpid()):
    print(job.id, job.attempt, job_succeed(job_id=job.id, attempt=job.attempt))
    time.sleep(0.005)  # whoever has won may not keep the others out
"""
END = """
import sys, time
from pathlib import Path
from webapp.jobs.models import Job
from webapp.jobs.services import *
folder, me = Path(sys.argv[1]), sys.argv[2]
jobs = list(Job.objects.filter(state="running").order_by("id"))
(folder / f"ready-{me}").touch()
while not (folder / "start").exists():
    time.sleep(0.01)
for job in jobs:
    won = {
        "succeed": lambda: job_succeed(job_id=job.id, attempt=1),
        "fail": lambda: job_fail(job_id=job.id, attempt=1, code="damaged", params={}),
        "release": lambda: job_release(job_id=job.id, attempt=1, counted=True),
        "sweep": lambda: sweep().queued,
    }[me]()
    if won:
        print(job.id)
"""


def race(site: Installation, folder: Path, code: str, names: list[str]) -> dict[str, list[str]]:
    """Start all, wait until each stands at the line, let them go; what each printed."""
    folder.mkdir(exist_ok=True)
    processes = {name: site.start_python(code, str(folder), name) for name in names}
    wait_until(lambda: len(list(folder.glob("ready-*"))) == len(names), "all racers are ready")
    (folder / "start").touch()
    lines = {
        name: process.communicate(timeout=300)[0].decode().splitlines() for name, process in processes.items()
    }
    assert all(process.returncode == 0 for process in processes.values()), site.log()
    return lines


def test_four_processes_claim_sixty_rows_and_each_row_once(
    site: Installation, ask: Callable[..., Path], tmp_path: Path
) -> None:
    ask(site, count=JOBS)
    lines = race(site, tmp_path / "race", CLAIM, [str(n) for n in range(CLAIMERS)])
    claimed = Counter(line.split()[0] for found in lines.values() for line in found)
    assert len(claimed) == JOBS and set(claimed.values()) == {1}
    assert all(line.split()[1:] == ["1", "True"] for found in lines.values() for line in found)
    assert site.states() == {"succeeded": JOBS}
    assert sum(1 for found in lines.values() if found) > 1, "one racer alone is no race"


def test_a_running_job_ends_one_way_only(
    site: Installation, ask: Callable[..., Path], tmp_path: Path
) -> None:
    ask(site, count=JOBS)
    site.python(
        "from webapp.jobs.services import job_claim\n"
        "from webapp.jobs.models import Job\n"
        "from django.utils import timezone\n"
        "while job_claim(lane='pictures', owner='gone', pid=1): pass\n"
        "Job.objects.update(lease_until=timezone.now())"
    )
    lines = race(site, tmp_path / "race", END, ["succeed", "fail", "release"])
    winners = Counter(line for found in lines.values() for line in found)
    assert len(winners) == JOBS and set(winners.values()) == {1}
    ended = {
        "succeeded": len(lines["succeed"]),
        "failed": len(lines["fail"]),
        "queued": len(lines["release"]),
    }
    assert site.states() == {state: n for state, n in ended.items() if n}
