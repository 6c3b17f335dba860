"""Nuclei laid on grids of rings and rays, so that their place and size fall out and turning is a shift.

The grid is centred on a nucleus' centre of mass and measured in the radius of a disc of its area. A short
vector of each grid, which turning and mirroring do not change, says roughly what the nucleus looks like:
magnitudes of angular harmonics, as in Zernike moments (Khotanzad and Hong 1990), and levels by ring.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from scipy import fft

RINGS, RAYS, REACH = 16, 64, 2.25
"""Rings and rays of the grid; the outermost ring lies at REACH times the radius of a disc of equal area."""
DESCRIPTOR_VERSION = 1
CROP_PX = 48

_RADII = (np.arange(RINGS, dtype=np.float32) + 0.5) * np.float32(REACH / RINGS)
CELLS = (_RADII / _RADII.sum() / RAYS).astype(np.float32)  # the area of a cell of each ring; all sum to 1
_HARMONICS = 6


@dataclass(frozen=True)
class Nuclei:
    """Nuclei prepared for matching, a row each.

    ids: N int32, their numbers in the labels. area: N float32, pixels. grid: N x (1 + channels) x RINGS x
    RAYS uint8, the mask (0..255) and each channel (128: the picture's ground). vectors: N x D float32.
    """

    ids: np.ndarray
    area: np.ndarray
    grid: np.ndarray
    vectors: np.ndarray

    @property
    def count(self) -> int:
        return int(self.ids.size)


def prepare(rgb: np.ndarray, labels: np.ndarray, channels: int = 3, smallest_px: int = 12) -> Nuclei:
    """The nuclei of a picture, laid on their grids.

    rgb: HxWx3 uint8; labels: HxW int, 0 background. channels: 1 (grey) or 3. Nuclei under `smallest_px`
    pixels are left out: too few to compare.
    """
    if channels not in (1, 3):
        raise ValueError(f"channels must be 1 or 3, not {channels}")
    if rgb.shape[:2] != labels.shape:
        raise ValueError(f"picture is {rgb.shape[:2]}, labels {labels.shape}: they must be one shape")
    ids, area, centres = _centres(labels, smallest_px)
    grid = np.zeros((ids.size, 1 + channels, RINGS, RAYS), np.uint8)
    if ids.size:
        # a cell of the grid holds several pixels of a large nucleus: smooth, or it would pick one at random
        levels = _levels(rgb, labels, channels, 0.1 * float(np.sqrt(np.median(area) / np.pi)))
        ys, xs = _places(centres, area)
        _sample(grid, levels, labels, ids, ys, xs)
    return Nuclei(ids, area.astype(np.float32), grid, _vectors(grid))


def join(parts: list[Nuclei], channels: int) -> Nuclei:
    """Several pictures' nuclei as one library, in order; without any, an empty one."""
    parts = [part for part in parts if part.count] or [_none(channels)]
    return Nuclei(
        *(
            np.concatenate([getattr(part, name) for part in parts])
            for name in ("ids", "area", "grid", "vectors")
        )
    )


def crops(rgb: np.ndarray, labels: np.ndarray, nuclei: Nuclei, side_px: int = CROP_PX) -> np.ndarray:
    """A small picture of each nucleus with its outline: N x side x side x 3 uint8, 1.6 radii each way."""
    out = np.zeros((nuclei.count, side_px, side_px, 3), np.uint8)
    _, _, centres = _centres(labels, 1, nuclei.ids)
    half = 1.6 * np.sqrt(nuclei.area / np.pi) + 2
    for number in range(nuclei.count):
        scale = 2 * half[number] / side_px
        (y, x), size = centres[number], (side_px, side_px)
        turn = np.array([[scale, 0, x - half[number]], [0, scale, y - half[number]]], np.float32)
        top, left = max(0, int(y - half[number]) - 2), max(0, int(x - half[number]) - 2)
        window = (slice(top, int(y + half[number]) + 3), slice(left, int(x + half[number]) + 3))
        turn[:, 2] -= (left, top)
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        patch = cv2.warpAffine(np.ascontiguousarray(rgb[window]), turn, size, flags=flags)
        own = (labels[window] == nuclei.ids[number]).astype(np.uint8) * 255
        mask = cv2.warpAffine(own, turn, size, flags=flags) > 127
        ring = cv2.dilate(mask.astype(np.uint8), np.ones((3, 3), np.uint8)).astype(bool) & ~mask
        patch[ring] = (86, 180, 233)
        out[number] = patch
    return out


def _none(channels: int) -> Nuclei:
    grid = np.zeros((0, 1 + channels, RINGS, RAYS), np.uint8)
    return Nuclei(np.zeros(0, np.int32), np.zeros(0, np.float32), grid, _vectors(grid))


def _centres(
    labels: np.ndarray, smallest_px: int, only: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Numbers, areas and centres of mass (y, x) of the labels' nuclei; `only`: of these, in their order."""
    ys, xs = np.nonzero(labels)
    found = labels[ys, xs]
    area = np.bincount(found, minlength=1)
    ids = np.flatnonzero(area >= max(1, smallest_px)) if only is None else only
    size = np.maximum(area[ids], 1)
    sums = [np.bincount(found, along, minlength=area.size)[ids] for along in (ys, xs)]
    return ids.astype(np.int32), area[ids], np.stack(sums, axis=1) / size[:, None]


def _levels(rgb: np.ndarray, labels: np.ndarray, channels: int, calm_px: float) -> np.ndarray:
    """The picture as channels x H x W uint8: 128 the ground, 0 and 255 as far from it as nuclei usually go.

    Against the ground of each channel and one contrast for all of them: colour survives, while lamp,
    exposure and how full the field is fall out.
    """
    values = rgb if channels == 3 else cv2.cvtColor(np.ascontiguousarray(rgb), cv2.COLOR_RGB2GRAY)[..., None]
    light = values.astype(np.float32)
    if calm_px > 0.3:
        light = np.asarray(cv2.GaussianBlur(light, (0, 0), calm_px), np.float32).reshape(values.shape)
    step = max(1, int(np.sqrt(labels.size / 1_000_000)))
    few, inside = light[::step, ::step], labels[::step, ::step] > 0
    if not inside.any():
        few, inside = light, labels > 0
    ground = np.median(few[~inside], axis=0) if (~inside).any() else few.reshape(-1, channels).max(axis=0)
    reach = max(8.0, float(np.percentile(np.abs(few[inside] - ground), 98)))
    stretched = np.clip(128 + (light - ground) * (127 / reach), 0, 255)
    return np.ascontiguousarray(np.moveaxis(stretched.astype(np.uint8), 2, 0))


def _places(centres: np.ndarray, area: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The pixels under the grid's cells: two arrays N x RINGS x RAYS of whole numbers."""
    angle = np.arange(RAYS) * (2 * np.pi / RAYS)
    length = np.sqrt(area / np.pi)[:, None, None] * _RADII[None, :, None]
    ys = centres[:, 0, None, None] - length * np.sin(angle)
    xs = centres[:, 1, None, None] + length * np.cos(angle)
    return np.rint(ys).astype(np.int32), np.rint(xs).astype(np.int32)


def _sample(
    grid: np.ndarray, levels: np.ndarray, labels: np.ndarray, ids: np.ndarray, ys: np.ndarray, xs: np.ndarray
) -> None:
    """Fill the grids, in place: nearest pixels; outside the picture there is neither mask nor light."""
    height, width = labels.shape
    inside = (ys >= 0) & (ys < height) & (xs >= 0) & (xs < width)
    np.clip(ys, 0, height - 1, out=ys)
    np.clip(xs, 0, width - 1, out=xs)
    own = inside & (labels[ys, xs] == ids[:, None, None])
    grid[:, 0] = own * np.uint8(255)
    for channel, plane in enumerate(levels, start=1):
        grid[:, channel] = np.where(own, plane[ys, xs], 0)


def _vectors(grid: np.ndarray) -> np.ndarray:
    """What turning and mirroring do not change, N x D float32.

    The magnitudes of the mask's first angular harmonics on each ring, and each channel's mean and
    deviation inside the mask on each ring and over all.
    """
    mask = grid[:, 0].astype(np.float32) / 255
    harmonics = np.abs(fft.rfft(mask, axis=2, workers=-1)[..., :_HARMONICS]) / RAYS
    harmonics[..., 1:] *= 2
    share = np.sqrt(CELLS * RAYS)[:, None]
    parts = [2.0 * (harmonics * share).reshape(len(grid), RINGS * _HARMONICS)]
    cells = mask * CELLS[:, None]
    total = np.maximum(cells.sum((1, 2)), 1e-6)
    for plane in range(1, grid.shape[1]):
        light = grid[:, plane].astype(np.float32) / 255
        ring = cells.sum(2)
        level = (light * cells).sum(2) / np.maximum(ring, 1e-6)
        weight = np.sqrt(ring / total[:, None])
        mean = (light * cells).sum((1, 2)) / total
        spread = np.sqrt(np.maximum((light**2 * cells).sum((1, 2)) / total - mean**2, 0))
        parts += [(level - mean[:, None]) * weight, mean[:, None], 2 * spread[:, None]]
    return np.concatenate(parts, axis=1).astype(np.float32)
