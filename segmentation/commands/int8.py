"""`python -m segmentation int8`: give a bundle its network in 8-bit whole numbers, where that is as good."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from segmentation.bundle import find_bundle, load_spec, write_json
from segmentation.dataset import load_samples
from segmentation.shell import without_start_up_lines
from segmentation.splits import read_split


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("int8", help="convert a bundle's network to int8, if it passes the gate")
    parser.add_argument("bundle", help="model by name or folder; its spec is written anew")
    parser.add_argument("--images", type=Path, required=True, help="folder of pictures")
    parser.add_argument("--labels", type=Path, required=True, help="folder of label images, paired by stem")
    parser.add_argument("--split", type=Path, help="CSV: id, group, modality, part (default: the bundle's)")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """The training part calibrates, the validation part judges. Returns 1 where the gate refused."""
    with without_start_up_lines():
        from segmentation.int8 import add_int8
        from segmentation.predictor import load_predictor

    folder = find_bundle(arguments.bundle)
    rows = read_split(arguments.split or folder / "split.csv")
    parts = {
        part: load_samples(
            arguments.images, arguments.labels, [row.id for row in rows if row.part == part]
        )
        for part in ("train", "validation")
    }  # fmt: skip
    network = load_predictor(folder).network
    spec = add_int8(folder, load_spec(folder), network, parts["train"], parts["validation"])
    write_json(folder / "spec.json", spec.to_dict())
    print(json.dumps(json.loads((folder / "int8.json").read_text(encoding="utf-8"))))
    return 0 if spec.int8 else 1
