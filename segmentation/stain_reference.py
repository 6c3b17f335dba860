"""What stains and sizes a network was trained on, kept in its bundle, and how far a picture is from them.

A picture's stain is six numbers: the median colour of its nuclei and of its ground, on the scale the network
sees (`grey_range`: the picture's own dark and light are 0 and 1), so that exposure does not matter and
colour does. The training pictures are a cloud of such points in several clumps, a clump a kind of picture;
no one mean stands for them. A spread of the points themselves is kept, and a picture is as far away as the
nearest of them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from segmentation.bundle import write_json
from segmentation.dataset import Sample
from segmentation.errors import BundleError
from segmentation.preprocessing import grey_range
from segmentation.spec import Preprocessing

FILE = "stain.json"
NAMES = ("nuclei_red", "nuclei_green", "nuclei_blue", "ground_red", "ground_green", "ground_blue")
MOST_POINTS = 64
LEAST_LIMIT = 0.15
_MARGIN = 1.25  # beyond the farthest but one per cent of the validation pictures


@dataclass(frozen=True)
class StainReference:
    """points Nx6 float32 of the training pictures; the distance beyond which a stain is unlike any; the
    median diameters of nuclei, in pixels, between which the training pictures lie."""

    points: np.ndarray
    limit: float
    diameter_px: tuple[float, float]

    def distance(self, statistics: np.ndarray) -> float:
        """From a picture's statistics (6 float32) to the nearest point, in units of the limit."""
        nearest = float(np.sqrt(((self.points - statistics) ** 2).sum(axis=1).min()))
        return nearest / self.limit


def colour_statistics(
    rgb: np.ndarray, nuclei: np.ndarray, ground: np.ndarray, settings: Preprocessing
) -> np.ndarray:
    """Median colours of nuclei and ground on the network's scale. rgb HxWx3 uint8, masks HxW bool with at
    least a pixel each -> 6 float32 in the order of NAMES."""
    low, high = grey_range(rgb, settings)
    colours = np.concatenate([np.median(rgb[nuclei], axis=0), np.median(rgb[ground], axis=0)])
    # clipped as the network's input is: beyond that it sees no difference either
    return np.clip((colours - low) / (high - low), -0.5, settings.clip).astype(np.float32)


def reference_of(
    training: Iterable[Sample], validation: Iterable[Sample], settings: Preprocessing
) -> StainReference | None:
    """The reference of a training; None where no picture has a nucleus and a ground to read."""
    seen = [found for sample in training if (found := _read(sample, settings)) is not None]
    if not seen:
        return None
    points = spread(np.stack([statistics for statistics, _ in seen]), MOST_POINTS)
    unlimited = StainReference(points, 1.0, (0.0, 0.0))
    judged = [found for sample in validation if (found := _read(sample, settings)) is not None]
    distances = [unlimited.distance(statistics) for statistics, _ in judged or seen]
    low, high = np.percentile([diameter for _, diameter in seen], (1, 99))
    limit = max(LEAST_LIMIT, _MARGIN * float(np.percentile(distances, 99)))
    return StainReference(points, round(limit, 4), (round(float(low), 1), round(float(high), 1)))


def spread(points: np.ndarray, most: int) -> np.ndarray:
    """At most so many of the points NxD, each the farthest from those before it; the first is the one next
    to the mean (Gonzalez 1985)."""
    chosen = [int(((points - points.mean(axis=0)) ** 2).sum(axis=1).argmin())]
    nearest = ((points - points[chosen[0]]) ** 2).sum(axis=1)
    while len(chosen) < most and nearest.max() > 0:
        chosen.append(int(nearest.argmax()))
        nearest = np.minimum(nearest, ((points - points[chosen[-1]]) ** 2).sum(axis=1))
    return points[chosen]


def write_reference(folder: Path, reference: StainReference | None) -> None:
    """Into a bundle's folder; nothing where there is no reference."""
    if reference is None:
        return
    write_json(
        folder / FILE,
        {
            "statistics": list(NAMES),
            "points": [[round(float(value), 4) for value in point] for point in reference.points],
            "limit": reference.limit,
            "diameter_px": list(reference.diameter_px),
        },
    )


def read_reference(folder: Path) -> StainReference | None:
    """A bundle's reference; None for a bundle without one. Raises BundleError for one that cannot be read."""
    path = folder / FILE
    if not path.is_file():
        return None
    try:
        values: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        points = np.asarray(values["points"], np.float32)
        low, high = (float(value) for value in values["diameter_px"])
        limit = float(values["limit"])
        if points.ndim != 2 or points.shape[1] != len(NAMES) or not np.isfinite(points).all():
            raise ValueError("points")
        if not (limit > 0 and 0 < low <= high):
            raise ValueError("limit, diameter_px")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BundleError("bundle_spec", name=folder.name, detail=f"{FILE}: {error}") from error
    return StainReference(points, limit, (low, high))


def _read(sample: Sample, settings: Preprocessing) -> tuple[np.ndarray, float] | None:
    nuclei, ground = parts_of(sample.labels)
    areas = np.bincount(sample.labels.ravel())[1:]
    areas = areas[areas > 0]
    if not areas.size or not ground.any():
        return None
    diameter = float(np.sqrt(4 / np.pi * np.median(areas)))
    return colour_statistics(sample.rgb, nuclei, ground, settings), diameter


def parts_of(labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where nuclei are, and the ground two pixels away from them. labels HxW int -> two HxW bool."""
    nuclei = labels > 0
    near = cv2.dilate(nuclei.astype(np.uint8), np.ones((5, 5), np.uint8))
    return nuclei, near == 0
