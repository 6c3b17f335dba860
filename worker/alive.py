"""Shows whoever watches from outside that a worker's parent, or the clock, still turns.

Each touches the file MEDULA_ALIVE_FILE, where that is set; a file grown old means that it turns no more.
Celery's own ping would need its remote control, which is off.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from celery import bootsteps
from celery.beat import Scheduler
from django.conf import settings

TOUCH_S = 10.0


def touch() -> None:
    if settings.MEDULA_ALIVE_FILE:
        Path(settings.MEDULA_ALIVE_FILE).touch()


class Alive(bootsteps.StartStopStep):  # type: ignore[misc]
    """Part of the worker's parent: by its own timer, so that a parent that hangs touches nothing."""

    requires = ("celery.worker.components:Timer",)

    def start(self, worker: Any) -> None:
        touch()
        worker.timer.call_repeatedly(TOUCH_S, touch)


class Clock(Scheduler):  # type: ignore[misc]
    """Celery's plain scheduler, which keeps nothing between starts."""

    def tick(self, *args: Any, **kwargs: Any) -> Any:
        touch()
        return super().tick(*args, **kwargs)
