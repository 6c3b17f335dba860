"""The real Celery application with short leases and the slow kind of work: a test need not wait a minute."""

from __future__ import annotations

from tests.faults.slow_app import app

# isort: split
# Only now that Django is set up.
import worker.heart
from webapp.jobs import leases

# Still long enough for a machine that is busy with other things.
leases.LEASE_S = 15
worker.heart.BEAT_S = 1

__all__ = ["app"]
