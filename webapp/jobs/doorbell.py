"""The doorbell: tells a lane's worker to look into the ledger. It carries the lane's name, nothing else.

The web rings by the task's name and knows nothing of the worker's code. A bell that does not sound costs
at most one sweep of delay, so ringing never fails a request and never holds one up for long.
"""

from __future__ import annotations

import logging
import threading
import time
from functools import cache
from typing import Any

from celery import Celery
from kombu.exceptions import KombuError

from webapp.jobs.broker import DRAIN, broker_settings, queues

log = logging.getLogger("medula.jobs")

EXPIRES_S = 60
SILENCE_S = 10
"""After a failure nobody tries again for this long: twenty uploads must not wait out twenty timeouts."""

_silent_until = 0.0
_lock = threading.Lock()


@cache
def producer() -> Any:
    """A Celery client that only sends. Made at the first ring, once a process."""
    app = Celery("medula-doorbell", set_as_current=False)
    app.conf.update(
        **broker_settings(),
        task_ignore_result=True,
        task_queues=queues(),
        task_create_missing_queues=False,
        broker_connection_max_retries=0,
    )
    return app


def ring(lane: str) -> bool:
    """Wake the lane's worker. False when the bell could not be reached; the sweep will ring again."""
    global _silent_until
    if time.monotonic() < _silent_until:
        return False
    started = time.monotonic()
    try:
        producer().send_task(
            DRAIN, args=(lane,), queue=lane, expires=EXPIRES_S, retry=False, ignore_result=True
        )
    except (KombuError, OSError) as fault:
        with _lock:
            _silent_until = time.monotonic() + SILENCE_S
        log.warning(
            "could not ring for lane %s in %.1f s (%s): the sweep will",
            lane,
            time.monotonic() - started,
            fault,
        )
        return False
    return True
