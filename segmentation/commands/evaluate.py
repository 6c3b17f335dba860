"""`python -m segmentation evaluate`: a bundle, or a folder of predictions, against true labels."""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from segmentation.bundle import SHIPPED, find_bundle, load_spec, write_json
from segmentation.commands.gather import add_data, resolve
from segmentation.confidence import Found
from segmentation.dataset import pairs
from segmentation.doubt import Doubt
from segmentation.errors import DataError
from segmentation.evaluation import Case, PictureFigures, evaluate, markdown, table
from segmentation.gallery import Gallery
from segmentation.images import decode
from segmentation.label_files import read_labels
from segmentation.machine import describe_machine
from segmentation.model_card import write_card
from segmentation.preprocessing import modality
from segmentation.report_html import render
from segmentation.shell import language, without_start_up_lines
from segmentation.splits import read_split

READINGS = "test_readings.csv"

Find = Callable[[str, np.ndarray], Found]
"""The nuclei of a picture, by its name and its pixels, HxWx3 uint8."""


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("evaluate", help="figures of a bundle or of predictions against true labels")
    parser.add_argument("target", metavar="PREDICTED_OR_BUNDLE", help="folder of label images, or a bundle")
    add_data(parser)
    parser.add_argument("--split", type=Path, help="CSV: id, group, modality, part (default: a bundle's own)")
    parser.add_argument("--part", choices=("train", "validation", "test"), help="evaluate this part only")
    parser.add_argument("--report", type=Path, help="JSON file for the table and the rows of each picture")
    parser.add_argument("--html", type=Path, help="the whole report as one page, with the pictures in it")
    parser.add_argument("--language", choices=("es", "en"), help="of the page (default: the shell's)")
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
    label, find = _method(arguments.target, bundle)
    if bundle and arguments.part == "test":
        _log_reading(bundle, len(found))
    reading = _Reading(find, Gallery([name for name, *_ in found], seed=arguments.part or "all"))
    bar = tqdm(total=len(found), unit="picture", file=sys.stderr)
    kinds = {name: row.modality for name, row in rows.items()}
    figures = evaluate(_cases(found, kinds), label, reading.segment, lambda _: bar.update(), reading.seen)
    bar.close()
    report: dict[str, Any] = {
        "model": load_spec(bundle).name if bundle else Path(arguments.target).name,
        "digest": load_spec(bundle).digest if bundle else None,
        "read_on": date.today().isoformat(),
        "part": arguments.part or "all",
        "images": len(found),
        "rows": table(figures),
        "confidence": reading.doubt.report(),
        "machine": describe_machine(),
    }
    print(markdown(report["rows"]))
    _write(arguments, report, figures, reading.gallery)
    if arguments.record and bundle:
        write_json(bundle / "test_report.json", report)
        write_card(bundle)
    return 0


@dataclass
class _Reading:
    """One pass over the pictures: what the network says of itself, and the pictures that will be shown."""

    find: Find
    gallery: Gallery
    doubt: Doubt = field(default_factory=Doubt)
    last: Found | None = None

    def segment(self, name: str, rgb: np.ndarray) -> np.ndarray:
        self.last = self.find(name, rgb)
        return self.last.labels

    def seen(self, row: PictureFigures, rgb: np.ndarray, truth: np.ndarray, labels: np.ndarray) -> None:
        if self.last is not None:
            self.doubt.add(row.modality, rgb, truth, self.last)
        self.gallery.add(row, rgb, truth, labels)


def _write(
    arguments: argparse.Namespace, report: dict[str, Any], figures: list[PictureFigures], gallery: Gallery
) -> None:
    """The files that were asked for."""
    if arguments.report:
        arguments.report.parent.mkdir(parents=True, exist_ok=True)
        write_json(arguments.report, {**report, "pictures": [asdict(row) for row in figures]})
    if arguments.html:
        arguments.html.parent.mkdir(parents=True, exist_ok=True)
        page = render(report, gallery, arguments.language or language())
        arguments.html.write_text(page, encoding="utf-8")


def _bundle(target: str) -> Path | None:
    """The bundle that the target names; None for a folder of predictions."""
    folder = Path(target)
    return None if folder.is_dir() and not (folder / "spec.json").is_file() else find_bundle(target, SHIPPED)


def _method(target: str, bundle: Path | None) -> tuple[str, Find]:
    if bundle:
        with without_start_up_lines():  # TensorFlow takes seconds to load: only when a network is asked for
            from segmentation.predictor import load_predictor

            predictor = load_predictor(bundle)
        return "U-Net", lambda _, rgb: predictor.find(rgb)
    files = {p.stem.removesuffix("_labels"): p for p in sorted(Path(target).iterdir()) if _is_labels(p)}

    def read(name: str, rgb: np.ndarray) -> Found:
        # a picture without a prediction counts as an empty one
        return Found(read_labels(files[name]) if name in files else np.zeros(rgb.shape[:2], np.int32))

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
