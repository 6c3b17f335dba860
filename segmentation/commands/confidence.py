"""`python -m segmentation confidence`: fit a bundle's confidence anew on its validation part."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from segmentation.bundle import find_bundle
from segmentation.confidence import FILE
from segmentation.dataset import load_samples
from segmentation.errors import DataError
from segmentation.model_card import write_card
from segmentation.shell import without_start_up_lines
from segmentation.splits import read_split


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("confidence", help="fit a bundle's confidence on its validation part")
    parser.add_argument("bundle", metavar="BUNDLE", help="model by name or folder")
    parser.add_argument("--images", type=Path, required=True, help="folder of pictures")
    parser.add_argument("--labels", type=Path, required=True, help="folder of true labels, paired by stem")
    parser.add_argument(
        "--split", type=Path, help="CSV: id, group, modality, part (default: the bundle's own)"
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    bundle = find_bundle(arguments.bundle)
    rows = [row for row in read_split(arguments.split or bundle / "split.csv") if row.part == "validation"]
    if not rows:
        raise DataError("part_needs_split")
    kinds = {row.id: row.modality for row in rows}
    samples = load_samples(arguments.images, arguments.labels, list(kinds), kinds)
    with without_start_up_lines():  # TensorFlow takes seconds to load: only once there is work for it
        from segmentation.confidence_fit import fit_confidence
        from segmentation.predictor import load_predictor

        predictor = load_predictor(bundle)
    if not fit_confidence(bundle, predictor, samples, {row.id: row.group for row in rows}):
        raise DataError("confidence_too_small", pictures=len(samples))
    write_card(bundle)
    print(json.dumps(json.loads((bundle / FILE).read_text(encoding="utf-8"))["fitted_on"], indent=1))
    return 0
