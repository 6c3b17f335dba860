"""Ends the supervised programs when their supervisor is gone. Run as a script; standard library only.

The supervisor holds the other end of this program's standard input and writes "+ PID GRACE" and "- PID".
However it ends, kill -9 included, the system closes that pipe; then every program still named is asked
to end, and after its grace its whole process group is killed. Works on Linux and macOS alike.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterable

TICK_S = 0.1


def programs_left(lines: Iterable[str]) -> dict[int, float]:
    """Read until the pipe closes; the process groups that are still running, with their grace in seconds."""
    grace: dict[int, float] = {}
    for line in lines:
        sign, *words = line.split()
        if sign == "+":
            grace[int(words[0])] = float(words[1])
        else:
            grace.pop(int(words[0]), None)
    return grace


def end_groups(grace: dict[int, float]) -> None:
    """Ask the leaders, wait, then kill what is left of each group."""
    began = time.monotonic()
    for leader in grace:
        send(os.kill, leader, signal.SIGTERM)
    waiting = dict(grace)
    while waiting:
        time.sleep(TICK_S)
        waited = time.monotonic() - began
        for group in [group for group in waiting if not send(os.killpg, group, 0)]:
            del waiting[group]
        for group in [group for group, limit in waiting.items() if waited > limit]:
            send(os.killpg, group, signal.SIGKILL)
            del waiting[group]


def send(how: object, target: int, number: int) -> bool:
    """Whether there was anyone to receive the signal (0 only asks)."""
    try:
        how(target, number)  # type: ignore[operator]
    except (ProcessLookupError, PermissionError):
        return False
    return True


if __name__ == "__main__":
    end_groups(programs_left(sys.stdin))
