"""The manifest of a frozen version: a line a sample, in one order, so that equal contents are equal bytes."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from pathlib import PurePosixPath
from typing import Any

from webapp.common.spreadsheets import STARTS, plain
from webapp.datasets.models import Sample, VersionSample

COLUMNS = (
    "id", "name", "group", "modality", "category", "part", "picture_sha256", "labels_sha256", "nuclei",
    "mask", "source", "licence", "specimen", "stain",
)  # fmt: skip
SPLIT_COLUMNS = ("id", "group", "modality", "part")


def line_key(line: Sample | VersionSample) -> tuple[str, str]:
    """The order of a manifest: by name, then by the digest of the picture."""
    return line.name, line.picture.sha256


def line_ids(names: Iterable[str]) -> list[str]:
    """A name a line that no other line has, without ending: what the files of an export are called.

    None begins as a formula of a spreadsheet or an option of a command does.
    """
    taken: set[str] = set()
    found: list[str] = []
    for name in names:
        stem = PurePosixPath(name).stem.lstrip("".join(STARTS)) or "picture"
        free, number = stem, 1
        while free.lower() in taken:  # not every disk tells A from a
            number += 1
            free = f"{stem}-{number}"
        taken.add(free.lower())
        found.append(free)
    return found


def manifest_bytes(lines: Sequence[tuple[Sample, str]]) -> bytes:
    """CSV of (sample, part), which must be in the order of `line_key`."""
    ids = line_ids(sample.name for sample, _ in lines)
    rows = [_row(line_id, sample, part) for line_id, (sample, part) in zip(ids, lines, strict=True)]
    return csv_bytes(COLUMNS, rows)


def csv_bytes(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    # What people wrote or named their files must not run in the spreadsheet of whoever opens the table.
    writer.writerows([plain(cell) if isinstance(cell, str) else cell for cell in row] for row in rows)
    return text.getvalue().encode()


def statistics(lines: Sequence[tuple[Sample, str]]) -> dict[str, Any]:
    """Pictures, nuclei and groups: in all, and by part, modality, category and origin of the mask."""
    views: dict[str, Callable[[Sample, str], str]] = {
        "parts": lambda sample, part: part,
        "modalities": lambda sample, part: sample.modality,
        "categories": lambda sample, part: sample.category,
        "origins": lambda sample, part: sample.origin,
        "licences": lambda sample, part: sample.licence,
    }
    found: dict[str, Any] = _counts([sample for sample, _ in lines])
    for name, view in views.items():
        sorted_out: dict[str, list[Sample]] = defaultdict(list)
        for sample, part in lines:
            sorted_out[view(sample, part)].append(sample)
        found[name] = {value: _counts(samples) for value, samples in sorted(sorted_out.items())}
    found["modalities_by_part"] = _crossed(lines)
    return found


def _crossed(lines: Sequence[tuple[Sample, str]]) -> dict[str, dict[str, int]]:
    counts: dict[str, dict[str, int]] = {}
    for sample, part in lines:
        row = counts.setdefault(sample.modality, dict.fromkeys(VersionSample.Part.values, 0))
        row[part] += 1
    return dict(sorted(counts.items()))


def _counts(samples: Sequence[Sample]) -> dict[str, int]:
    return {
        "pictures": len(samples),
        "nuclei": sum(sample.nuclei_count or 0 for sample in samples),
        "groups": len({sample.group for sample in samples}),
    }


def _row(line_id: str, sample: Sample, part: str) -> tuple[Any, ...]:
    assert sample.labels is not None
    return (
        line_id, sample.name, sample.group, sample.modality, sample.category, part, sample.picture.sha256,
        sample.labels.sha256, sample.nuclei_count or 0, sample.origin, sample.source, sample.licence,
        sample.specimen, sample.stain,
    )  # fmt: skip
