"""What came of an import, in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language

from segmentation.errors import SENTENCES, sentence
from webapp.datasets.models import DatasetImport

SHOWN = 200


@dataclass(frozen=True)
class ImportReport:
    """Counts, and the files that were skipped with a sentence each."""

    layout: str
    added: int
    known: int
    skipped: list[tuple[str, str]]
    skipped_count: int

    @property
    def is_cut(self) -> bool:
        return self.skipped_count > len(self.skipped)


def import_report(row: DatasetImport) -> ImportReport | None:
    """None until the job has written it."""
    report = row.report
    if not report:
        return None
    skipped = [(str(entry.get("name", "")), _said(entry)) for entry in report.get("skipped", [])]
    layouts = dict(DatasetImport.Layout.choices)
    found = report.get("layout", "")
    return ImportReport(
        layout=str(layouts.get(found, found)),
        added=int(report.get("added", 0)),
        known=int(report.get("known", 0)),
        skipped=skipped[:SHOWN],
        skipped_count=int(report.get("skipped_count", len(skipped))),
    )


def _said(entry: dict[str, Any]) -> str:
    language = get_language() or "es"
    code = entry.get("code", "")
    if code not in SENTENCES:
        return sentence("unexpected", {"error_id": "—"}, language)
    try:
        return sentence(code, entry.get("params") or {}, language)
    except (KeyError, IndexError, ValueError):  # the parameters are not those the sentence needs
        return sentence("unexpected", {"error_id": "—"}, language)
