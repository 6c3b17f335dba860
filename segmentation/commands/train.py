"""`python -m segmentation train`: from annotated pictures to a bundle."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

from segmentation.bundle import find_bundle, load_spec, verified_weights
from segmentation.commands.gather import add_data, resolve
from segmentation.dataset import draw_smears, load_samples
from segmentation.errors import DataError
from segmentation.shell import without_start_up_lines
from segmentation.spec import TrainConfig
from segmentation.splits import read_split
from segmentation.stain_reference import reference_of, write_reference


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("train", help="train a U-Net on annotated pictures and write a bundle")
    add_data(parser)
    parser.add_argument(
        "--split", type=Path, help="CSV: id, group, modality, part (default with --data: drawn)"
    )
    parser.add_argument("--config", type=Path, help="JSON of training settings (defaults where it is silent)")
    parser.add_argument("--work", type=Path, required=True, help="folder for checkpoints; resumes from it")
    parser.add_argument("--bundle", type=Path, required=True, help="folder of the bundle to write")
    parser.add_argument("--start", help="bundle whose weights the training starts from (transfer)")
    parser.add_argument("--max-minutes", type=float, help="stop after the epoch in which these pass")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    with without_start_up_lines():  # TensorFlow takes seconds to load: only the commands that need it do
        from segmentation.finishing import write_bundle
        from segmentation.training import train

    config = read_config(arguments.config)
    resolve(arguments, arguments.work / "data")
    if arguments.split is None:
        raise DataError("part_needs_split")
    rows = read_split(arguments.split)
    modalities = {row.id: row.modality for row in rows}
    parts = {}
    for part in ("train", "validation"):
        names = [row.id for row in rows if row.part == part]
        parts[part] = load_samples(arguments.images, arguments.labels, names, modalities)
        print(f"{part}: {len(parts[part])} pictures", flush=True)
    parts["train"] += draw_smears(config.drawn_smears, config.seed)
    config, start = _start(config, arguments.start)
    best = train(
        config,
        parts["train"],
        parts["validation"],
        arguments.work,
        arguments.max_minutes,
        verbose="auto" if sys.stdout.isatty() else 2,
        start=start,
    )
    spec = write_bundle(
        arguments.bundle, config, best, parts["validation"], arguments.split, date.today().isoformat(),
        training=parts["train"],
    )  # fmt: skip
    reference = reference_of(parts["train"], parts["validation"], config.preprocessing)
    write_reference(arguments.bundle, reference)
    print(f"{spec.name} {spec.digest} -> {arguments.bundle}")
    return 0


def _start(config: TrainConfig, bundle: str | None) -> tuple[TrainConfig, Path | None]:
    """The config with the digest of the weights it starts from, and their path."""
    if bundle is None:
        return config, None
    folder = find_bundle(bundle)
    spec = load_spec(folder)
    if spec.architecture != config.architecture:
        raise DataError("start_differs", name=spec.name)
    return replace(config, start=spec.digest), verified_weights(folder, spec)


def read_config(path: Path | None) -> TrainConfig:
    """The settings of a JSON file; DataError when it is missing or names an unknown setting."""
    if path is None:
        return TrainConfig()
    try:
        return TrainConfig.from_dict(json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError as error:
        raise DataError("data_missing", path=str(path)) from error
    except (ValueError, TypeError) as error:
        raise DataError("config_invalid", path=str(path), detail=error) from error
