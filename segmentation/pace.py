"""How fast each of a bundle's paths is on this machine: a short run, to choose between them once."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np

from segmentation.bundle import load_spec
from segmentation.predictor import load_predictor
from segmentation.spec import FP32, INT8

_SIDE_PX, _RUNS = 512, 3


def measure_paths(folder: Path) -> dict[str, float]:
    """Megapixels a second of the network on a square of noise, by path; the best of a few runs in turn."""
    paths = [FP32] if load_spec(folder).int8 is None else [FP32, INT8]
    predictors = {path: load_predictor(folder, path) for path in paths}
    rgb = np.random.default_rng(0).integers(0, 256, (_SIDE_PX, _SIDE_PX, 3), dtype=np.uint8)
    best = dict.fromkeys(paths, float("inf"))
    for run in range(_RUNS + 1):
        for path, predictor in predictors.items():
            started = time.perf_counter()
            predictor.maps(rgb)
            if run:  # the first warms up
                best[path] = min(best[path], time.perf_counter() - started)
    return {path: round(rgb.shape[0] * rgb.shape[1] / 1e6 / seconds, 3) for path, seconds in best.items()}
