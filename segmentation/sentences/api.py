"""Programs that knock: tokens, batches, archives."""

from __future__ import annotations

SENTENCES: dict[str, dict[str, str]] = {}
