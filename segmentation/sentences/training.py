"""Trainings, tunings and evaluations through the queue."""

from __future__ import annotations

SENTENCES: dict[str, dict[str, str]] = {}
