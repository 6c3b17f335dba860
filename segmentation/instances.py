"""From the network's two maps to instance labels.

Cores (inner distance above a threshold) become markers; a watershed on the inner distance grows them over
the foreground. Foreground without a core becomes a nucleus of its own. Where a piece of foreground holds one
core only there is nothing to part: it takes that core's number at once. Markers are numbered for the whole
picture first, then the watershed runs in blocks with a margin over the other pieces: a nucleus keeps one
number wherever it lies, so that block borders cut nothing and memory stays bounded.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from skimage.segmentation import watershed

from segmentation.spec import Thresholds

_BLOCK = 2048
_CROSS = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
_MARGIN = 256  # px; larger than half of any nucleus the networks are trained for


def instances(
    maps: np.ndarray, thresholds: Thresholds, moved: Callable[[], None] | None = None
) -> np.ndarray:
    """Instance labels from foreground probability and inner distance.

    maps: HxWx2 uint8, 0..255 for 0..1. `moved` is called as the work goes on, every 4 megapixels or so.
    Returns HxW int32, 0 background, nuclei 1..n without gaps in reading order of their markers; all 0 when
    nothing is found. No pixel is lost to watershed lines.
    Method: marker-controlled watershed (Meyer 1994), scikit-image's implementation.
    """
    foreground = cv2.extractChannel(maps, 0) >= _level(thresholds.foreground)
    _fill_small_holes(foreground, thresholds.minimum_area_px)
    distance = cv2.extractChannel(maps, 1)
    if thresholds.smoothing_px > 0:
        # a core broken by a pixel's noise would count twice
        distance = cv2.GaussianBlur(distance, (0, 0), thresholds.smoothing_px)
    cores = foreground & (distance >= _level(thresholds.seed))
    markers = _components(cores, thresholds.minimum_seed_px)
    labels, crowded = _fill_single(markers, foreground, thresholds.minimum_area_px)
    _grow(labels, markers, crowded, distance, moved or (lambda: None))
    return without_small(labels, thresholds.minimum_area_px)


def without_small(labels: np.ndarray, minimum_area_px: int) -> np.ndarray:
    """The labels with objects under `minimum_area_px` gone, renumbered 1..n in the old order."""
    areas = np.bincount(labels.ravel(), minlength=1)
    keep = areas >= max(1, minimum_area_px)
    if keep[1:].all():
        return labels
    keep[0] = False
    number = np.zeros(areas.size, np.int32)
    number[keep] = np.arange(1, int(keep.sum()) + 1, dtype=np.int32)
    return number[labels]


def _level(threshold: float) -> int:
    return int(np.ceil(threshold * 255))


def _components(mask: np.ndarray, minimum_px: int) -> np.ndarray:
    """8-connected components of at least `minimum_px`, numbered 1..n."""
    _, labels = cv2.connectedComponents(mask.view(np.uint8), connectivity=8, ltype=cv2.CV_32S)
    return without_small(labels, minimum_px)


def _fill_small_holes(mask: np.ndarray, largest_px: int) -> None:
    """Background specks enclosed by foreground become foreground, in place."""
    count, labels = cv2.connectedComponents((~mask).view(np.uint8), connectivity=4, ltype=cv2.CV_32S)
    fill = np.bincount(labels.ravel(), minlength=count) <= largest_px
    for side in (labels[0], labels[-1], labels[:, 0], labels[:, -1]):
        fill[side] = False
    fill[0] = False
    if fill.any():
        mask |= fill[labels]


def _fill_single(
    markers: np.ndarray, foreground: np.ndarray, minimum_px: int
) -> tuple[np.ndarray, np.ndarray]:
    """Number the pieces of foreground that are one nucleus, and tell where the others are.

    A piece with one marker takes its number; one of at least `minimum_px` without any takes a new number,
    after those of all markers. Returns the labels HxW int32 (0 elsewhere), and the pieces with several
    markers, HxW bool.
    """
    count, parts = cv2.connectedComponents(foreground.view(np.uint8), connectivity=4, ltype=cv2.CV_32S)
    areas = np.bincount(parts.ravel(), minlength=count)
    marked = np.flatnonzero(markers)
    number, part = markers.ravel()[marked], parts.ravel()[marked]
    table = np.zeros(count, np.int32)
    table[part] = number  # of several markers, any
    several = np.zeros(count, bool)
    several[part[table[part] != number]] = True
    lonely = (areas >= minimum_px) & (table == 0)
    lonely[0] = False
    first = int(number.max(initial=0)) + 1
    table[lonely] = np.arange(first, first + int(lonely.sum()), dtype=np.int32)
    table[several] = 0
    return table[parts], several[parts]


def _grow(
    labels: np.ndarray,
    markers: np.ndarray,
    crowded: np.ndarray,
    distance: np.ndarray,
    moved: Callable[[], None],
) -> None:
    """Grow the markers over the crowded pieces, deepest pixels first, block by block, into `labels`."""
    height, width = markers.shape
    # What lies inside a marker has no neighbour to win: only its rim takes part.
    inner = cv2.erode((markers > 0).view(np.uint8), _CROSS).view(bool)
    for top in range(0, height, _BLOCK):
        for left in range(0, width, _BLOCK):
            moved()
            own = (slice(top, min(height, top + _BLOCK)), slice(left, min(width, left + _BLOCK)))
            if not crowded[own].any():
                continue
            y0, x0 = max(0, top - _MARGIN), max(0, left - _MARGIN)
            around = (slice(y0, own[0].stop + _MARGIN), slice(x0, own[1].stop + _MARGIN))
            open_ground = crowded[around] & ~inner[around]
            grown = watershed(255 - distance[around], markers[around], mask=open_ground)
            grown = grown[top - y0 : own[0].stop - y0, left - x0 : own[1].stop - x0]
            np.copyto(labels[own], grown, where=grown > 0)
            np.copyto(labels[own], markers[own], where=inner[own])
