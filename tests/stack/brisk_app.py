"""The real Celery application with short leases and the slow kind of work: a test need not wait a minute."""

from __future__ import annotations

from tests.faults.slow_app import app

# isort: split
# Only now that Django is set up.
import worker.heart
from webapp.jobs import leases

# Still long enough for a slow machine, whose heart stands still while TensorFlow is being loaded.
leases.LEASE_S = 25
worker.heart.BEAT_S = 1

__all__ = ["app"]
