"""Whatever is killed, and however, every job ends once: the row is the truth, the rest may die."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from tests.installation import Installation, family
from tests.services import wait_until

# Every wait ends by itself well before.
pytestmark = pytest.mark.timeout(900)
Ask = Callable[..., Path]
RUNNING = "SELECT state, attempt FROM jobs_job"
DONE = "SELECT count(*) FROM accounts_clinic WHERE slug LIKE 'done-%'"


def start(site: Installation) -> None:
    """As `manage.py start` does: free what earlier workers left, then start them."""
    site.python("from webapp.jobs.services import leases_free; leases_free()")
    for lane in ("pictures", "ledger"):
        site.start_worker(lane)
    site.start_beat()


def began(folder: Path, attempt: int) -> int:
    """The process that works on this attempt, once it does."""
    path = folder / f"began-{attempt}"
    wait_until(lambda: path.exists() and path.read_text(), f"attempt {attempt} begins")
    return int(path.read_text())


def test_a_child_killed_in_the_middle_is_replaced_and_the_job_done_once(site: Installation, ask: Ask) -> None:
    start(site)
    folder = ask(site)
    os.kill(began(folder, 1), signal.SIGKILL)
    began(folder, 2)
    assert site.query(RUNNING) == [("running", 2)]
    (folder / "go").touch()
    site.wait_for(RUNNING, [("succeeded", 2)])
    assert site.query(DONE) == [(1,)]


def test_everything_killed_and_started_again_does_every_job_once(site: Installation, ask: Ask) -> None:
    start(site)
    folder = ask(site, count=3)
    began(folder, 1)
    site.kill_all()
    assert site.states() == {"running": 1, "queued": 2}
    (folder / "go").touch()
    start(site)
    site.wait_for("SELECT state, count(*) FROM jobs_job GROUP BY state", [("succeeded", 3)])
    assert site.query(DONE) == [(3,)]
    assert sorted(site.query("SELECT attempt FROM jobs_job")) == [(1,), (1,), (2,)]


def test_a_child_whose_parent_dies_does_not_work_on(embedded: Installation, ask: Ask) -> None:
    worker = embedded.start_worker("pictures")
    folder = ask(embedded)
    child = psutil.Process(began(folder, 1))
    decoder = [process for process in family(child.pid) if "worker.decoder_child" in process.cmdline()]
    assert len(decoder) == 1
    worker.kill()
    worker.wait()
    gone, alive = psutil.wait_procs([child, *decoder], timeout=120)
    assert len(gone) == 2 and not alive
    (folder / "go").touch()
    assert embedded.query(DONE) == [(0,)]


def test_an_orderly_stop_hands_the_job_back_and_does_not_count(embedded: Installation, ask: Ask) -> None:
    worker = embedded.start_worker("pictures")
    folder = ask(embedded)
    began(folder, 1)
    worker.terminate()
    assert worker.wait(120) == 0
    assert embedded.query("SELECT state, attempt, attempts_used FROM jobs_job") == [("queued", 1, 0)]
    (folder / "go").touch()
    embedded.start_worker("pictures")
    embedded.wait_for(RUNNING, [("succeeded", 2)])
    assert embedded.query(DONE) == [(1,)]


def test_a_cancelled_job_stops_in_the_middle(embedded: Installation, ask: Ask) -> None:
    embedded.start_worker("pictures")
    folder = ask(embedded)
    began(folder, 1)
    embedded.python(
        "from webapp.jobs.models import Job\n"
        "from webapp.jobs.services import job_cancel\n"
        "assert job_cancel(job=Job.objects.get())"
    )
    embedded.wait_for(RUNNING, [("cancelled", 1)])
    assert embedded.query(DONE) == [(0,)]


def test_a_job_that_hangs_beyond_its_deadline_is_killed_and_its_lane_goes_on(
    embedded: Installation, ask: Ask
) -> None:
    start(embedded)
    # Long enough for a slow machine to begin, and to say so, before each attempt is ended.
    folder = ask(embedded, deadline_s=4, hang=True)
    for attempt in (1, 2, 3):
        began(folder, attempt)
    embedded.wait_for("SELECT state, error_code FROM jobs_job", [("failed", "attempts_exhausted")])
    (folder / "go").touch()
    ask(embedded)
    embedded.wait_for(
        "SELECT state, count(*) FROM jobs_job GROUP BY state ORDER BY state",
        [("failed", 1), ("succeeded", 1)],
    )


def test_a_bell_nobody_heard_costs_a_sweep(embedded: Installation, ask: Ask) -> None:
    (folder := ask(embedded)).joinpath("go").touch()
    embedded.start_worker("ledger")
    embedded.start_beat()
    embedded.start_worker("pictures")
    embedded.wait_for(RUNNING, [("succeeded", 1)])
    for message in (embedded.var / "broker" / "messages").glob("*.pictures.msg"):
        message.unlink(missing_ok=True)  # the worker may hear it at the same moment
    embedded.python(
        "from datetime import timedelta\n"
        "from django.utils import timezone\n"
        "from webapp.accounts.models import Clinic\n"
        "from webapp.jobs.models import Job\n"
        "Job.objects.create(kind='slow', lane='pictures', clinic=Clinic.objects.first(),"
        f" payload={{'folder': {str(folder)!r}}}, rung_at=timezone.now() - timedelta(minutes=2))"
    )
    embedded.wait_for("SELECT state, count(*) FROM jobs_job GROUP BY state", [("succeeded", 2)])


def test_a_long_training_holds_up_no_picture(embedded: Installation, ask: Ask) -> None:
    embedded.start_worker("training")
    embedded.start_worker("pictures")
    training = ask(embedded, lane="training")
    began(training, 1)
    (ask(embedded) / "go").touch()
    embedded.wait_for(
        "SELECT lane, state FROM jobs_job ORDER BY lane", [("pictures", "succeeded"), ("training", "running")]
    )
