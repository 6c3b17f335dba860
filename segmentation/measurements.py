"""Measurements of each nucleus, for thousands at once: sums over pixels, no loop over nuclei but one.

Definitions follow scikit-image's regionprops (area, perimeter with 4-neighbourhood, eccentricity of the
ellipse of equal second moments). Solidity counts the pixels whose centre lies in the convex hull of the
nucleus' own pixel centres, exactly, by Pick's theorem (1899).

All lengths are in pixels; `to_micrometres` converts where the scale is known.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

COLUMNS = ("id", "x", "y", "area", "equivalent_diameter", "perimeter", "circularity", "eccentricity",
           "solidity", "mean_intensity", "touches_edge")  # fmt: skip
LENGTHS = ("equivalent_diameter", "perimeter")
AREAS = ("area",)
CONFIDENCE = "confidence"
"""A column more, last, where the network claims one: 0..1, see segmentation.confidence."""
NOTICE = "research use, not a diagnosis"

_BAND_PIXELS = 4_000_000
_STRAIGHT, _DIAGONAL, _MIXED = 1.0, float(np.sqrt(2)), float((1 + np.sqrt(2)) / 2)
_STEP_LENGTHS = np.zeros(50)
_STEP_LENGTHS[[5, 7, 15, 17, 25, 27]] = _STRAIGHT
_STEP_LENGTHS[[21, 33]] = _DIAGONAL
_STEP_LENGTHS[[13, 23]] = _MIXED


def measure(labels: np.ndarray, rgb: np.ndarray) -> dict[str, np.ndarray]:
    """Measure every nucleus of `labels` (HxW int, 0 background) on `rgb` (HxWx3 uint8), in pixels.

    Returns one array a column, all of the same length, in order of id: `id` int32; centroid `x`, `y`;
    `area`; `equivalent_diameter`; `perimeter`; `circularity` 0..1 (4 pi area / perimeter², at most 1);
    `eccentricity` 0..1; `solidity` 0..1; `mean_intensity` 0..255 of grey; `touches_edge` bool. Ids may
    have gaps and nuclei several parts. A picture without nuclei gives columns of length 0.

    >>> square = np.zeros((9, 9), np.int32); square[2:6, 3:7] = 1
    >>> columns = measure(square, np.full((9, 9, 3), 80, np.uint8))
    >>> columns["area"].tolist(), columns["x"].tolist(), columns["solidity"].tolist()
    ([16.0], [4.5], [1.0])
    """
    if labels.ndim != 2 or rgb.shape != (*labels.shape, 3):
        raise ValueError(f"labels {labels.shape} and rgb {rgb.shape} do not belong together")
    labels = labels.astype(np.int32, copy=False)
    highest = int(labels.max(initial=0))
    sums = _sums(labels, rgb, highest + 1)
    ids = np.flatnonzero(sums["count"][1:]) + 1
    count = sums["count"][ids]
    x, y = sums["x"][ids] / count, sums["y"][ids] / count
    ys, xs = _border(labels)
    border_ids = labels[ys, xs]
    perimeter = _perimeters(labels, ys, xs, border_ids, highest + 1)[ids]
    with np.errstate(divide="ignore"):
        circularity = np.where(perimeter > 0, 4 * np.pi * count / perimeter**2, 1.0)
    edge = np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]]) if labels.size else labels[:0]
    return {
        "id": ids.astype(np.int32),
        "x": x,
        "y": y,
        "area": count,
        "equivalent_diameter": np.sqrt(4 * count / np.pi),
        "perimeter": perimeter,
        "circularity": np.minimum(circularity, 1.0),
        "eccentricity": _eccentricity(
            sums["xx"][ids] / count - x * x, sums["yy"][ids] / count - y * y, sums["xy"][ids] / count - x * y
        ),
        "solidity": _solidity(count, ids, ys, xs, border_ids),
        "mean_intensity": sums["grey"][ids] / count,
        "touches_edge": np.isin(ids, edge),
    }


def to_micrometres(columns: dict[str, np.ndarray], um_per_px: float) -> dict[str, np.ndarray]:
    """The same columns with lengths in µm and areas in µm²; positions stay in pixels of the picture."""
    factors = dict.fromkeys(LENGTHS, um_per_px) | dict.fromkeys(AREAS, um_per_px**2)
    return {name: values * factors[name] if name in factors else values for name, values in columns.items()}


def headers(um_per_px: float | None) -> dict[str, str]:
    """The name of each column with its unit, as exports write it: `area_um2`, or `area_px2` without scale."""
    unit = "px" if um_per_px is None else "um"
    names = {name: name for name in COLUMNS} | {"x": "x_px", "y": "y_px"}
    names |= {name: f"{name}_{unit}" for name in LENGTHS}
    return names | {name: f"{name}_{unit}2" for name in AREAS}


def write_csv(path: Path | str, columns: dict[str, np.ndarray], um_per_px: float | None = None) -> None:
    """Write pixel columns as CSV (UTF-8, comma, point), in µm where `um_per_px` is known.

    Units stand in the header; the last column says what the figures are for.
    """
    if um_per_px is not None:
        columns = to_micrometres(columns, um_per_px)
    names = headers(um_per_px) | {CONFIDENCE: CONFIDENCE}
    present = [*COLUMNS, CONFIDENCE] if CONFIDENCE in columns else COLUMNS
    written = [_written(columns[name]) for name in present]
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([*(names[name] for name in present), "notice"])
        writer.writerows((*row, NOTICE) for row in zip(*written, strict=True))


def _written(values: np.ndarray) -> list[str]:
    if values.dtype.kind == "b":
        return ["1" if value else "0" for value in values.tolist()]
    if values.dtype.kind in "iu":
        return [str(value) for value in values.tolist()]
    return [f"{value:.4f}".rstrip("0").rstrip(".") for value in values.tolist()]


def _bands(labels: np.ndarray) -> Iterator[tuple[int, int]]:
    rows = max(1, _BAND_PIXELS // max(1, labels.shape[1]))
    for top in range(0, labels.shape[0], rows):
        yield top, min(top + rows, labels.shape[0])


def _sums(labels: np.ndarray, rgb: np.ndarray, length: int) -> dict[str, np.ndarray]:
    """Sums over the pixels of each id (index): their count, x, y, x², y², xy and grey value."""
    sums = {name: np.zeros(length) for name in ("count", "x", "y", "xx", "yy", "xy", "grey")}
    for top, bottom in _bands(labels):
        ys, xs = np.nonzero(labels[top:bottom])
        if not len(ys):
            continue
        ids = labels[top:bottom][ys, xs]
        grey = cv2.cvtColor(np.ascontiguousarray(rgb[top:bottom]), cv2.COLOR_RGB2GRAY)[ys, xs]
        x, y = xs.astype(np.float64), ys.astype(np.float64) + top
        first = int(ids.min())  # a band knows few of the ids: add only over its own range
        last = int(ids.max()) + 1
        for name, weights in (("count", None), ("x", x), ("y", y), ("xx", x * x), ("yy", y * y),
                              ("xy", x * y), ("grey", grey)):  # fmt: skip
            sums[name][first:last] += np.bincount(ids - first, weights, minlength=last - first)
    return sums


def _border(labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rows and columns of the pixels with a 4-neighbour of another id, or outside the picture."""
    found_y, found_x = [], []
    height, width = labels.shape
    for top, bottom in _bands(labels):
        padded = np.zeros((bottom - top + 2, width + 2), dtype=labels.dtype)
        padded[1:-1, 1:-1] = labels[top:bottom]
        if top:
            padded[0, 1:-1] = labels[top - 1]
        if bottom < height:
            padded[-1, 1:-1] = labels[bottom]
        own = padded[1:-1, 1:-1]
        border = own != padded[:-2, 1:-1]
        for neighbour in (padded[2:, 1:-1], padded[1:-1, :-2], padded[1:-1, 2:]):
            border |= own != neighbour
        border &= own != 0
        ys, xs = np.nonzero(border)
        found_y.append((ys + top).astype(np.int32))
        found_x.append(xs.astype(np.int32))
    if not found_y:
        return np.zeros(0, np.int32), np.zeros(0, np.int32)
    return np.concatenate(found_y), np.concatenate(found_x)


def _perimeters(
    labels: np.ndarray, ys: np.ndarray, xs: np.ndarray, ids: np.ndarray, length: int
) -> np.ndarray:
    """Perimeter of each id (index) from the shape of its border, pixel by pixel.

    Benkrid, Crookes, Benkrid, "Design and FPGA implementation of a perimeter estimator" (2000), as in
    skimage.measure.perimeter: each border pixel counts 1, sqrt 2 or their mean by its border neighbours.
    """
    perimeters = np.zeros(length)
    for top, bottom in _bands(labels):
        # the band's own border pixels, and those of the row above and below it
        first, last = np.searchsorted(ys, (top - 1, bottom + 1))
        near = slice(int(first), int(last))
        border = np.zeros((bottom - top + 2, labels.shape[1] + 2), dtype=np.int32)
        border[ys[near] - top + 1, xs[near] + 1] = ids[near]
        first, last = np.searchsorted(ys, (top, bottom))
        own = ids[int(first) : int(last)]
        y, x = ys[int(first) : int(last)] - top + 1, xs[int(first) : int(last)] + 1
        code = np.ones(len(own), dtype=np.int64)
        for dy in (-1, 0, 1):
            for dx in (-1, 0, 1):
                if dy or dx:
                    code += (border[y + dy, x + dx] == own) * (10 if dy and dx else 2)
        perimeters += np.bincount(own, _STEP_LENGTHS[code], minlength=length)
    return perimeters


def _eccentricity(xx: np.ndarray, yy: np.ndarray, xy: np.ndarray) -> np.ndarray:
    """Of the ellipse with these central second moments: 0 a circle, towards 1 a line."""
    mean, spread = (xx + yy) / 2, np.hypot((xx - yy) / 2, xy)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(mean + spread > 1e-9, (mean - spread) / (mean + spread), 1.0)
    return np.sqrt(np.clip(1 - ratio, 0, 1))


def _solidity(
    area: np.ndarray, ids: np.ndarray, ys: np.ndarray, xs: np.ndarray, border_ids: np.ndarray
) -> np.ndarray:
    """Area by the number of pixels in the convex hull (of the border pixels' centres)."""
    if not len(ids):
        return np.zeros(0)
    order = np.argsort(border_ids, kind="stable")
    points = np.stack([xs[order], ys[order]], axis=1).astype(np.int32)
    starts = np.searchsorted(border_ids[order], ids)
    hulls = [cv2.convexHull(part)[:, 0] for part in np.split(points, starts[1:])]
    sizes = np.array([len(hull) for hull in hulls])
    corners = np.concatenate(hulls).astype(np.int64)
    firsts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    following = np.arange(len(corners)) + 1
    following[firsts + sizes - 1] = firsts
    nexts = corners[following]
    cross = corners[:, 0] * nexts[:, 1] - nexts[:, 0] * corners[:, 1]
    on_edges = np.gcd(np.abs(nexts[:, 0] - corners[:, 0]), np.abs(nexts[:, 1] - corners[:, 1]))
    hull_area = np.abs(np.add.reduceat(cross, firsts)) / 2
    inside = hull_area + np.add.reduceat(on_edges, firsts) / 2 + 1  # Pick: pixels in or on the hull
    return np.minimum(area / inside, 1.0)
