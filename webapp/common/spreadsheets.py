"""Text of strangers on its way into a table that a spreadsheet may open."""

from __future__ import annotations

STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


def plain(text: str) -> str:
    """Text that a spreadsheet cannot take for a formula.

    >>> plain("=1+1"), plain("campo 1")
    ("'=1+1", 'campo 1')
    """
    return f"'{text}" if text.startswith(STARTS) else text
