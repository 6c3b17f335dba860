"""The gate, promotions and the schedule."""

from __future__ import annotations

SENTENCES: dict[str, dict[str, str]] = {}
