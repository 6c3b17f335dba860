"""Matching the mask library, and masks drawn by pixel filtering."""

from __future__ import annotations

SENTENCES: dict[str, dict[str, str]] = {}
