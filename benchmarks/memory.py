"""The most memory that a large picture takes, of the whole tree of processes, from the shell's command.

    .venv/bin/python -m benchmarks.memory [--side 12000] [--format png|tiff] [--path fp32|int8]

The picture is a drawn field of 2000 px, repeated. What counts is resident memory less what processes share
(PSS where the system tells it), looked at ten times a second from start to end: decoding, network, nuclei,
measurements, overlay and files.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import psutil
import tifffile
from PIL import Image

from benchmarks.pipeline import machine
from segmentation.synthetic import draw_fluorescence

_FIELD = 2000


def write_picture(path: Path, side: int, kind: str) -> None:
    field, _ = draw_fluorescence(seed=3, height=_FIELD, width=_FIELD, nuclei=3600, radius_px=11)
    times = -(-side // _FIELD)
    rgb = np.tile(field, (times, times, 1))[:side, :side]
    if kind == "tiff":
        tifffile.imwrite(path, rgb, tile=(512, 512), compression="zlib", photometric="rgb")
    else:
        Image.fromarray(rgb).save(path, compress_level=1)


def tree_bytes(process: psutil.Process) -> int:
    total = 0
    try:
        for one in [process, *process.children(recursive=True)]:
            found = one.memory_full_info()
            total += getattr(found, "pss", 0) or found.rss
    except psutil.Error:
        return total
    return total


def run(arguments: argparse.Namespace, folder: Path) -> dict[str, object]:
    picture = folder / f"field.{arguments.format}"
    write_picture(picture, arguments.side, arguments.format)
    command = [sys.executable, "-m", "segmentation", "segment", str(picture), "--path", arguments.path]
    command += ["--output", str(folder / "out")] + (
        ["--bundle", arguments.bundle] if arguments.bundle else []
    )
    started, peak = time.monotonic(), 0
    process = psutil.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    while process.poll() is None:
        peak = max(peak, tree_bytes(process))
        time.sleep(0.1)
    seconds = time.monotonic() - started
    if process.returncode:
        raise SystemExit(process.stderr.read().decode())
    return {
        "machine": machine(),
        "picture": f"{arguments.side} x {arguments.side} px, {arguments.format}",
        "path": arguments.path,
        "seconds": round(seconds, 1),
        "megapixels_per_second": round(arguments.side**2 / 1e6 / seconds, 2),
        "peak_gigabytes": round(peak / 1e9, 2),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--side", type=int, default=12_000)
    parser.add_argument("--format", choices=("png", "tiff"), default="png")
    parser.add_argument("--path", choices=("fp32", "int8"), default="int8")
    parser.add_argument("--bundle")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(run(arguments, Path(folder)), indent=1))


if __name__ == "__main__":
    main()
