"""Imports, masks and frozen versions."""

from __future__ import annotations

SENTENCES: dict[str, dict[str, str]] = {}
