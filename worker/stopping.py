"""An orderly stop reaches the child at work: the parent leaves a note, the child's heart finds it.

On SIGTERM Celery's parent waits for its child to finish, which a training would do tomorrow. The note is
a file in a folder that only this worker and its children know, whether they were forked or started anew.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

from celery import bootsteps, signals

from webapp.jobs import doorbell

FOLDER = "MEDULA_WORKER_NOTES"


class StopNotice(bootsteps.StartStopStep):  # type: ignore[misc]
    """Part of the worker's parent. It comes after the pool and so stops before it."""

    requires = ("celery.worker.components:Pool",)

    def create(self, worker: Any) -> None:
        # Before the pool starts: its children inherit the name.
        folder = tempfile.mkdtemp(prefix="medula-worker-")
        os.environ[FOLDER] = folder
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        # In the handler of SIGTERM itself: what waits for the child would never come to `stop`.
        signals.worker_shutting_down.connect(leave_note)

    def start(self, worker: Any) -> None:
        # What was queued while no worker ran has been rung for long ago, if at all.
        for lane in worker.app.amqp.queues.consume_from:
            doorbell.ring(lane)

    def stop(self, worker: Any) -> None:
        leave_note()

    def terminate(self, worker: Any) -> None:
        self.stop(worker)


def leave_note(**arguments: Any) -> None:
    folder = Path(os.environ[FOLDER])
    folder.mkdir(mode=0o700, exist_ok=True)  # a server that runs for weeks has its /tmp tidied
    (folder / "stop").touch()


def stop_asked() -> bool:
    """Whether this child's worker is stopping."""
    folder = os.environ.get(FOLDER)
    return folder is not None and (Path(folder) / "stop").exists()
