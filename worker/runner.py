"""Claim a job, have its handler do it, end it: well, badly, cancelled, or back in the queue.

A handler is named by the job's kind and imported here, in the child, after the fork: the worker's parent
must never hold TensorFlow, for forking after that import hangs sooner or later.
"""

from __future__ import annotations

import faulthandler
import importlib
import logging
import os
import secrets
import shutil
from pathlib import Path

from django.core.exceptions import ObjectDoesNotExist
from django.db import Error, InterfaceError, OperationalError, connection, transaction

from segmentation.errors import MedulaError
from webapp.common.storage import scratch
from webapp.jobs.models import Job, Lane
from webapp.jobs.services import job_claim, job_fail, job_release, job_stop, job_succeed, this_host
from worker import decoder
from worker.heart import Heart
from worker.work import Cancelled, Handler, LeaseLost, Stopped, Work

log = logging.getLogger("medula.worker")

HANDLERS = {
    "demo": "worker.handlers.demo",
    "evaluate": "worker.handlers.evaluate",
    "freeze": "worker.handlers.freeze",
    "import": "worker.handlers.take_in",
    "mask": "worker.handlers.mask",
    "match": "worker.handlers.match",
    "prepare": "worker.handlers.prepare",
    "segment": "worker.handlers.segment",
    "train": "worker.handlers.train",
    "tune": "worker.handlers.tune",
    "unpack": "worker.handlers.unpack",
}
STALL_S = {"demo": 120.0, "prepare": 300.0, "segment": 600.0, "train": 1800.0, "tune": 1800.0}
STALL_DEFAULT_S = 300.0
# Faults of the machine, not of the picture: they may have passed at the next attempt.
PASSING = (OSError, MemoryError, OperationalError, InterfaceError)


def run_next(lane: str) -> bool:
    """Do the lane's oldest queued job. False when none is left."""
    job = job_claim(lane=lane, owner=this_host(), pid=os.getpid())
    if job is None:
        return False
    log.info("job %s (%s) begins, attempt %d", job.id, job.kind, job.attempt)
    # Works even when C code hangs and holds the interpreter; the sweep finds the process gone.
    faulthandler.dump_traceback_later(job.deadline_s, exit=True)
    folder = scratch(f"work-{job.id}-{job.attempt}")
    try:
        folder.mkdir(parents=True)
        if job.lane == Lane.PICTURES:
            decoder.shared().start()  # before the handler brings TensorFlow in
        _attempt(job, folder)
    except Exception as error:
        _end_badly(job, error)
    finally:
        faulthandler.cancel_dump_traceback_later()
        shutil.rmtree(folder, ignore_errors=True)
    return True


def _attempt(job: Job, folder: Path) -> None:
    with Heart(job, stall_s=STALL_S.get(job.kind, STALL_DEFAULT_S)) as heart:
        work = Work(
            id=job.id,
            kind=job.kind,
            clinic_id=job.clinic_id,
            attempt=job.attempt,
            payload=job.payload,
            scratch=folder,
            progress=heart.progress,
        )
        finish = _handler(job.kind)(work)
        heart.last_beat()
    # The results and the end of the job are one: either both are written or neither.
    with transaction.atomic():
        if not job_succeed(job_id=job.id, attempt=job.attempt):
            raise LeaseLost
        finish()
    log.info("job %s (%s) succeeded", job.id, job.kind)


def _handler(kind: str) -> Handler:
    handle: Handler = importlib.import_module(HANDLERS[kind]).handle
    return handle


def _end_badly(job: Job, error: Exception) -> None:
    if isinstance(error, Error):
        connection.close()
    if isinstance(error, LeaseLost):
        log.warning("job %s went to another attempt than %d: nothing written", job.id, job.attempt)
    elif isinstance(error, Cancelled):
        job_stop(job_id=job.id, attempt=job.attempt)
        log.info("job %s was cancelled", job.id)
    elif isinstance(error, Stopped):
        job_release(job_id=job.id, attempt=job.attempt, counted=False)
        log.info("job %s goes back to the queue: this worker stops", job.id)
    elif isinstance(error, MedulaError):
        _fail(job, error.code, error.params)
        log.info("job %s (%s) is refused: %s", job.id, job.kind, error)
    elif isinstance(error, PASSING) or _is_tensorflow_memory(error):
        memory = not isinstance(error, (OSError, Error))
        code = "out_of_memory" if memory else "storage_fault"
        state = job_release(job_id=job.id, attempt=job.attempt, counted=True, code=code)
        log.warning("job %s met a fault of the machine, now %s", job.id, state, exc_info=error)
    else:
        error_id = secrets.token_hex(4)
        # What the work was for was deleted or cleared away meanwhile.
        code = "work_gone" if isinstance(error, ObjectDoesNotExist) else "unexpected"
        _fail(job, code, {"error_id": error_id}, error_id)
        log.error("job %s (%s) failed, error %s", job.id, job.kind, error_id, exc_info=error)


def _fail(job: Job, code: str, params: dict[str, object], error_id: str = "") -> None:
    plain = {
        name: value if isinstance(value, (str, int, float, bool)) else str(value)
        for name, value in params.items()
    }
    job_fail(job_id=job.id, attempt=job.attempt, code=code, params=plain, error_id=error_id)


def _is_tensorflow_memory(error: Exception) -> bool:
    # By name: the runner itself must not import TensorFlow.
    return type(error).__name__ == "ResourceExhaustedError"
