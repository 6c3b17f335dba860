"""The nuclei of an analysis: figures in pixels, shown and exported in µm where the scale is known."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from webapp.analyses.models import Analysis
from webapp.common.spreadsheets import plain
from webapp.common.storage import absolute

# Column in the file; the power of a length it is; decimals. The command line writes the same names.
COLUMNS: tuple[tuple[str, int, int], ...] = (
    ("id", 0, 0),
    ("x", 0, 1),
    ("y", 0, 1),
    ("area", 2, 2),
    ("equivalent_diameter", 1, 2),
    ("perimeter", 1, 2),
    ("circularity", 0, 3),
    ("eccentricity", 0, 3),
    ("solidity", 0, 3),
    ("mean_intensity", 0, 1),
    ("touches_edge", 0, 0),
)
POSITIONS = {"x": "x_px", "y": "y_px"}
NOTICE = "research use, not a diagnosis / uso en investigación, no es un diagnóstico"
BATCH = 500


@dataclass(frozen=True)
class Sizes:
    """What the summary of a result says, in µm where `um_per_px` is known, else in px."""

    count: int
    at_edge: int
    median_area: float | None
    quartiles: tuple[float, float] | None
    um_per_px: float | None


def calibration(analysis: Analysis) -> float | None:
    """µm a pixel as known today: corrected for the biopsy after the analysis, sizes follow."""
    return analysis.image.um_per_px or analysis.um_per_px


def sizes_of(analysis: Analysis) -> Sizes:
    """The summary the worker wrote, in the unit of today's calibration."""
    scale = calibration(analysis)
    factor = (scale or 1.0) ** 2
    summary = analysis.summary
    low, median, high = (summary.get(f"area_px2_{name}") for name in ("quartile_1", "median", "quartile_3"))
    return Sizes(
        count=analysis.nuclei_count or 0,
        at_edge=int(summary.get("touching_edge") or 0),
        median_area=None if median is None else median * factor,
        quartiles=None if low is None or high is None else (low * factor, high * factor),
        um_per_px=scale,
    )


def columns_of(analysis: Analysis) -> dict[str, list[Any]]:
    """Every column of COLUMNS, one value a nucleus, in pixels."""
    if analysis.nuclei is None:
        return {name: [] for name, *_ in COLUMNS}
    columns = json.loads(absolute(analysis.nuclei.path).read_bytes())["columns"]
    return {name: columns[name] for name, *_ in COLUMNS}


def header_of(name: str, power: int, scale: float | None) -> str:
    """The column's name with its unit: `area_um2`, or `area_px2` without scale."""
    unit = "um" if scale else "px"
    return POSITIONS.get(name) or name + {0: "", 1: f"_{unit}", 2: f"_{unit}2"}[power]


def csv_lines(analysis: Analysis) -> Iterator[str]:
    """The CSV in pieces. Units stand in the column names; what it is and whence, in every row."""
    scale = calibration(analysis)
    version = analysis.model_version
    tail = [plain(analysis.image.original_name), scale or "", str(version), version.digest, NOTICE]
    writer = csv.writer(_Line(), lineterminator="\n")
    header = [header_of(name, power, scale) for name, power, _ in COLUMNS]
    # Spreadsheets read the file as UTF-8 only when it begins with this mark.
    piece = ["\ufeff", writer.writerow([*header, "picture", "um_per_px", "model", "model_sha256", "notice"])]
    columns = columns_of(analysis)
    values = [
        [_written(value, power, decimals, scale) for value in columns[name]]
        for name, power, decimals in COLUMNS
    ]
    for row in zip(*values, strict=True):
        piece.append(writer.writerow([*row, *tail]))
        if len(piece) > BATCH:
            yield "".join(map(str, piece))
            piece = []
    yield "".join(map(str, piece))


def _written(value: Any, power: int, decimals: int, scale: float | None) -> str:
    if value is None:
        return ""
    if decimals == 0:
        return str(int(value))
    return f"{float(value) * (scale or 1.0) ** power:.{decimals}f}"


class _Line:
    """A file whose `write` hands the line back: csv.writer then returns it."""

    def write(self, line: str) -> str:
        return line
