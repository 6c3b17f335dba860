"""Finds and ends the processes of one installation, whatever became of their parents.

Each supervised program carries MEDULA_SUPERVISED=<run folder> in its environment and hands it down, so
that a pid taken over by a stranger is never mistaken for ours.
"""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from pathlib import Path

import psutil

MARK = "MEDULA_SUPERVISED"


def left_behind(run_folder: Path) -> list[psutil.Process]:
    """The running processes that carry this folder's mark, this process excepted."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.pid != os.getpid() and process.environ().get(MARK) == str(run_folder):
                found.append(process)
        except (psutil.Error, OSError):
            continue  # another person's process, or one that ended meanwhile
    return found


def end_left_behind(run_folder: Path, *, grace_s: float) -> int:
    """Ask them to end, kill those that do not within the grace; how many there were."""
    processes = left_behind(run_folder)
    for process in processes:
        _send(process, signal.SIGTERM)
    _, stubborn = psutil.wait_procs(processes, timeout=grace_s)
    for process in stubborn:
        _send(process, signal.SIGKILL)
    psutil.wait_procs(stubborn, timeout=grace_s)
    return len(processes)


def _send(process: psutil.Process, number: int) -> None:
    with suppress(psutil.Error):  # it ended by itself
        process.send_signal(number)
