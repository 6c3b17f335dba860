"""`python -m segmentation segment`: pictures in; labels, overlays and tables of nuclei out."""

from __future__ import annotations

import argparse
import csv
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from tqdm import tqdm

from segmentation import label_files, measurements
from segmentation.bundle import find_bundle
from segmentation.choosing import family_for
from segmentation.confidence import Found
from segmentation.errors import DataError, MedulaError, PictureRefused, sentence
from segmentation.images import Picture, decode
from segmentation.overlays import draw_overlay
from segmentation.preprocessing import modality
from segmentation.quality import assess
from segmentation.shell import language, positive, without_start_up_lines
from segmentation.spec import FP32, INT8, Preprocessing
from segmentation.stain_reference import StainReference, read_reference

ENDINGS = {".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".webp"}
OWN_TAILS = ("_labels", "_overlay")
SUMMARY = [
    "file", "name", "status", "width_px", "height_px", "modality", "nuclei", "nuclei_expected",
    "nuclei_low", "nuclei_high", "touching_edge", "median_area",
    "unit", "um_per_px", "seconds", "model", "digest", "quality", "error", "notice",
]  # fmt: skip


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("segment", help="find, outline and measure the nuclei of pictures")
    parser.add_argument("inputs", nargs="+", type=Path, metavar="INPUT", help="pictures and folders of them")
    parser.add_argument("--output", type=Path, required=True, help="folder for the results")
    parser.add_argument(
        "--bundle",
        help="model by name or folder (default: “smear” for stained smears, else “nuclei”)",
    )
    parser.add_argument(
        "--path", choices=(FP32, INT8), default=FP32,
        help="fp32: the reference; int8: faster on processors, for models that carry it (default: fp32)",
    )  # fmt: skip
    parser.add_argument("--um-per-px", type=positive, help="micrometres a pixel, for all pictures")
    parser.set_defaults(run=run)


@dataclass(frozen=True)
class Entry:
    """A picture to analyse and the name, free of collisions, that its results carry."""

    path: Path
    name: str


@dataclass(frozen=True)
class Method:
    """What finds the nuclei of a picture, HxWx3 uint8; and what it is called in the table."""

    find: Callable[[np.ndarray], Found]
    name: str
    digest: str = ""
    stains: StainReference | None = None
    preprocessing: Preprocessing = field(default_factory=Preprocessing)


Choose = Callable[[np.ndarray], Method]
"""The method that reads this picture, HxWx3 uint8."""


def run(arguments: argparse.Namespace) -> int:
    entries = entries_of(arguments.inputs, arguments.output)
    with without_start_up_lines():  # TensorFlow takes seconds to load: only once there is work for it
        from segmentation.predictor import load_predictor

        @cache
        def loaded(bundle: Path) -> Method:
            predictor = load_predictor(bundle, arguments.path)
            spec, stains = predictor.spec, read_reference(bundle)
            return Method(predictor.find, spec.name, predictor.digest, stains, spec.preprocessing)

        loaded(find_bundle(arguments.bundle))  # a bundle that cannot be used is said before any picture

    def choose(rgb: np.ndarray) -> Method:
        return loaded(find_bundle(arguments.bundle or family_for(rgb)))

    return analyse_all(entries, arguments.output, choose, arguments.um_per_px)


def entries_of(inputs: list[Path], output: Path) -> list[Entry]:
    """The pictures asked for, named; the output folder is made. Raises DataError where there is none."""
    entries = list(named(found(inputs, output)))
    if not entries:
        raise DataError("no_pictures", paths=", ".join(map(str, inputs)))
    output.mkdir(parents=True, exist_ok=True)
    return entries


def analyse_all(entries: list[Entry], output: Path, choose: Choose, um_per_px: float | None) -> int:
    """Every picture's files and the summary's rows; a picture that fails is said, the others go on.

    Returns the exit status: 1 where any failed.
    """
    failed = 0
    with (output / "summary.csv").open("w", newline="", encoding="utf-8") as lines:
        summary = csv.DictWriter(lines, SUMMARY, lineterminator="\n", restval="")
        summary.writeheader()
        bar = tqdm(entries, unit="picture", disable=None if sys.stderr.isatty() else False, mininterval=1)
        for entry in bar:
            bar.set_postfix_str(entry.name[:32], refresh=False)
            row = {"file": str(entry.path), "name": entry.name, "notice": measurements.NOTICE}
            try:
                row |= analyse(entry, output, choose, um_per_px)
            except (MedulaError, OSError, MemoryError) as error:
                failed += 1
                row |= {"status": "failed", "error": _sentence(error)}
                bar.write(f"{entry.path}: {row['error']}", file=sys.stderr)
            summary.writerow(row)
            lines.flush()
    print(f"{len(entries) - failed}/{len(entries)} -> {output}", file=sys.stderr)
    return 1 if failed else 0


def analyse(entry: Entry, output: Path, choose: Choose, um_per_px: float | None) -> dict[str, Any]:
    """Segment one picture, write its three files, return its row of the summary."""
    started = time.perf_counter()
    picture: Picture = decode(entry.path)
    scale = um_per_px or picture.um_per_px
    method = choose(picture.rgb)
    nuclei = method.find(picture.rgb)
    labels = nuclei.labels
    columns = measurements.measure(labels, picture.rgb)
    expected = nuclei.scored(columns)
    label_files.write_labels(output / f"{entry.name}_labels", labels)
    _write_png(output / f"{entry.name}_overlay.png", draw_overlay(picture.rgb, labels))
    measurements.write_csv(output / f"{entry.name}_nuclei.csv", columns, scale)
    areas = columns["area"] * (scale**2 if scale else 1.0)
    _, doubts = assess(picture.rgb, labels, method.stains, method.preprocessing)
    return {
        "status": "done",
        "width_px": labels.shape[1],
        "height_px": labels.shape[0],
        "modality": modality(picture.rgb),
        "nuclei": areas.size,
        "nuclei_expected": expected.count if expected else "",
        "nuclei_low": expected.low if expected else "",
        "nuclei_high": expected.high if expected else "",
        "touching_edge": int(columns["touches_edge"].sum()),
        "median_area": round(float(np.median(areas)), 2) if areas.size else "",
        "unit": "um2" if scale else "px2",
        "um_per_px": scale or "",
        "seconds": round(time.perf_counter() - started, 3),
        "model": method.name,
        "digest": method.digest,
        "quality": " ".join(sentence(doubt.code, doubt.params, language()) for doubt in doubts),
    }


def found(inputs: list[Path], output: Path) -> Iterator[Path]:
    """The files named and the pictures inside the folders named, each once, folders in sorted order.

    Results of an earlier run that lie in the output folder are not taken for pictures. A name that does
    not exist raises DataError before any work begins.
    """
    seen = set()
    for given in inputs:
        if not given.exists():
            raise DataError("data_missing", path=str(given))
        inside = sorted(p for p in given.rglob("*") if _is_picture(p, output)) if given.is_dir() else [given]
        for path in inside:
            if path.resolve() not in seen:
                seen.add(path.resolve())
                yield path


def named(paths: Iterator[Path]) -> Iterator[Entry]:
    """Give each picture a name: its stem, or stem_2, stem_3 … where a stem (in any case) came before."""
    listed = list(paths)
    # a file really called "a_2" keeps its name, whatever comes before it
    stems = {path.stem.casefold() for path in listed}
    taken: set[str] = set()
    for path in listed:
        name, number = path.stem, 1
        while name.casefold() in taken or (number > 1 and name.casefold() in stems):
            number += 1
            name = f"{path.stem}_{number}"
        taken.add(name.casefold())
        yield Entry(path, name)


def _is_picture(path: Path, output: Path) -> bool:
    if path.suffix.lower() not in ENDINGS or path.name.startswith(".") or not path.is_file():
        return False
    return not (path.stem.endswith(OWN_TAILS) and path.parent.resolve() == output.resolve())


def _sentence(error: Exception) -> str:
    if isinstance(error, MedulaError):
        return error.sentence(language())
    if isinstance(error, MemoryError):
        return PictureRefused("out_of_memory").sentence(language())
    return str(error)


def _write_png(path: Path, rgb: np.ndarray) -> None:
    """Write HxWx3 uint8, which is changed on the way: a large picture is not copied for it."""
    for top in range(0, len(rgb), 256):
        rgb[top : top + 256] = rgb[top : top + 256, :, ::-1].copy()
    # encoded here and written by Python: OpenCV's own writing fails silently and trips over some names
    done, data = cv2.imencode(".png", rgb, [cv2.IMWRITE_PNG_COMPRESSION, 3])
    if not done:
        raise OSError(f"{path.name} could not be encoded")
    data.tofile(path)
