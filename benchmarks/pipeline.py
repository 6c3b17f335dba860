"""How fast a folder of pictures becomes tables of nuclei, by stage, on this machine.

    .venv/bin/python -m benchmarks.pipeline PICTURES [--bundle NAME] [--most 40] [--json FILE]

Stages: decode, network (tiles, blended), plain `model.predict` on the same pictures, instances,
measurements, overlay. Megapixels a second of wall-clock, one run, all stages in turn on each picture, so
that a busy moment of the machine hits them alike; trust the ratios.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from segmentation.bundle import find_bundle
from segmentation.images import decode
from segmentation.instances import instances
from segmentation.measurements import measure
from segmentation.overlays import draw_overlay
from segmentation.preprocessing import grey_range, normalise
from segmentation.shell import without_start_up_lines
from segmentation.tiles import padded

with without_start_up_lines():
    from segmentation.predictor import Predictor, load_predictor

PICTURES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".webp")


def machine() -> str:
    """Processor, cores, memory and Python, as the system names them."""
    model = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        lines = [line for line in info.read_text().splitlines() if line.startswith("model name")]
        model = lines[0].partition(":")[2].strip() if lines else model
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{model}, {os.cpu_count()} cores, {memory:.0f} GB, Python {platform.python_version()}"


def predict(predictor: Predictor, rgb: np.ndarray) -> np.ndarray:
    """The plain way: the whole picture through Keras' own predict."""
    spec = predictor.spec
    height, width = rgb.shape[:2]
    stride = spec.architecture.stride
    view = normalise(rgb, grey_range(rgb, spec.preprocessing), spec.preprocessing)
    pads = ((0, padded(height, stride) - height), (0, padded(width, stride) - width), (0, 0))
    output: np.ndarray = predictor.network.predict(np.pad(view, pads, mode="symmetric")[None], verbose=0)
    return output


def run(files: list[Path], predictor: Predictor) -> dict[str, Any]:
    seconds: dict[str, float] = {}

    def timed(name: str, work: Callable[[], Any]) -> Any:
        started = time.perf_counter()
        result = work()
        seconds[name] = seconds.get(name, 0.0) + time.perf_counter() - started
        return result

    warm = decode(files[0]).rgb
    predictor.segment(warm)
    predict(predictor, warm)
    pixels = nuclei = 0
    for file in files:
        rgb = timed("decode", lambda file=file: decode(file)).rgb
        maps = timed("network", lambda rgb=rgb: predictor.maps(rgb))
        timed("model.predict", lambda rgb=rgb: predict(predictor, rgb))
        thresholds = predictor.spec.thresholds
        labels = timed("instances", lambda maps=maps, t=thresholds: instances(maps, t))
        timed("measurements", lambda labels=labels, rgb=rgb: measure(labels, rgb))
        timed("overlay", lambda labels=labels, rgb=rgb: draw_overlay(rgb, labels))
        pixels += labels.size
        nuclei += int(labels.max())
    seconds["decode to table"] = sum(seconds[k] for k in ("decode", "network", "instances", "measurements"))
    return {
        "machine": machine(),
        "bundle": predictor.spec.name,
        "digest": predictor.spec.digest,
        "pictures": len(files),
        "megapixels": round(pixels / 1e6, 2),
        "nuclei": nuclei,
        "megapixels_per_second": {name: round(pixels / 1e6 / s, 3) for name, s in seconds.items()},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("pictures", type=Path)
    parser.add_argument("--bundle")
    parser.add_argument("--most", type=int, default=40, help="pictures at the most, spread over the folder")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    files = sorted(p for p in arguments.pictures.rglob("*") if p.suffix.lower() in PICTURES)
    files = files[:: max(1, len(files) // arguments.most)][: arguments.most]
    if not files:
        parser.error(f"there are no pictures in {arguments.pictures}")
    report = run(files, load_predictor(find_bundle(arguments.bundle)))
    print(json.dumps(report, indent=1))
    if arguments.json:
        arguments.json.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
