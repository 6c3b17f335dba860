"""How the process keeps its memory, where that costs more than the arithmetic.

A network asks for and frees the same large blocks at every step. glibc gives blocks of this size back to
the system at once, and the system clears every page anew when they are asked for again.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable

_TRIM_THRESHOLD, _TOP_PAD, _MMAP_MAX = -1, -2, -4  # malloc.h
_MOST = 2**31 - 1


def keep_freed_memory() -> bool:
    """Let freed blocks stay with the process; False where the C library has no such switch (not glibc)."""
    mallopt = _function("mallopt")
    if mallopt is None:
        return False
    settings = ((_MMAP_MAX, 0), (_TRIM_THRESHOLD, _MOST), (_TOP_PAD, 64 * 2**20))
    return all(mallopt(name, value) == 1 for name, value in settings)


def return_freed_memory() -> None:
    """Give what is free back to the system: after a large picture, before waiting for the next."""
    trim = _function("malloc_trim")
    if trim is not None:
        trim(0)


def _function(name: str) -> Callable[..., int] | None:
    if not sys.platform.startswith("linux"):
        return None
    return getattr(ctypes.CDLL(None), name, None)
