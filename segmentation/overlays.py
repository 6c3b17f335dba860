"""Pictures that show labels: outlines over the picture, and a mask with a colour for each nucleus.

Colours are Okabe and Ito's (2008), told apart by people of every colour vision. Work goes in bands of
rows, so that beside the result only one band is in memory.
"""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
from scipy.spatial import cKDTree

SKY_BLUE = (86, 180, 233)
PALETTE = np.array(
    [(230, 159, 0), (86, 180, 233), (0, 158, 115), (240, 228, 66), (204, 121, 167), (213, 94, 0),
     (0, 114, 178), (255, 255, 255), (150, 226, 200), (255, 200, 140), (160, 140, 255), (150, 150, 150)],
    dtype=np.uint8,
)  # fmt: skip

_BAND_PIXELS = 4_000_000
_HALO_DARKNESS = 0.5
_NEAREST = 7


def draw_overlay(
    rgb: np.ndarray,
    labels: np.ndarray,
    colour: tuple[int, int, int] = SKY_BLUE,
    opacity: float = 0.0,
    outline_px: int | None = None,
    halo: bool = True,
) -> np.ndarray:
    """Draw the nuclei of `labels` (HxW int, 0 background) over `rgb` (HxWx3 uint8); returns a new array.

    Outlines lie inside the nuclei, so touching ones stay two, `outline_px` thick (None: by the nuclei's
    size); `halo` darkens one pixel around them, so that they show on bright grounds; the inside is tinted
    with `opacity` 0..1. Without nuclei the picture comes back as it was.
    """
    out = rgb.copy()
    thickness = outline_px if outline_px is not None else _thickness(labels)
    tint = np.array(colour, dtype=np.float32)
    for top, bottom in _bands(labels):
        # Float32 holds every id below 2^24 exactly, and is what OpenCV's filters take.
        upper, lower = max(0, top - thickness - 1), min(len(labels), bottom + thickness + 1)
        around = labels[upper:lower].astype(np.float32)
        own = slice(top - upper, bottom - upper)
        outline, ring = _lines(around, thickness)
        band, inside = out[top:bottom], around[own] > 0
        if opacity > 0:
            band[inside] = np.rint(band[inside] * (1 - opacity) + tint * opacity)
        if halo:
            band[ring[own]] = band[ring[own]] * (1 - _HALO_DARKNESS)
        band[outline[own]] = colour
    return out


def colour_mask(labels: np.ndarray) -> np.ndarray:
    """HxWx3 uint8: each nucleus of `labels` (HxW int) in a colour of PALETTE on black.

    Nuclei that touch, and near neighbours, differ. The same labels give the same colours.
    """
    highest = int(labels.max(initial=0))
    table = np.zeros((highest + 1, 3), dtype=np.uint8)
    table[1:] = PALETTE[_colour_numbers(labels, highest)[1:]]
    out = np.empty((*labels.shape, 3), dtype=np.uint8)
    for top, bottom in _bands(labels):
        out[top:bottom] = table[labels[top:bottom]]
    return out


def _lines(labels: np.ndarray, thickness: int) -> tuple[np.ndarray, np.ndarray]:
    """Masks of the outlines inside the nuclei and of the ring of one pixel around them."""
    size = 2 * thickness + 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size)) if thickness > 1 else _CROSS
    # Outside the picture counts as background: a nucleus cut by the edge is closed there.
    framed = cv2.copyMakeBorder(
        labels, thickness, thickness, thickness, thickness, cv2.BORDER_CONSTANT, value=0
    )
    inner = slice(thickness, -thickness)
    lowest = cv2.erode(framed, kernel)[inner, inner]
    highest = cv2.dilate(framed, kernel)[inner, inner]
    outline = (labels > 0) & (lowest != highest)
    ring = (labels == 0) & (cv2.dilate(labels, _SQUARE) > 0)
    return outline, ring


_CROSS = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
_SQUARE = np.ones((3, 3), np.uint8)


def _thickness(labels: np.ndarray) -> int:
    """One pixel for each 20 of the median nucleus' diameter, 1 to 4."""
    counts = np.zeros(int(labels.max(initial=0)) + 1, dtype=np.int64)
    for top, bottom in _bands(labels):
        counts += np.bincount(labels[top:bottom].ravel(), minlength=len(counts))
    areas = counts[1:][counts[1:] > 0]
    if not len(areas):
        return 1
    return int(np.clip(round(np.sqrt(4 * np.median(areas) / np.pi) / 20), 1, 4))


def _colour_numbers(labels: np.ndarray, highest: int) -> np.ndarray:
    """A palette index for each id: greedily the first, from the id's own on, that no neighbour has."""
    touching, near = _touching(labels), _near(labels, highest)
    neighbours: list[set[int]] = [set() for _ in range(highest + 1)]
    for one, other in np.concatenate([touching, near]).tolist():
        neighbours[one].add(other)
        neighbours[other].add(one)
    size = len(PALETTE)
    chosen = np.full(highest + 1, -1, dtype=np.int64)
    for number in range(1, highest + 1):
        taken = {int(chosen[other]) for other in neighbours[number]}
        free = (index % size for index in range(number * 5, number * 5 + size) if index % size not in taken)
        chosen[number] = next(free, number % size)
    return chosen


def _touching(labels: np.ndarray) -> np.ndarray:
    """Pairs of ids that share a side of a pixel, Nx2."""
    pairs = [np.zeros((0, 2), dtype=np.int64)]
    for top, bottom in _bands(labels):
        band = labels[top : bottom + 1]
        for one, other in ((band[:, :-1], band[:, 1:]), (band[:-1], band[1:])):
            meet = (one != other) & (one > 0) & (other > 0)
            if meet.any():
                pairs.append(np.unique(np.stack([one[meet], other[meet]], axis=1), axis=0))
    return np.concatenate(pairs)


def _near(labels: np.ndarray, highest: int) -> np.ndarray:
    """Pairs of each id with its nearest ones by centre, Nx2."""
    sums = np.zeros((3, highest + 1))
    for top, bottom in _bands(labels):
        ys, xs = np.nonzero(labels[top:bottom])
        ids = labels[top:bottom][ys, xs]
        for row, weights in enumerate((None, xs, ys + top)):
            sums[row] += np.bincount(ids, weights, minlength=highest + 1)
    ids = np.flatnonzero(sums[0])
    if len(ids) < 2:
        return np.zeros((0, 2), dtype=np.int64)
    centres = (sums[1:, ids] / sums[0, ids]).T
    _, found = cKDTree(centres).query(centres, k=min(_NEAREST, len(ids)))
    return np.stack([np.repeat(ids, found.shape[1] - 1), ids[found[:, 1:]].ravel()], axis=1)


def _bands(labels: np.ndarray) -> Iterator[tuple[int, int]]:
    rows = max(1, _BAND_PIXELS // max(1, labels.shape[1]))
    for top in range(0, labels.shape[0], rows):
        yield top, min(top + rows, labels.shape[0])
