"""The course of a training, an epoch a row: as a table and as a picture."""

from __future__ import annotations

import csv
from pathlib import Path

from matplotlib.figure import Figure

CURVES = ("epoch", "seconds", "loss", "val_loss", "accuracy", "val_accuracy", "val_ap50", "val_map")


def read_curves(path: Path) -> list[dict[str, float]]:
    """The rows of a curves.csv as numbers."""
    with path.open(newline="", encoding="utf-8") as lines:
        return [{k: float(v) for k, v in row.items()} for row in csv.DictReader(lines)]


def best_epoch(rows: list[dict[str, float]]) -> dict[str, float]:
    """The row of the epoch that is kept: highest validation mean AP, of equals the lowest validation loss."""
    return max(rows, key=lambda row: (row["val_map"], -row["val_loss"]))


def draw_curves(table: Path, picture: Path) -> None:
    """Loss and accuracy of training and validation, and validation AP, an epoch each, as a PNG."""
    rows = read_curves(table)
    epochs = [row["epoch"] for row in rows]
    # no pyplot: it keeps state of its own and wants a screen
    figure = Figure(figsize=(12, 3.6), layout="constrained")
    axes = figure.subplots(1, 3)
    panels = (
        ("loss", ("loss", "val_loss")),
        ("pixel accuracy", ("accuracy", "val_accuracy")),
        ("validation AP", ("val_ap50", "val_map")),
    )
    for axis, (title, names) in zip(axes, panels, strict=True):
        for name in names:
            axis.plot(epochs, [row[name] for row in rows], label=name)
        axis.set(title=title, xlabel="epoch")
        axis.grid(alpha=0.3)
        axis.legend()
    figure.savefig(picture, dpi=100, metadata={"Software": None})
