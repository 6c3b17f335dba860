"""The real Celery application, sweeping oftener, with one more kind of work that a test holds in its hand."""

from __future__ import annotations

from worker.app import app
from worker.runner import HANDLERS

HANDLERS["slow"] = "tests.faults.slow_handler"
app.conf.beat_schedule["sweep"]["schedule"] = 1.0

__all__ = ["app"]
