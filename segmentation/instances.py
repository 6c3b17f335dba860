"""From the network's two maps to instance labels.

Cores (inner distance above a threshold) become markers; a watershed on the inner distance grows them over
the foreground. Foreground without a core becomes a nucleus of its own. Markers are numbered for the whole
picture first, then the watershed runs in blocks with a margin: a nucleus keeps one number wherever it
lies, so that block borders cut nothing and memory stays bounded.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from skimage.segmentation import watershed

from segmentation.spec import Thresholds

_BLOCK = 2048
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
    foreground = maps[..., 0] >= _level(thresholds.foreground)
    _fill_small_holes(foreground, thresholds.minimum_area_px)
    distance = np.ascontiguousarray(maps[..., 1])
    if thresholds.smoothing_px > 0:
        # a core broken by a pixel's noise would count twice
        distance = cv2.GaussianBlur(distance, (0, 0), thresholds.smoothing_px)
    cores = distance >= _level(thresholds.seed)
    if not thresholds.join_lobes:
        cores &= foreground
    markers = _components(cores, thresholds.minimum_seed_px)
    _add_coreless(markers, foreground, thresholds.minimum_area_px)
    labels = _grow(markers, foreground, distance, moved or (lambda: None))
    labels = without_small(labels, thresholds.minimum_area_px)
    if thresholds.minimum_relative_area > 0:
        labels = without_small(labels, _relative_minimum(labels, thresholds.minimum_relative_area))
    return labels


def _relative_minimum(labels: np.ndarray, share: float) -> int:
    """`share` of the area of the picture's large nuclei (the 90th percentile), in px; 0 without nuclei.

    On a smear, platelets look like small nuclei, and no fixed size tells them apart at every magnification;
    beside the nuclei of the same picture they are small.
    """
    areas = np.bincount(labels.ravel())[1:]
    return int(share * np.percentile(areas, 90)) if areas.size else 0


def without_small(labels: np.ndarray, minimum_area_px: int) -> np.ndarray:
    """The labels with objects under `minimum_area_px` gone, renumbered 1..n in the old order."""
    areas = np.bincount(labels.ravel(), minlength=1)
    keep = areas >= max(1, minimum_area_px)
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
    _, labels, stats, _ = cv2.connectedComponentsWithStats((~mask).view(np.uint8), connectivity=4)
    height, width = mask.shape
    left, top = stats[:, cv2.CC_STAT_LEFT], stats[:, cv2.CC_STAT_TOP]
    right, bottom = left + stats[:, cv2.CC_STAT_WIDTH], top + stats[:, cv2.CC_STAT_HEIGHT]
    enclosed = (left > 0) & (top > 0) & (right < width) & (bottom < height)
    fill = enclosed & (stats[:, cv2.CC_STAT_AREA] <= largest_px)
    fill[0] = False
    if fill.any():
        mask |= fill[labels]


def _add_coreless(markers: np.ndarray, foreground: np.ndarray, minimum_px: int) -> None:
    """Foreground components of at least `minimum_px` that hold no marker become markers, in place."""
    _, parts = cv2.connectedComponents(foreground.view(np.uint8), connectivity=4, ltype=cv2.CV_32S)
    areas = np.bincount(parts.ravel())
    lonely = areas >= minimum_px
    lonely[parts[markers > 0]] = False
    lonely[0] = False
    if lonely.any():
        first = int(markers.max()) + 1
        number = np.zeros(areas.size, np.int32)
        number[lonely] = np.arange(first, first + int(lonely.sum()), dtype=np.int32)
        found = number[parts]
        np.copyto(markers, found, where=found > 0)


def _grow(
    markers: np.ndarray, foreground: np.ndarray, distance: np.ndarray, moved: Callable[[], None]
) -> np.ndarray:
    """Grow the markers over the foreground, deepest pixels first, block by block."""
    height, width = markers.shape
    labels = np.empty((height, width), np.int32)
    for top in range(0, height, _BLOCK):
        for left in range(0, width, _BLOCK):
            y0, x0 = max(0, top - _MARGIN), max(0, left - _MARGIN)
            bottom, right = min(height, top + _BLOCK), min(width, left + _BLOCK)
            around = (slice(y0, bottom + _MARGIN), slice(x0, right + _MARGIN))
            room = foreground[around] | (markers[around] > 0)
            grown = watershed(255 - distance[around], markers[around], mask=room)
            grown *= foreground[around]  # a core that bridges lobes ends where its nucleus does
            labels[top:bottom, left:right] = grown[top - y0 : bottom - y0, left - x0 : right - x0]
            moved()
    return labels
