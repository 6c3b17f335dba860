"""Work that ends in every way work can end. What it wrote is a clinic named after its act."""

from __future__ import annotations

import errno
import time
from collections.abc import Callable

from django.db import OperationalError

from segmentation.errors import BundleError, PictureRefused
from webapp.accounts.models import Clinic
from webapp.jobs.models import Job
from webapp.jobs.services import job_cancel, job_release
from worker.work import Finish, Work


class ResourceExhaustedError(Exception):
    """Named as TensorFlow names its own lack of memory."""


def handle(work: Work) -> Finish:
    act = str(work.payload["act"])
    (work.scratch / "half-done").write_bytes(b"x")
    work.progress("segmenting", 1, 3)
    if act in RAISES:
        raise RAISES[act]()
    if act in INTERRUPTS:
        INTERRUPTS[act](work)
        for _ in range(200):
            work.progress("segmenting", 2, 3)
            time.sleep(0.05)
        raise AssertionError("the work was never told")

    def finish() -> None:
        Clinic.objects.create(name=act, slug=act)
        if act == "finish-fails":
            raise ZeroDivisionError

    return finish


def _cancel(work: Work) -> None:
    assert job_cancel(job=Job.objects.get(id=work.id))


def _lose(work: Work) -> None:
    assert job_release(job_id=work.id, attempt=work.attempt, counted=False)


RAISES: dict[str, Callable[[], Exception]] = {
    "refuse": lambda: PictureRefused("too_small", width=3, height=4, minimum=16),
    "bundle": lambda: BundleError("bundle_digest", name="nuclei-1"),
    "disk": lambda: OSError(errno.ENOSPC, "no space left on device"),
    "memory": MemoryError,
    "tensorflow-memory": ResourceExhaustedError,
    "database": lambda: OperationalError("the server closed the connection"),
    "bug": lambda: ZeroDivisionError("one by none"),
}
INTERRUPTS: dict[str, Callable[[Work], None]] = {"cancel": _cancel, "lose": _lose}
