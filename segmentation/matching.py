"""Which stored nuclei coincide best with the nuclei of a picture: by shape, pixel by pixel.

Each nucleus is laid on a grid of rings and rays around its centre, in units of its own radius: position
and size fall out, and turning it is shifting the grid along the rays. A short vector that turning does not
change finds candidates among all stored nuclei; each candidate is then laid over the region at every turn
and mirrored, and the exact overlap of the masks and the correlation of their pixels are taken. The grid's
cells are weighted by their area, so the overlap is that of the two areas.

score = 0.5 overlap + 0.3 correlation + 0.2 tone, each 0..1. It says how alike two pictures of nuclei are,
never what a cell is. Rotation by correlation of polar grids: Casasent and Psaltis 1976; magnitudes of
angular harmonics as invariants: as in Zernike moments (Khotanzad and Hong 1990).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import fft

from segmentation.grids import CELLS, RAYS, Nuclei

WEIGHTS = (0.5, 0.3, 0.2)

_TONE_RANGE = 0.35  # means this far apart, of the full range, have nothing in common
_BLOCK = 4096  # pairs of region and candidate laid over each other at a time


@dataclass(frozen=True)
class Matches:
    """The best stored nuclei of each region, best first; M x k arrays, k smaller where fewer are stored.

    stored: index into the library. score, overlap, correlation, tone: float32 0..1 (correlation -1..1).
    turn: degrees the stored nucleus is turned by, anticlockwise. mirrored: whether it is turned over first.
    """

    stored: np.ndarray
    score: np.ndarray
    overlap: np.ndarray
    correlation: np.ndarray
    tone: np.ndarray
    turn: np.ndarray
    mirrored: np.ndarray


def match(
    regions: Nuclei,
    library: Nuclei,
    k: int = 5,
    shortlist: int = 64,
    moved: Callable[[int, int], None] = lambda done, total: None,
) -> Matches:
    """The `k` stored nuclei that coincide best with each region, out of the `shortlist` nearest by vector.

    Both must have been prepared with the same channels. Empty regions or an empty library give arrays
    without rows or without columns. `moved(done, total)` is called as regions are finished.
    """
    if regions.grid.shape[1] != library.grid.shape[1]:
        raise ValueError("regions and library were prepared with different channels")
    width = min(shortlist, library.count)
    k = min(k, width)
    if not regions.count or not k:
        empty = np.zeros((regions.count, k), np.float32)
        return Matches(empty.astype(np.int64), empty, empty, empty, empty, empty, empty.astype(bool))
    kept: list[tuple[np.ndarray, ...]] = []
    rows = max(1, _BLOCK // width)
    for start in range(0, regions.count, rows):
        block = slice(start, start + rows)
        near = _nearest(regions.vectors[block], library.vectors, width)
        kept.append(_best(regions.grid[block], library.grid, near, k))
        moved(min(start + rows, regions.count), regions.count)
    return Matches(*(np.concatenate(column) for column in zip(*kept, strict=True)))


def best_pictures(matches: Matches, picture_of: np.ndarray, count: int) -> np.ndarray:
    """How well each stored picture coincides with the whole of another: `count` float32, 0..1.

    A region counts with its best score among that picture's nuclei, 0 where none is among its matches;
    the mean over all regions. picture_of: the library's nuclei -> number of their picture.
    """
    regions, k = matches.stored.shape
    best = np.zeros((max(1, regions), count), np.float32)
    if regions and k:
        rows = np.repeat(np.arange(regions), k)
        np.maximum.at(best, (rows, picture_of[matches.stored.ravel()]), matches.score.ravel())
    return best.mean(axis=0)


def _nearest(vectors: np.ndarray, stored: np.ndarray, width: int) -> np.ndarray:
    """The `width` nearest stored vectors of each, M x width, in no order."""
    distance = (stored**2).sum(1)[None] - 2 * vectors @ stored.T
    if width == len(stored):
        return np.repeat(np.arange(width)[None], len(vectors), axis=0)
    return np.argpartition(distance, width - 1, axis=1)[:, :width]


def _best(regions: np.ndarray, stored: np.ndarray, near: np.ndarray, k: int) -> tuple[np.ndarray, ...]:
    """Lay every candidate over its region at every turn; the `k` best of each region, as Matches' columns."""
    chosen, place = np.unique(near, return_inverse=True)
    place = place.reshape(near.shape)
    ours, theirs = _Waves.of(regions), _Waves.of(stored[chosen])
    rows = np.repeat(np.arange(len(regions)), near.shape[1])
    overlap, correlation, turn, mirrored = _coincide(ours, theirs, rows, place.ravel())
    apart = np.abs(ours.mean[rows] - theirs.mean[place.ravel()]).mean(axis=1)
    tone = np.clip(1 - apart / _TONE_RANGE, 0, 1)
    score = WEIGHTS[0] * overlap + WEIGHTS[1] * np.maximum(correlation, 0) + WEIGHTS[2] * tone
    order = np.argsort(-score.reshape(near.shape), axis=1, kind="stable")[:, :k]
    columns = (near.ravel(), score, overlap, correlation, tone, turn, mirrored)
    return tuple(np.take_along_axis(column.reshape(near.shape), order, axis=1) for column in columns)


@dataclass(frozen=True)
class _Waves:
    """Grids as angular harmonics: mask and, for each channel, the light about its mean inside the mask."""

    mask: np.ndarray  # N x RINGS x F complex64, cells weighted by the root of their area
    light: np.ndarray  # N x channels x RINGS x F complex64, each nucleus of length 1
    area: np.ndarray  # N float32, sum of the mask's cells
    mean: np.ndarray  # N x channels float32, 0..1

    @classmethod
    def of(cls, grid: np.ndarray) -> _Waves:
        mask = grid[:, 0].astype(np.float32) / 255
        light = grid[:, 1:].astype(np.float32) / 255
        cells = CELLS[:, None]
        area = np.maximum((mask * cells).sum((1, 2)), 1e-6)
        mean = (light * mask[:, None] * cells).sum((2, 3)) / area[:, None]
        about = (light - mean[:, :, None, None]) * mask[:, None] * np.sqrt(cells)
        length = np.sqrt((about**2).sum((1, 2, 3)))[:, None, None, None]
        about /= np.maximum(length, 1e-3)
        waves = fft.rfft(mask * np.sqrt(cells), axis=-1, workers=-1)
        return cls(waves, fft.rfft(about, axis=-1, workers=-1), area, mean)


def _coincide(
    ours: _Waves, theirs: _Waves, rows: np.ndarray, columns: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Overlap, correlation, turn in degrees and mirroring of each pair at the turn where both are best."""
    both = []
    for flipped in (False, True):
        mask, light = theirs.mask[columns], theirs.light[columns]
        if not flipped:  # mirrored, a ray's angle changes its sign: its harmonics become their conjugates
            mask, light = mask.conj(), light.conj()
        shared = np.einsum("nrf,nrf->nf", ours.mask[rows], mask)
        alike = np.einsum("ncrf,ncrf->nf", ours.light[rows], light)
        both.append((fft.irfft(shared, RAYS, axis=1), fft.irfft(alike, RAYS, axis=1)))
    shared, alike = (np.concatenate(part, axis=1) for part in zip(*both, strict=True))
    union = ours.area[rows, None] + theirs.area[columns, None] - shared
    overlap = np.clip(shared / union, 0, 1)
    best = np.argmax(WEIGHTS[0] * overlap + WEIGHTS[1] * alike, axis=1)
    at = np.arange(best.size), best
    turn = (best % RAYS) * np.float32(360 / RAYS)
    return overlap[at], np.clip(alike[at], -1, 1), turn, best >= RAYS
