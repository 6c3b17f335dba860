"""Tables of figures over many pictures, one row a method and modality, beside the baselines."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from segmentation.baselines import ALL_BACKGROUND, OTSU, all_background, otsu_watershed
from segmentation.intervals import bootstrap
from segmentation.metrics import compare, mean_figures

Method = Callable[[str, np.ndarray], np.ndarray]
Case = tuple[str, str, np.ndarray, np.ndarray]
"""name, modality, rgb HxWx3 uint8, truth HxW int32"""

LEAST_NUCLEI = 10
"""Count errors are also given over the pictures that hold so many: of two nuclei, one is half of all."""


@dataclass(frozen=True)
class PictureFigures:
    """The figures of one method on one picture."""

    method: str
    name: str
    modality: str
    nuclei: int
    predicted: int
    figures: dict[str, float]

    @property
    def bias(self) -> float:
        """The count's error with its sign: above 0 where too many were found."""
        return (self.predicted - self.nuclei) / max(self.nuclei, 1)


Seen = Callable[[PictureFigures, np.ndarray, np.ndarray, np.ndarray], None]
"""Told of each picture the method's figures, rgb, truth and what the method found."""


def evaluate(
    cases: Iterable[Case],
    method_name: str,
    method: Method,
    progress: Callable[[str], None] | None = None,
    seen: Seen | None = None,
) -> list[PictureFigures]:
    """Run the method and both baselines over the cases, one picture in memory at a time."""
    methods: dict[str, Method] = {
        method_name: method,
        OTSU: lambda _, rgb: otsu_watershed(rgb),
        ALL_BACKGROUND: lambda _, rgb: all_background(rgb),
    }
    rows = []
    for name, kind, rgb, truth in cases:
        for label, run in methods.items():
            found = run(name, rgb)
            counts = int(np.unique(truth[truth > 0]).size), int(np.unique(found[found > 0]).size)
            rows.append(PictureFigures(label, name, kind, *counts, compare(truth, found)))
            if seen and label == method_name:
                seen(rows[-1], rgb, truth, found)
        if progress:
            progress(name)
    return rows


def table(rows: list[PictureFigures]) -> list[dict[str, Any]]:
    """Means over pictures: for all, then a modality each, one row a method in the order given.

    `intervals` holds the 95 % interval of each figure, by a bootstrap over the pictures. `counted` says the
    error of the count and its signed bias over the pictures of LEAST_NUCLEI and more; None without any.
    """
    methods = list(dict.fromkeys(row.method for row in rows))
    kinds = ["all", *sorted({row.modality for row in rows})]
    result = []
    for kind in kinds:
        for method in methods:
            chosen = [r for r in rows if r.method == method and kind in ("all", r.modality)]
            figures = mean_figures([r.figures for r in chosen])
            result.append(
                {
                    "name": method,
                    "modality": kind,
                    "images": len(chosen),
                    "nuclei": sum(r.nuclei for r in chosen),
                    "predicted": sum(r.predicted for r in chosen),
                    **{name: round(value, 4) for name, value in figures.items()},
                    "intervals": _intervals([r.figures for r in chosen]),
                    "counted": _counted([r for r in chosen if r.nuclei >= LEAST_NUCLEI]),
                }
            )
    return result


def _intervals(rows: list[dict[str, float]]) -> dict[str, list[float]]:
    low, high = bootstrap(np.array([list(row.values()) for row in rows]))
    return {name: [round(float(low[i]), 4), round(float(high[i]), 4)] for i, name in enumerate(rows[0])}


def _counted(rows: list[PictureFigures]) -> dict[str, Any] | None:
    if not rows:
        return None
    figures = [{"count_error": row.figures["count_error"], "bias": row.bias} for row in rows]
    means = {name: round(value, 4) for name, value in mean_figures(figures).items()}
    return {"images": len(rows), **means, "intervals": _intervals(figures)}


COLUMNS = ("images", "nuclei", "pixel_accuracy", "dice", "iou", "ap50", "ap75", "ap90", "map", "pq", "aji")


def markdown(rows: list[dict[str, Any]]) -> str:
    """A table() as Markdown, with the figures people ask for."""
    names = [*COLUMNS, "count_error"]
    lines = ["| modality | method | " + " | ".join(names) + " |", "|---" * (len(names) + 2) + "|"]
    for row in rows:
        values = [f"{row[n]:.3f}" if isinstance(row[n], float) else str(row[n]) for n in names]
        lines.append(f"| {row['modality']} | {row['name']} | " + " | ".join(values) + " |")
    return "\n".join(lines)
