"""One `start` an installation: the lock a running one holds, and where it says it can be reached."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from webapp.bootstrap.words import Refusal


@contextmanager
def only_one(run_folder: Path, address: str) -> Iterator[None]:
    """Hold the installation's lock; Refusal naming the one that runs. The system frees it at any death."""
    run_folder.mkdir(parents=True, exist_ok=True)
    with (run_folder / "start.lock").open("a+", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise _refusal(lock.read()) from None
        lock.truncate(0)
        json.dump({"pid": os.getpid(), "address": address}, lock)
        lock.flush()
        yield


def _refusal(text: str) -> Refusal:
    try:
        other = json.loads(text)
    except ValueError:
        other = {}  # caught between locking and writing
    return Refusal("already_running", address=other.get("address", "…"), pid=other.get("pid", "…"))
