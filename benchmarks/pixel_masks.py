"""How well masks drawn by pixel filtering meet true ones, beside Otsu's threshold with a watershed.

    python benchmarks/pixel_masks.py FOLDER [--part train,validation]

FOLDER holds `manifest.csv` with the columns image, labels and modality (or cell_type), and for --part a
`split.csv` with id and part. Prints one Markdown table, a row a kind of picture and a method.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections import defaultdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from segmentation.baselines import OTSU, otsu_watershed
from segmentation.images import decode
from segmentation.label_files import read_labels
from segmentation.metrics import compare, mean_figures
from segmentation.pixel_masks import draw_masks

METHODS = {"Pixel filtering": draw_masks, OTSU: otsu_watershed}
FIGURES = {"AP 0.5": "ap50", "Dice": "dice", "AJI": "aji", "PQ": "pq", "Count error": "count_error"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--part", default="", help="parts of split.csv, by comma (default: every picture)")
    arguments = parser.parse_args()
    got: dict[tuple[str, str], list[dict[str, float]]] = defaultdict(list)
    for row in chosen(arguments.folder, arguments.part):
        rgb, truth = (
            decode(arguments.folder / row["image"]).rgb,
            read_labels(arguments.folder / row["labels"]),
        )
        for name, method in METHODS.items():
            got[row.get("modality") or "stained smear", name].append(compare(truth, method(rgb)))
    print("| Kind | Pictures | Method |", " | ".join(FIGURES), "|")
    print("|---|--:|---|" + "--:|" * len(FIGURES))
    for (kind, name), rows in sorted(got.items()):
        mean = mean_figures(rows)
        print(
            f"| {kind} | {len(rows)} | {name} |", " | ".join(f"{mean[f]:.3f}" for f in FIGURES.values()), "|"
        )


def chosen(folder: Path, part: str) -> list[dict[str, str]]:
    with (folder / "manifest.csv").open(newline="", encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    if not part:
        return rows
    with (folder / "split.csv").open(newline="", encoding="utf-8") as lines:
        inside = {row["id"] for row in csv.DictReader(lines) if row["part"] in part.split(",")}
    return [row for row in rows if row["id"] in inside]


if __name__ == "__main__":
    main()
