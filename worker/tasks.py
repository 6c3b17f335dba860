"""The only two messages there are: look into a lane, and sweep."""

from __future__ import annotations

from webapp.common.storage import scratch_clear
from webapp.jobs.broker import DRAIN, SWEEP
from webapp.jobs.services import sweep as jobs_sweep
from webapp.registry.schedule import rules_due
from worker import runner
from worker.app import app
from worker.stopping import stop_asked


@app.task(name=DRAIN)  # type: ignore[untyped-decorator]
def drain(lane: str) -> None:
    """Do the lane's jobs, one after another, until none is left or the worker is asked to stop."""
    while not stop_asked() and runner.run_next(lane):
        pass


@app.task(name=SWEEP)  # type: ignore[untyped-decorator]
def sweep() -> None:
    jobs_sweep()
    scratch_clear()
    rules_due()
