"""From the network's two maps to instance labels.

Cores (inner distance above a threshold) become markers; a watershed on the inner distance grows them over
the foreground. Foreground without a core becomes a nucleus of its own. Where a piece of foreground holds one
core only there is nothing to part: it takes that core's number at once. Markers are numbered for the whole
picture first, then the watershed runs in blocks with a margin over the other pieces: a nucleus keeps one
number wherever it lies, so that block borders cut nothing and memory stays bounded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import cv2
import numpy as np
from skimage.segmentation import watershed

from segmentation.memory import return_freed_memory
from segmentation.spec import Thresholds

_BLOCK = 2048
_BAND_PIXELS, _LARGE_PIXELS = 4_000_000, 16_000_000
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
    large = maps.shape[0] * maps.shape[1] > _LARGE_PIXELS
    foreground = cv2.extractChannel(maps, 0) >= _level(thresholds.foreground)
    distance = cv2.extractChannel(maps, 1)
    del maps  # on a large picture what is no longer needed makes room
    _fill_small_holes(foreground, thresholds.minimum_area_px)
    if thresholds.smoothing_px > 0:
        # a core broken by a pixel's noise would count twice
        distance = cv2.GaussianBlur(distance, (0, 0), thresholds.smoothing_px)
    cores = distance >= _level(thresholds.seed)
    if not thresholds.join_lobes:
        cores &= foreground
    markers = _components(cores, thresholds.minimum_seed_px)
    del cores
    if large:
        return_freed_memory()
    labels, crowded = _fill_single(markers, foreground, thresholds.minimum_area_px)
    del foreground
    if large:
        return_freed_memory()
    _grow(labels, markers, crowded, distance, moved or (lambda: None))
    labels = without_small(labels, thresholds.minimum_area_px)
    if thresholds.minimum_relative_area > 0:
        labels = without_small(labels, _relative_minimum(labels, thresholds.minimum_relative_area))
    return labels


def _relative_minimum(labels: np.ndarray, share: float) -> int:
    """`share` of the area of the picture's large nuclei (the 90th percentile), in px; 0 without nuclei.

    On a smear, platelets look like small nuclei, and no fixed size tells them apart at every magnification;
    beside the nuclei of the same picture they are small.
    """
    areas = _areas(labels, int(labels.max(initial=0)) + 1)[1:]
    return int(share * np.percentile(areas, 90)) if areas.size else 0


def without_small(labels: np.ndarray, minimum_area_px: int) -> np.ndarray:
    """The labels with objects under `minimum_area_px` gone, renumbered 1..n in the old order."""
    areas = _areas(labels, int(labels.max(initial=0)) + 1)
    keep = areas >= max(1, minimum_area_px)
    if keep[1:].all():
        return labels
    keep[0] = False
    number = np.zeros(areas.size, np.int32)
    number[keep] = np.arange(1, int(keep.sum()) + 1, dtype=np.int32)
    renumbered = labels.astype(np.int32)
    _look_up(renumbered, number)
    return renumbered


def _bands(height: int, width: int) -> Iterator[slice]:
    """Rows in bands: counting and indexing make copies eight bytes a pixel wide."""
    rows = max(1, _BAND_PIXELS // max(1, width))
    for top in range(0, height, rows):
        yield slice(top, min(height, top + rows))


def _areas(labels: np.ndarray, count: int) -> np.ndarray:
    """Pixels of each number below `count`."""
    areas = np.zeros(count, np.int64)
    for band in _bands(*labels.shape):
        areas += np.bincount(labels[band].ravel(), minlength=count)
    return areas


def _look_up(labels: np.ndarray, table: np.ndarray) -> None:
    """Every number replaced by the table's, in place."""
    for band in _bands(*labels.shape):
        labels[band] = table[labels[band]]


def _level(threshold: float) -> int:
    return int(np.ceil(threshold * 255))


def _components(mask: np.ndarray, minimum_px: int) -> np.ndarray:
    """8-connected components of at least `minimum_px`, numbered 1..n."""
    _, labels = cv2.connectedComponents(mask.view(np.uint8), connectivity=8, ltype=cv2.CV_32S)
    return without_small(labels, minimum_px)


def _fill_small_holes(mask: np.ndarray, largest_px: int) -> None:
    """Background specks enclosed by foreground become foreground, in place."""
    count, labels = cv2.connectedComponents((~mask).view(np.uint8), connectivity=4, ltype=cv2.CV_32S)
    fill = _areas(labels, count) <= largest_px
    for side in (labels[0], labels[-1], labels[:, 0], labels[:, -1]):
        fill[side] = False
    fill[0] = False
    if fill.any():
        for band in _bands(*mask.shape):
            mask[band] |= fill[labels[band]]


def _fill_single(
    markers: np.ndarray, foreground: np.ndarray, minimum_px: int
) -> tuple[np.ndarray, np.ndarray]:
    """Number the pieces of foreground that are one nucleus, and tell where the others are.

    A piece with one marker takes its number; one of at least `minimum_px` without any takes a new number,
    after those of all markers. Returns the labels HxW int32 (0 elsewhere), and the pieces with several
    markers, HxW bool.
    """
    count, parts = cv2.connectedComponents(foreground.view(np.uint8), connectivity=4, ltype=cv2.CV_32S)
    areas = _areas(parts, count)
    table, several = np.zeros(count, np.int32), np.zeros(count, bool)
    for band in _bands(*markers.shape):
        marked = (markers[band] > 0) & (parts[band] > 0)  # a core may bridge lobes over background
        number, part = markers[band][marked], parts[band][marked]
        several[part[(table[part] != 0) & (table[part] != number)]] = True  # of a band above
        table[part] = number  # of several, any
        several[part[table[part] != number]] = True
    lonely = (areas >= minimum_px) & (table == 0)
    lonely[0] = False
    first = int(markers.max(initial=0)) + 1
    table[lonely] = np.arange(first, first + int(lonely.sum()), dtype=np.int32)
    table[several] = 0
    crowded = np.zeros(parts.shape, bool)
    for band in _bands(*parts.shape):
        crowded[band] = several[parts[band]]
    _look_up(parts, table)
    return parts, crowded


def _grow(
    labels: np.ndarray,
    markers: np.ndarray,
    crowded: np.ndarray,
    distance: np.ndarray,
    moved: Callable[[], None],
) -> None:
    """Grow the markers over the crowded pieces, deepest pixels first, block by block, into `labels`."""
    height, width = markers.shape
    for top in range(0, height, _BLOCK):
        for left in range(0, width, _BLOCK):
            moved()
            own = (slice(top, min(height, top + _BLOCK)), slice(left, min(width, left + _BLOCK)))
            if not crowded[own].any():
                continue
            y0, x0 = max(0, top - _MARGIN), max(0, left - _MARGIN)
            around = (slice(y0, own[0].stop + _MARGIN), slice(x0, own[1].stop + _MARGIN))
            # What lies inside a marker has no neighbour to win: only its rim takes part.
            inner = cv2.erode((markers[around] > 0).view(np.uint8), _CROSS).view(bool) & crowded[around]
            rims = crowded[around] & ~inner
            grown = watershed(255 - distance[around], markers[around], mask=rims)
            np.copyto(grown, markers[around], where=inner)
            grown = grown[top - y0 : own[0].stop - y0, left - x0 : own[1].stop - x0]
            np.copyto(labels[own], grown, where=grown > 0)
