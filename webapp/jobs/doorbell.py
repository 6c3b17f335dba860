"""The doorbell: tells a lane's worker to look into the ledger. It carries the lane's name, nothing else.

The web rings by the task's name and knows nothing of the worker's code. A bell that does not sound costs
at most one sweep of delay, so ringing never fails a request and never holds one up for long.
"""

from __future__ import annotations

import logging
import threading
import time

from celery import Celery
from django.conf import settings
from kombu.exceptions import KombuError

from webapp.jobs.broker import DRAIN, broker_settings, queues

log = logging.getLogger("medula.jobs")

EXPIRES_S = 60
SILENCE_S = 10
"""After a failure nobody tries again for this long: twenty uploads must not wait out twenty timeouts."""


class Bell:
    """A Celery client that only sends."""

    def __init__(self, address: tuple[str, str]) -> None:
        self.address = address
        self._silent_until = 0.0
        # No fixups: this client must not become the process's Celery application.
        self._celery = Celery("medula-doorbell", set_as_current=False, fixups=[])
        found = broker_settings()
        # One try: whoever rings is waiting, and the sweep tries again anyway.
        found["broker_transport_options"] |= {"max_retries": 0}
        self._celery.conf.update(
            **found,
            task_ignore_result=True,
            task_queues=queues(),
            task_create_missing_queues=False,
        )

    def ring(self, lane: str) -> bool:
        started = time.monotonic()
        if started < self._silent_until:
            return False
        try:
            self._celery.send_task(
                DRAIN, args=(lane,), queue=lane, expires=EXPIRES_S, retry=False, ignore_result=True
            )
        except (KombuError, OSError) as fault:
            ended = time.monotonic()
            self._silent_until = ended + SILENCE_S
            log.warning(
                "no bell for lane %s after %.1f s (%s): the sweep rings", lane, ended - started, fault
            )
            return False
        return True

    def close(self) -> None:
        self._celery.close()


_bell: Bell | None = None
_lock = threading.Lock()


def ring(lane: str) -> bool:
    """Wake the lane's worker. False when the bell could not be reached; the sweep will ring again."""
    return _current().ring(lane)


def _current() -> Bell:
    """The bell of these settings, made at the first ring."""
    global _bell
    address = (str(settings.BROKER_URL), str(settings.MEDULA_VAR))
    with _lock:
        if _bell is None or _bell.address != address:
            if _bell is not None:
                _bell.close()
            _bell = Bell(address)
        return _bell
