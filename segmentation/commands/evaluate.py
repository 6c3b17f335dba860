"""`python -m segmentation evaluate`: a bundle, or a folder of predictions, against true labels."""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from segmentation.bundle import SHIPPED, find_bundle, load_spec, write_json
from segmentation.commands.gather import add_data, resolve
from segmentation.dataset import pairs
from segmentation.errors import DataError
from segmentation.evaluation import Case, Method, evaluate, markdown, table
from segmentation.images import decode
from segmentation.label_files import read_labels
from segmentation.model_card import write_card
from segmentation.preprocessing import modality
from segmentation.shell import without_start_up_lines
from segmentation.splits import read_split

READINGS = "test_readings.csv"


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("evaluate", help="figures of a bundle or of predictions against true labels")
    parser.add_argument("target", metavar="PREDICTED_OR_BUNDLE", help="folder of label images, or a bundle")
    add_data(parser)
    parser.add_argument("--split", type=Path, help="CSV: id, group, modality, part (default: a bundle's own)")
    parser.add_argument("--part", choices=("train", "validation", "test"), help="evaluate this part only")
    parser.add_argument("--report", type=Path, help="JSON file for the table and the rows of each picture")
    parser.add_argument(
        "--record", action="store_true", help="write the test figures and the model card into the bundle"
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    bundle = _bundle(arguments.target)
    if arguments.record and (bundle is None or arguments.part != "test"):
        raise DataError("record_needs_test")
    given = arguments.split  # one that --data draws is none to take a bundle's part by
    resolve(arguments)
    arguments.split = given
    split = arguments.split or (bundle / "split.csv" if bundle and arguments.part else None)
    rows = {row.id: row for row in read_split(split)} if split else {}
    if arguments.part and not rows:
        raise DataError("part_needs_split")
    names = [name for name, row in rows.items() if not arguments.part or row.part == arguments.part] or None
    found = pairs(arguments.images, arguments.labels, names)
    label, method = _method(arguments.target, bundle)
    if bundle and arguments.part == "test":
        _log_reading(bundle, len(found))
    bar = tqdm(total=len(found), unit="picture", file=sys.stderr)
    kinds = {name: row.modality for name, row in rows.items()}
    figures = evaluate(_cases(found, kinds), label, method, lambda _: bar.update())
    bar.close()
    rows_of_table = table(figures)
    report = {
        "model": load_spec(bundle).name if bundle else str(arguments.target),
        "digest": load_spec(bundle).digest if bundle else None,
        "read_on": date.today().isoformat(),
        "part": arguments.part or "all",
        "images": len(found),
        "rows": rows_of_table,
    }
    print(markdown(rows_of_table))
    pictures = [asdict(row) for row in figures]
    if arguments.report:
        arguments.report.parent.mkdir(parents=True, exist_ok=True)
        write_json(arguments.report, {**report, "pictures": pictures})
    if arguments.record and bundle:
        write_json(bundle / "test_report.json", report)
        write_card(bundle)
    return 0


def _bundle(target: str) -> Path | None:
    """The bundle that the target names; None for a folder of predictions."""
    folder = Path(target)
    return None if folder.is_dir() and not (folder / "spec.json").is_file() else find_bundle(target, SHIPPED)


def _method(target: str, bundle: Path | None) -> tuple[str, Method]:
    if bundle:
        with without_start_up_lines():  # TensorFlow takes seconds to load: only when a network is asked for
            from segmentation.predictor import load_predictor

            predictor = load_predictor(bundle)
        return "U-Net", lambda _, rgb: predictor.segment(rgb)
    files = {p.stem.removesuffix("_labels"): p for p in sorted(Path(target).iterdir()) if _is_labels(p)}

    def read(name: str, rgb: np.ndarray) -> np.ndarray:
        # a picture without a prediction counts as an empty one
        return read_labels(files[name]) if name in files else np.zeros(rgb.shape[:2], np.int32)

    return "Predicted", read


def _is_labels(path: Path) -> bool:
    return path.suffix.lower() in (".png", ".tif", ".tiff") and not path.stem.endswith("_overlay")


def _cases(found: list[tuple[str, Path, Path]], kinds: dict[str, str]) -> Iterator[Case]:
    for name, picture, labels in found:
        rgb = decode(picture).rgb
        yield name, kinds.get(name) or modality(rgb), rgb, read_labels(labels)


def _log_reading(bundle: Path, pictures: int) -> None:
    """A test part that is read often is no test: every reading leaves a line beside the weights."""
    row: dict[str, Any] = {
        "date": date.today().isoformat(),
        "digest": load_spec(bundle).digest,
        "pictures": pictures,
    }
    path = bundle / READINGS
    new = not path.exists()
    with path.open("a", newline="", encoding="utf-8") as lines:
        writer = csv.DictWriter(lines, row, lineterminator="\n")
        if new:
            writer.writeheader()
        writer.writerow(row)
