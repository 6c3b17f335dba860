"""File names as a browser sends them, made fit to keep and to show."""

from __future__ import annotations

import re
import unicodedata

LONGEST = 200
NAMELESS = "picture"
_JOINER = "\u200d"  # holds an emoji of several parts together


def clean_name(name: str) -> str:
    """The last part of a path, without control and direction marks; letters, accents and emoji are kept.

    >>> clean_name("../../etc/campo 7.png")
    'campo 7.png'
    """
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    kept = "".join(
        c for c in last if c == _JOINER or unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Zl", "Zp"}
    )
    kept = " ".join(kept.split()).strip()
    if not kept.strip(". "):
        return NAMELESS
    if len(kept) <= LONGEST:
        return kept
    stem, dot, suffix = kept.rpartition(".")
    if not dot or len(suffix) > 8:
        return kept[:LONGEST]
    return f"{stem[: LONGEST - len(suffix) - 1]}.{suffix}"
