"""What makes a result doubtful, as the worker found it, in words for people and codes for programs."""

from __future__ import annotations

from dataclasses import dataclass

from segmentation.errors import SENTENCES, sentence
from webapp.analyses.models import Analysis

PREFIX = "quality_"


@dataclass(frozen=True)
class Doubt:
    """A code and its sentence."""

    code: str
    detail: str


def doubts_of(analysis: Analysis, language: str) -> list[Doubt]:
    """The doubts of a result, the gravest first; none for a good picture and for results older than these."""
    found = analysis.summary.get("quality") or {}
    doubts = []
    for flag in found.get("flags", []):
        code, params = str(flag.get("code", "")), dict(flag.get("params") or {})
        if code.startswith(PREFIX) and code in SENTENCES:
            doubts.append(Doubt(code, sentence(code, params, language)))
    return doubts


def codes_of(analysis: Analysis) -> str:
    """The codes in one cell of a table, a space between."""
    return " ".join(doubt.code for doubt in doubts_of(analysis, "en"))


def words_of(analysis: Analysis, language: str) -> str:
    """The sentences in one cell of a table."""
    return " ".join(doubt.detail for doubt in doubts_of(analysis, language))
