"""The Celery application: one queue a lane, and a clock that calls the sweep. It holds no truth.

A message is acknowledged when it arrives and says only which lane to look into, so losing one, or
hearing one twice, does no harm; everything that must survive is in the Job rows. Start a lane with
`celery -A worker.app worker -Q pictures -n pictures@%h` and the clock with `celery -A worker.app beat`.
"""

from __future__ import annotations

import logging
import os
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webapp.settings")
# `manage.py check` looks at the pages; a worker has none and would load them all for it.
os.environ.setdefault("CELERY_SKIP_CHECKS", "1")
# TensorFlow tells at length which processor it found; errors still come through.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import django
from celery import Celery, signals
from celery.apps.worker import Worker
from django.conf import settings

django.setup()

from webapp.jobs.broker import SWEEP, broker_settings, queues  # noqa: E402
from webapp.jobs.models import Lane  # noqa: E402
from worker.alive import Alive  # noqa: E402
from worker.stopping import StopNotice  # noqa: E402

SWEEP_S = 10.0


@signals.setup_logging.connect  # type: ignore[untyped-decorator]
def keep_logging(**arguments: Any) -> None:
    """The settings say how to log, to the worker as to the web; hearing this, Celery leaves it so."""
    for chatty in ("celery.app.trace", "celery.beat", "celery.worker.strategy"):
        # Two lines for every bell would bury what the jobs say.
        logging.getLogger(chatty).setLevel(logging.WARNING)


class LaneWorker(Worker):  # type: ignore[misc]
    """A worker that talks to no other worker: what they would tell each other is in the ledger."""

    def __init__(self, app: Any = None, hostname: str | None = None, **options: Any) -> None:
        options |= {"without_gossip": True, "without_mingle": True, "without_heartbeat": True}
        super().__init__(app, hostname, **options)


class Application(Celery):  # type: ignore[misc]
    @cached_property
    def Worker(self) -> Any:
        return self.subclass_with_self("worker.app:LaneWorker")


app = Application("medula", include=["worker.tasks"])
app.conf.update(
    **broker_settings(),
    task_queues=queues(),
    task_default_queue=Lane.LEDGER.value,
    task_create_missing_queues=False,
    task_acks_late=False,
    task_ignore_result=True,
    task_store_errors_even_if_ignored=False,
    result_backend=None,
    worker_prefetch_multiplier=1,
    # With Redis a busy worker leaves the bell to its idle brother; the embedded bell has one worker a lane.
    worker_disable_prefetch=urlsplit(str(settings.BROKER_URL)).scheme != "filesystem",
    worker_concurrency=1,
    worker_enable_remote_control=False,
    worker_send_task_events=False,
    worker_cancel_long_running_tasks_on_connection_loss=False,
    # A bell that rings while the child is busy must not hold up the parent, which also hears SIGTERM.
    worker_pool_putlocks=False,
    # A dead child holds its place this long before the lane takes another message.
    worker_lost_wait=1.0,
    worker_redirect_stdouts=False,
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    beat_scheduler="worker.alive:Clock",
    beat_schedule={
        "sweep": {
            "task": SWEEP,
            "schedule": SWEEP_S,
            "options": {"queue": Lane.LEDGER.value, "expires": SWEEP_S},
        }
    },
    timezone="UTC",
)
app.steps["worker"].update((StopNotice, Alive))
