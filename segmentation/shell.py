"""What the commands of `python -m segmentation` share."""

from __future__ import annotations

import argparse
import contextlib
import locale
import math
import os
from collections.abc import Iterator


def language() -> str:
    """The language of the shell: "es" or "en"."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if os.environ.get(name):
            return "es" if os.environ[name].lower().startswith("es") else "en"
    return "es" if (locale.getlocale()[0] or "").lower().startswith(("es", "spanish")) else "en"


def positive(text: str) -> float:
    """An argument that must be a positive, finite number."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not (math.isfinite(value) and value > 0):
        raise argparse.ArgumentTypeError(f"{text!r} is not a positive number")
    return value


@contextlib.contextmanager
def without_start_up_lines() -> Iterator[None]:
    """Keep TensorFlow's start-up lines about graphics cards off the terminal while it is imported.

    They come from C++ before any log level is read, so the file descriptor itself is turned away.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    kept = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
