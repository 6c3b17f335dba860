"""What a training computes on: a GPU where there is one, found by itself, else the processor."""

from __future__ import annotations

import os
import platform
import re
from contextlib import suppress
from functools import cache
from pathlib import Path

STEPS_BACK = "MEDULA_STEPS_BACK"
"""Set for the worker of trainings where pictures are read on the same processor."""
NICE = 10
"""How far a training steps back behind pictures on the same processor."""


@cache
def prepare_device() -> str:
    """The name of what will compute. Before its first use a GPU is told to take memory as it needs it."""
    import tensorflow as tf  # in the child and only for work that needs it

    names = []
    for device in tf.config.list_physical_devices("GPU"):
        with suppress(RuntimeError):  # already in use by this process: it has its memory by now
            tf.config.experimental.set_memory_growth(device, True)
        details = tf.config.experimental.get_device_details(device)
        names.append(str(details.get("device_name", device.name)))
    return ", ".join(names) if names else processor_name()


def processor_name() -> str:
    """As the system names it, with the cores this process may use."""
    name = ""
    with suppress(OSError):
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
        found = re.search(r"^model name\s*:\s*(.+)$", text, re.MULTILINE)
        name = found.group(1).strip() if found else ""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return f"{name or platform.machine() or 'CPU'} × {cores}"


def step_back() -> None:
    """Let everyone else go first on the processor, for good, where this worker was started to do so.

    Where the system groups processes by session, a nice value counts inside the group only; the group then
    has one of its own, and lowering it needs no right. A training worker leads a session of its own, so it
    shares the group with nobody; where it does not (a terminal), the group is left alone.
    """
    if not os.environ.get(STEPS_BACK):
        return
    with suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, 0, max(NICE, os.getpriority(os.PRIO_PROCESS, 0)))
    if os.getsid(0) in (os.getppid(), os.getpid()):
        with suppress(OSError):
            Path("/proc/self/autogroup").write_text(f"{NICE}\n", encoding="ascii")
