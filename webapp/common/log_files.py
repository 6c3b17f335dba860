"""The programs' log files: appended to by the programs, kept from growing without end by us."""

from __future__ import annotations

import shutil
from pathlib import Path

MAX_BYTES = 10_000_000
KEPT = 3


def rotate(log: Path, *, max_bytes: int = MAX_BYTES, kept: int = KEPT) -> bool:
    """Move a log that grew too large to `<name>.1` (older ones to .2, .3); whether it was moved.

    The content is copied and the file cut, never renamed: the program that writes to it (in append mode)
    goes on writing to it. A line written between the two is lost.
    """
    if not log.exists() or log.stat().st_size <= max_bytes:
        return False
    for number in range(kept - 1, 0, -1):
        older = log.with_name(f"{log.name}.{number}")
        if older.exists():
            older.replace(log.with_name(f"{log.name}.{number + 1}"))
    shutil.copyfile(log, log.with_name(f"{log.name}.1"))
    with log.open("r+b") as file:
        file.truncate(0)
    return True
