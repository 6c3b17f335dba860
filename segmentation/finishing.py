"""From a finished training to a bundle: thresholds tuned on the validation part, curves, spec."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from segmentation.bundle import file_digest, write_json
from segmentation.confidence_fit import fit_confidence
from segmentation.curves import draw_curves
from segmentation.dataset import Sample
from segmentation.instances import instances
from segmentation.int8 import add_int8
from segmentation.metrics import compare, mean_figures
from segmentation.predictor import Predictor
from segmentation.spec import ModelSpec, Thresholds, TrainConfig
from segmentation.splits import read_split
from segmentation.unet import build_unet

CANDIDATES: tuple[tuple[str, tuple[Any, ...]], ...] = (
    ("smoothing_px", (0.0, 0.7, 1.5, 2.0)),
    ("seed", (0.3, 0.4, 0.5, 0.6, 0.7)),
    ("foreground", (0.35, 0.4, 0.45, 0.5, 0.55, 0.6)),
    ("minimum_area_px", (10, 15, 25, 40, 80, 160)),
    ("seed", (0.35, 0.45, 0.55, 0.65)),
)

SMEAR_CANDIDATES: tuple[tuple[str, tuple[Any, ...]], ...] = (
    ("minimum_relative_area", (0.05, 0.1, 0.15, 0.2)),
)


def write_bundle(
    folder: Path,
    config: TrainConfig,
    weights: Path,
    validation: list[Sample],
    split: Path,
    created: str,
    data: dict[str, Any] | None = None,
    tick: Callable[[], None] | None = None,
    training: list[Sample] | None = None,
) -> ModelSpec:
    """Write spec, weights, settings, split, curves and the table of tried thresholds into `folder`.

    `weights` is a weights file with or without its optimiser; the bundle's holds the network alone. `data`
    says what the training saw, for the card (`data.json`). `tick` is called often and may raise to give up.
    With `training`, the part that was trained on, the bundle also gets the network in int8, where that loses
    next to nothing.
    """
    folder.mkdir(parents=True, exist_ok=True)
    network = build_unet(config.architecture)
    network.load_weights(weights)
    spec = ModelSpec(
        config.family, config.version, "", created, config.architecture, config.preprocessing, config.tile
    )
    network.save_weights(folder / spec.weights, overwrite=True)
    thresholds, trials = tune_thresholds(
        Predictor(spec, network), validation, tick=tick, first=Thresholds(join_lobes=config.join_lobes)
    )
    spec = replace(spec, digest=file_digest(folder / spec.weights), thresholds=thresholds)
    groups = {row.id: row.group for row in read_split(split)}
    fit_confidence(folder, Predictor(spec, network), validation, groups, tick)
    write_json(folder / "training.json", config.to_dict())
    if data is not None:
        write_json(folder / "data.json", data)
    write_json(folder / "thresholds.json", {"chosen_by": "mean AP on validation", "trials": trials})
    if split.resolve() != (folder / "split.csv").resolve():
        shutil.copyfile(split, folder / "split.csv")
    shutil.copyfile(weights.parent / "curves.csv", folder / "curves.csv")
    draw_curves(folder / "curves.csv", folder / "curves.png")
    if training:
        spec = add_int8(folder, spec, network, training, validation, tick)
    write_json(folder / "spec.json", spec.to_dict())
    return spec


def tune_thresholds(
    predictor: Predictor,
    validation: list[Sample],
    progress: Callable[[str], None] | None = None,
    tick: Callable[[], None] | None = None,
    first: Thresholds | None = None,
) -> tuple[Thresholds, list[dict[str, float]]]:
    """The thresholds with the highest mean AP on the validation pictures, one setting after the other."""
    beat = tick or (lambda: None)
    maps = [predictor.maps(sample.rgb, lambda done, total: beat()) for sample in validation]
    truths = [sample.labels for sample in validation]
    best, trials = first or Thresholds(), []
    best_figure = _mean_ap(maps, truths, best, beat)
    trials.append({**best.to_dict(), "map": round(best_figure, 4)})
    for name, values in (SMEAR_CANDIDATES if best.join_lobes else ()) + CANDIDATES:
        for value in values:
            tried = replace(best, **{name: value})
            if tried == best:
                continue
            figure = _mean_ap(maps, truths, tried, beat)
            trials.append({**tried.to_dict(), "map": round(figure, 4)})
            if progress:
                progress(f"{name} {value}: {figure:.4f}")
            if figure > best_figure:
                best, best_figure = tried, figure
    return best, trials


def _mean_ap(
    maps: list[np.ndarray], truths: list[np.ndarray], thresholds: Thresholds, tick: Callable[[], None]
) -> float:
    rows = []
    for found, truth in zip(maps, truths, strict=True):
        rows.append(compare(truth, instances(found, thresholds)))
        tick()
    return mean_figures(rows)["map"]
