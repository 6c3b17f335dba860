"""Ours, its own plain `model.predict`, the machine's peak and StarDist 2D, on one drawn field in one run.

    .venv/bin/python -m benchmarks.compare [--side 2048] [--rounds 3] [--bundle NAME]
        [--peer-python STARDIST_ENV/bin/python --peer-weights FOLDER] [--json FILE]

The field is drawn (segmentation.synthetic) with 900 nuclei a megapixel, its truth known, and read from a
PNG. Stages are timed on their own; "decode to table" is all of them in one go. The peer runs in its
own environment (pip install stardist tensorflow), reads the same file, and counts its own decoding too; its
weights lie in FOLDER/nuclei. Rounds alternate between all of them and the best of each counts, so that a busy
moment of the machine hits them alike. Compare ratios, not seconds.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from benchmarks.pipeline import machine, predict
from segmentation.bundle import find_bundle
from segmentation.images import decode
from segmentation.instances import instances
from segmentation.measurements import measure
from segmentation.metrics import compare
from segmentation.shell import without_start_up_lines
from segmentation.spec import FP32, INT8
from segmentation.synthetic import draw_fluorescence

with without_start_up_lines():
    from segmentation.predictor import Predictor, load_predictor

NUCLEI_A_MEGAPIXEL = 900
PEER = """
import json, sys, time
import numpy as np
from PIL import Image
from csbdeep.utils import normalize
from stardist.models import StarDist2D
picture, folder, out = sys.argv[1:]
model = StarDist2D(None, name="nuclei", basedir=folder)
def whole():
    rgb = np.asarray(Image.open(picture).convert("RGB"))
    labels, _ = model.predict_instances(normalize(rgb.astype(np.float32), 1, 99.8, axis=(0, 1, 2)))
    return labels
whole()
print("ready", flush=True)
for line in sys.stdin:
    started = time.perf_counter()
    labels = whole()
    print(time.perf_counter() - started, flush=True)
np.save(out, labels.astype(np.int32))
"""


class Peer:
    """StarDist in its own environment: one process that answers a line with the seconds of a whole run."""

    def __init__(self, python: str, weights: Path, picture: Path, out: Path):
        command = [python, "-c", PEER, str(picture), str(weights), str(out)]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        self._answer(lambda line: line.strip() == "ready")

    def seconds(self) -> float:
        assert self._process.stdin is not None
        self._process.stdin.write("again\n")
        self._process.stdin.flush()
        return float(self._answer(lambda line: line[:1].isdigit()))

    def close(self) -> None:
        self._process.communicate()

    def _answer(self, wanted: Callable[[str], bool]) -> str:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if wanted(line):
                return line
        raise SystemExit("the peer ended without an answer: run its environment by hand to see why")


def peak_gflops(side: int = 2048) -> float:
    """What the machine can do at most: one product of two float32 matrices by NumPy."""
    a = np.random.default_rng(0).random((side, side), dtype=np.float32)
    started = time.perf_counter()
    a @ a
    return 2 * side**3 / (time.perf_counter() - started) / 1e9


def whole(predictor: Predictor, picture: Path) -> np.ndarray:
    """Decode to table."""
    rgb = decode(picture).rgb
    labels = predictor.segment(rgb)
    measure(labels, rgb)
    return labels


def ways(paths: dict[str, Predictor], picture: Path) -> dict[str, Callable[[], Any]]:
    """Everything that is timed, by name."""
    rgb = decode(picture).rgb
    timed: dict[str, Callable[[], Any]] = {"decode": lambda: decode(picture)}
    for path, predictor in paths.items():
        timed[f"network {path}"] = lambda predictor=predictor: predictor.maps(rgb)
        timed[f"decode to table {path}"] = lambda predictor=predictor: whole(predictor, picture)
    reference = paths[FP32]
    maps = reference.maps(rgb)
    labels = instances(maps, reference.spec.thresholds)
    timed["instances"] = lambda: instances(maps, reference.spec.thresholds)
    timed["measurements"] = lambda: measure(labels, rgb)
    timed["model.predict"] = lambda: predict(reference, rgb)
    return timed


def run(arguments: argparse.Namespace, folder: Path) -> dict[str, Any]:
    side = arguments.side
    rgb, truth = draw_fluorescence(
        seed=11, height=side, width=side, nuclei=round(NUCLEI_A_MEGAPIXEL * side * side / 1e6), radius_px=11
    )
    picture = folder / "field.png"
    cv2.imwrite(str(picture), cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR))
    bundle = find_bundle(arguments.bundle)
    paths = {path: load_predictor(bundle, path) for path in arguments.paths}
    timed = ways(paths, picture)
    peer = None
    if arguments.peer_python:
        peer = Peer(arguments.peer_python, arguments.peer_weights, picture, folder / "peer.npy")
        timed["decode to table StarDist"] = peer.seconds
    for work in timed.values():
        work()
    seconds = dict.fromkeys(timed, float("inf"))
    peak = 0.0
    for _ in range(arguments.rounds):
        peak = max(peak, peak_gflops())
        for name, work in timed.items():
            started = time.perf_counter()
            answer = work()
            spent = answer if isinstance(answer, float) else time.perf_counter() - started
            seconds[name] = min(seconds[name], spent)
    found = {path: whole(predictor, picture) for path, predictor in paths.items()}
    if peer:
        peer.close()
        found["StarDist"] = np.load(folder / "peer.npy")
    return report(side, seconds, peak, truth, found, paths[FP32])


def report(
    side: int,
    seconds: dict[str, float],
    peak: float,
    truth: np.ndarray,
    found: dict[str, np.ndarray],
    predictor: Predictor,
) -> dict[str, Any]:
    pace = {name: round(side * side / 1e6 / spent, 3) for name, spent in seconds.items()}
    ours = [path for path in (FP32, INT8) if path in found]
    ratios = {
        f"network {path} / model.predict": _ratio(pace, f"network {path}", "model.predict") for path in ours
    }
    if "StarDist" in found:
        table = "decode to table"
        ratios |= {f"{table} {p} / StarDist": _ratio(pace, f"{table} {p}", f"{table} StarDist") for p in ours}
    accuracy = {}
    for name, labels in found.items():
        figures = compare(truth, labels)
        accuracy[name] = {"nuclei": int(np.unique(labels).size - 1)} | {
            key: round(figures[key], 4) for key in ("ap50", "map", "dice")
        }
    return {
        "machine": machine(),
        "peak_gflops_float32": round(peak, 1),
        "bundle": predictor.spec.name,
        "field": f"{side} x {side} px, {int(truth.max())} nuclei drawn",
        "megapixels_per_second": pace,
        "times_as_fast": ratios,
        "accuracy": accuracy,
    }


def _ratio(pace: dict[str, float], one: str, other: str) -> float:
    return round(pace[one] / pace[other], 2)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--side", type=int, default=2048)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--bundle")
    parser.add_argument("--paths", nargs="+", choices=(FP32, INT8), default=[FP32, INT8])
    parser.add_argument("--peer-python", help="the Python of StarDist's environment")
    parser.add_argument("--peer-weights", type=Path, help="folder that holds StarDist's folder “nuclei”")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    if FP32 not in arguments.paths:
        parser.error("fp32 is what the others are measured against")
    if bool(arguments.peer_python) != bool(arguments.peer_weights):
        parser.error("--peer-python and --peer-weights belong together")
    with tempfile.TemporaryDirectory() as folder:
        text = json.dumps(run(arguments, Path(folder)), indent=1)
    print(text)
    if arguments.json:
        arguments.json.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
