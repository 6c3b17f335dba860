"""Stored codes as sentences in the reader's language."""

from __future__ import annotations

from typing import Any

from django.utils.translation import get_language

from segmentation.errors import SENTENCES, sentence
from webapp.portal.modalities import modality_name
from webapp.registry.models import Notice, RuleRun, StageChange


def said(code: str, params: dict[str, Any] | None = None) -> str:
    """The sentence; a code or parameters of another day are an unexpected error, never a broken page."""
    language = get_language() or "es"
    values = {"error_id": "—", **(params or {})}
    if "kind" in values:
        values["kind"] = str(modality_name(str(values["kind"])))
    try:
        return sentence(code if code in SENTENCES else "unexpected", values, language).strip()
    except (KeyError, IndexError, ValueError, TypeError):
        return sentence("unexpected", {"error_id": "—"}, language)


def reasons_said(reasons: Any) -> list[str]:
    """The sentences of {code, params} as a diary keeps them."""
    if not isinstance(reasons, list):
        return []
    return [said(str(why.get("code")), why.get("params") or {}) for why in reasons if isinstance(why, dict)]


def change_said(change: StageChange) -> list[str]:
    return reasons_said(change.reasons)


def notice_said(notice: Notice) -> tuple[str, list[str]]:
    """The notice in one sentence, and the reasons behind it."""
    return said(notice.code, notice.params), reasons_said(notice.params.get("reasons"))


def night_said(night: RuleRun) -> tuple[str, list[str]]:
    """Why a night ended without a verdict; nothing where the gate spoke or it still goes on."""
    if not night.code:
        return "", []
    return said(night.code, night.params), reasons_said(night.params.get("reasons"))
