"""The heart of one attempt: renews the lease while the work moves, and only then.

A heart that beats while the work hangs is worse than none, so it stops when progress stalls; the lease
then passes and the sweep takes over. It also hears what the work must be told: cancelled, lost, stop.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from types import TracebackType

from django.db import Error, connection

from webapp.jobs.leases import BEAT_S
from webapp.jobs.models import Job
from webapp.jobs.services import job_beat
from worker.stopping import stop_asked
from worker.work import Cancelled, Interrupted, LeaseLost, Stopped

log = logging.getLogger("medula.worker")

TICK_S = 0.25
NEWS_S = 1.0
"""News of progress is written at most this often."""
ORPHANED = 70


class Heart:
    """A thread beside the work. `progress` is called by the work, everything else happens here."""

    def __init__(self, job: Job, *, stall_s: float) -> None:
        self._job_id, self._attempt = job.id, job.attempt
        self._stall_s = stall_s
        self._parent = os.getppid()
        self._moved = self._beaten = time.monotonic()
        self._news: tuple[str, int, int] = ("", 0, 0)
        self._told = self._news
        self._verdict: type[Interrupted] | None = Cancelled if job.cancel_requested else None
        self._rest = threading.Event()
        self._thread = threading.Thread(target=self._live, name=f"heart-{job.id}", daemon=True)

    def __enter__(self) -> Heart:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._rest.set()
        self._thread.join()

    def progress(self, step: str, done: int = 0, total: int = 0) -> None:
        """The work moved. Raises Cancelled, LeaseLost or Stopped when it must end."""
        self._moved = time.monotonic()
        self._news = (step, done, total)
        if self._verdict is not None:
            raise self._verdict

    def last_beat(self) -> None:
        """Renew the lease once more before the results are written; raises like `progress`."""
        self.progress("saving")
        self._beat()
        self.progress("saving")

    def _live(self) -> None:
        stalled = False
        try:
            while not self._rest.wait(TICK_S):
                if os.getppid() != self._parent:
                    # Nobody waits for this work any more, and a new worker may be at it already.
                    log.error("the worker of job %s died; its child ends", self._job_id)
                    os._exit(ORPHANED)
                if self._verdict is None and stop_asked():
                    self._verdict = Stopped
                now = time.monotonic()
                if now - self._moved > self._stall_s:
                    if not stalled:
                        log.error(
                            "job %s has not moved for %.0f s: no more beats", self._job_id, self._stall_s
                        )
                    stalled = True
                    continue
                stalled = False
                since = now - self._beaten
                if since >= BEAT_S or (since >= NEWS_S and self._news != self._told):
                    self._beat()
        finally:
            connection.close()

    def _beat(self) -> None:
        news = self._news
        step, done, total = news
        try:
            answer = job_beat(job_id=self._job_id, attempt=self._attempt, step=step, done=done, total=total)
        except Error as fault:
            # The lease outlives several missed beats; if the ledger stays away, the sweep decides.
            log.warning("a beat of job %s did not reach the ledger: %s", self._job_id, fault)
            connection.close()
            self._beaten = time.monotonic()
            return
        self._beaten, self._told = time.monotonic(), news
        if not answer.alive:
            self._verdict = LeaseLost
        elif answer.cancel:
            self._verdict = Cancelled
