"""Annotated pictures on disk and in memory: pictures and label images paired by their stems."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from segmentation.errors import DataError
from segmentation.images import decode
from segmentation.label_files import read_labels
from segmentation.preprocessing import modality
from segmentation.synthetic import draw_stained

PICTURE_ENDINGS = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".webp")


@dataclass(frozen=True)
class Sample:
    """One annotated picture. rgb HxWx3 uint8, labels HxW int32."""

    name: str
    rgb: np.ndarray
    labels: np.ndarray
    modality: str


def pairs(images: Path, labels: Path, names: Iterable[str] | None = None) -> list[tuple[str, Path, Path]]:
    """(stem, picture, label image) for every stem that both folders hold, sorted; optionally only `names`."""
    for folder in (images, labels):
        if not folder.is_dir():
            raise DataError("data_missing", path=str(folder))
    masks = {p.stem.removesuffix("_labels"): p for p in sorted(labels.iterdir())}
    wanted = None if names is None else set(names)
    found = [
        (p.stem, p, masks[p.stem])
        for p in sorted(images.iterdir())
        if p.suffix.lower() in PICTURE_ENDINGS and p.stem in masks and (wanted is None or p.stem in wanted)
    ]
    if not found:
        raise DataError("data_unpaired", images=str(images), labels=str(labels))
    if wanted is not None and (lost := sorted(wanted - {stem for stem, _, _ in found})):
        raise DataError("data_incomplete", count=len(lost), names=", ".join(lost[:3]))
    return found


def read_modalities(manifest: Path) -> dict[str, str]:
    """Modality a picture's stem, from a CSV with the columns id and modality."""
    with manifest.open(newline="", encoding="utf-8") as lines:
        return {row["id"]: row["modality"] for row in csv.DictReader(lines)}


def load_samples(
    images: Path,
    labels: Path,
    names: Iterable[str] | None = None,
    modalities: dict[str, str] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> list[Sample]:
    """Decode the pairs of two folders. A picture without a known modality gets the first guess."""
    found = pairs(images, labels, names)
    samples = []
    for i, (stem, picture_path, label_path) in enumerate(found):
        rgb, truth = decode(picture_path).rgb, read_labels(label_path)
        if rgb.shape[:2] != truth.shape:
            raise DataError("data_shape", name=stem, labels=truth.shape, image=rgb.shape[:2])
        kind = (modalities or {}).get(stem) or modality(rgb)
        samples.append(Sample(stem, rgb, truth, kind))
        if progress:
            progress(i + 1, len(found))
    return samples


def draw_smears(
    count: int, seed: int, side: int = 384, progress: Callable[[int, int], None] | None = None
) -> list[Sample]:
    """Drawn smears with known truth, from a few large cells to many small ones.

    They teach what no annotated public set of nuclei shows enough of: red cells and platelets are no nuclei,
    and the lobes of one cell are one nucleus.
    """
    samples = []
    for i in range(count):
        generator = np.random.default_rng([seed, i])
        radius = float(np.exp(generator.uniform(np.log(7), np.log(40))))
        cells = generator.uniform(0.03, 0.2) * side**2 / (np.pi * radius**2)
        rgb, labels = draw_stained(
            seed * 100_003 + i, side, side, nuclei=max(1, round(cells)), radius_px=radius,
            touching=float(generator.uniform(0, 0.6)),
        )  # fmt: skip
        samples.append(Sample(f"drawn-{i}", rgb, labels, "drawn-smear"))
        if progress:
            progress(i + 1, count)
    return samples
