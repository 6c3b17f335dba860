"""How fast, and how alike: the mask library's two claims, measured.

    python benchmarks/matching.py speed [--stored 10000] [--regions 100]
    python benchmarks/matching.py cells FOLDER [--channels 1,3]

`speed` draws a library and times a picture's regions against it. `cells` takes pictures with one annotated
cell each (`manifest.csv`: id, image, labels, cell_type), sets a fifth of each laboratory aside by seed, and
asks how many of the five best stored masks carry the held-out cell's type, beside chance.
"""

from __future__ import annotations

import argparse
import csv
import os
import platform
import statistics
import sys
import time
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np

from segmentation.grids import Nuclei, join, prepare
from segmentation.images import decode
from segmentation.label_files import read_labels
from segmentation.matching import match
from segmentation.synthetic import draw_stained

FIELDS = ("ids", "area", "grid", "vectors")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(required=True)
    speed = commands.add_parser("speed")
    speed.add_argument("--stored", type=int, default=10_000)
    speed.add_argument("--regions", type=int, default=100)
    speed.set_defaults(run=time_it)
    cells = commands.add_parser("cells")
    cells.add_argument("folder", type=Path)
    cells.add_argument("--channels", default="1,3")
    cells.add_argument("--seeds", type=int, default=5)
    cells.set_defaults(run=cell_types)
    arguments = parser.parse_args()
    arguments.run(arguments)


def time_it(arguments: argparse.Namespace) -> None:
    print(f"{platform.processor() or platform.machine()}, {len(os.sched_getaffinity(0))} cores, "
          f"load {os.getloadavg()[0]:.1f}, NumPy {np.__version__}")  # fmt: skip
    for channels in (1, 3):
        nuclei = join(list(drawn(arguments.stored + arguments.regions, channels)), channels)
        regions, library = rows(nuclei, 0, arguments.regions), rows(nuclei, arguments.regions, None)
        library = rows(library, 0, arguments.stored)
        match(rows(regions, 0, 4), library)  # warm
        took, used = [], []
        for _ in range(5):
            wall, work = time.perf_counter(), time.process_time()
            match(regions, library)
            took.append(time.perf_counter() - wall)
            used.append(time.process_time() - work)
        print(f"{channels} channel(s): {regions.count} regions x {library.count} stored nuclei: "
              f"median {statistics.median(took):.2f} s (best {min(took):.2f}; "
              f"processor {statistics.median(used):.2f} s)")  # fmt: skip


def drawn(least: int, channels: int) -> Iterator[Nuclei]:
    """Drawn fields until there are enough nuclei; each also turned and mirrored, which makes others of it."""
    count = seed = 0
    while count < least:
        rgb, labels = draw_stained(seed=seed, height=1200, width=1200, nuclei=160, radius_px=18)
        for turns in range(4):
            for way in (1, -1):
                part = prepare(np.rot90(rgb[:, ::way], turns), np.rot90(labels[:, ::way], turns), channels)
                count += part.count
                yield part
        seed += 1


def rows(nuclei: Nuclei, start: int, stop: int | None) -> Nuclei:
    return Nuclei(*(getattr(nuclei, name)[start:stop] for name in FIELDS))


def cell_types(arguments: argparse.Namespace) -> None:
    with (arguments.folder / "manifest.csv").open(newline="", encoding="utf-8") as lines:
        listed = [row for row in csv.DictReader(lines) if row["cell_type"]]
    print("| Channels | Held out | Stored | precision@1 | precision@5 | chance |")
    print("|--:|--:|--:|--:|--:|--:|")
    for channels in map(int, arguments.channels.split(",")):
        nuclei, kinds, laboratories = read(arguments.folder, listed, channels)
        found = [precision(nuclei, kinds, laboratories, seed) for seed in range(arguments.seeds)]
        first, five, chance, held, stored = np.mean(found, axis=0)
        print(f"| {channels} | {held:.0f} | {stored:.0f} | {first:.3f} | {five:.3f} | {chance:.3f} |")
    for kind in sorted(set(kinds)):
        print(f"{kind}: {(kinds == kind).sum()}")


def read(folder: Path, listed: list[dict[str, str]], channels: int) -> tuple[Nuclei, np.ndarray, np.ndarray]:
    """The largest nucleus of every picture, its cell's type and its laboratory (the id's first part)."""
    parts, kinds, laboratories = [], [], []
    for row in listed:
        part = prepare(decode(folder / row["image"]).rgb, read_labels(folder / row["labels"]), channels)
        if part.count:
            largest = int(part.area.argmax())
            parts.append(rows(part, largest, largest + 1))
            kinds.append(row["cell_type"])
            laboratories.append(row["id"].split("_")[0])
    return join(parts, channels), np.array(kinds), np.array(laboratories)


def precision(
    nuclei: Nuclei, kinds: np.ndarray, laboratories: np.ndarray, seed: int
) -> tuple[float, float, float, int, int]:
    rng = np.random.default_rng(seed)
    held = np.zeros(len(kinds), bool)
    for laboratory in np.unique(laboratories):
        own = np.flatnonzero(laboratories == laboratory)
        held[rng.permutation(own)[: round(0.2 * own.size)]] = True
    asked, stored = (Nuclei(*(getattr(nuclei, name)[part] for name in FIELDS)) for part in (held, ~held))
    right = kinds[~held][match(asked, stored, 5).stored] == kinds[held][:, None]
    share = {kind: (kinds[~held] == kind).mean() for kind in np.unique(kinds)}
    chance = float(np.mean([share[kind] for kind in kinds[held]]))
    return float(right[:, 0].mean()), float(right.mean()), chance, int(held.sum()), int((~held).sum())


if __name__ == "__main__":
    main()
