"""Outlines of cells to draw, and how they find room in a picture: the geometry behind synthetic.py."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

Window = tuple[slice, slice]


@dataclass(frozen=True)
class Shape:
    """One cell or nucleus: `depth` HxW float over `window`, 1 in the middle, 0 and less outside.

    `centre` (y, x) and `reach`, the radius of a circle around all of it, in pixels of the picture.
    """

    centre: tuple[float, float]
    reach: float
    window: Window
    depth: np.ndarray

    @property
    def mask(self) -> np.ndarray:
        return self.depth > 0

    def clipped(self, picture: tuple[int, ...]) -> Shape | None:
        """The part inside a picture of this shape, or None where nothing is left."""
        ys, xs = self.window
        top, left = max(0, -ys.start), max(0, -xs.start)
        bottom, right = min(ys.stop, picture[0]) - ys.start, min(xs.stop, picture[1]) - xs.start
        if bottom <= top or right <= left:
            return None
        window = (slice(ys.start + top, ys.start + bottom), slice(xs.start + left, xs.start + right))
        return Shape(self.centre, self.reach, window, self.depth[top:bottom, left:right])


def clouds(rng: np.random.Generator, shape: tuple[int, int], size_px: float) -> np.ndarray:
    """Smooth random field HxW float32 of mean 0 and deviation about 1, with lumps of about `size_px`."""
    size_px = max(1.0, size_px)
    rows, columns = (max(2, int(np.ceil(length / size_px)) + 1) for length in shape)
    field = rng.normal(0, 1, (rows, columns)).astype(np.float32)
    return cv2.resize(field, (shape[1], shape[0]), interpolation=cv2.INTER_CUBIC) * 1.3


def rounded(
    rng: np.random.Generator,
    centre: tuple[float, float],
    radius: float,
    flatness: float,
    wobble: float,
    dent: bool = False,
) -> Shape:
    """An ellipse of half axes `radius` and `flatness * radius`, turned anyhow, its outline a little uneven.

    `dent` presses one side in, as a monocyte's kidney-shaped nucleus has it.
    """
    reach = radius * (1 + 3 * wobble) + 1
    window, y, x = _window(centre, reach)
    turn = rng.uniform(0, np.pi)
    along, across = x * np.cos(turn) + y * np.sin(turn), y * np.cos(turn) - x * np.sin(turn)
    angle = np.arctan2(across, along)
    border = np.ones_like(angle)
    for waves in range(2, 6):
        border += wobble * rng.normal() / waves * 2 * np.cos(waves * angle + rng.uniform(0, 2 * np.pi))
    if dent:
        border -= 0.5 * np.exp(-((angle - np.pi / 2) ** 2) / 0.25)
    depth = 1 - np.hypot(along / radius, across / (radius * flatness)) / np.maximum(border, 0.2)
    return Shape(centre, radius, window, depth)


def lobed(rng: np.random.Generator, centre: tuple[float, float], radius: float, lobes: int) -> Shape:
    """Lobes in an arc, hanging together by bridges, as a neutrophil's nucleus."""
    reach = 1.35 * radius + 1
    window, y, x = _window(centre, reach)
    start, sweep = rng.uniform(0, 2 * np.pi), rng.uniform(0.95, 1.2)
    depth = np.full(y.shape, -1.0)
    previous: tuple[float, float] | None = None
    for number in range(lobes):
        angle = start + number * sweep * (1.15 if lobes < 4 else 1.0)
        distance, size = 0.62 * radius, radius * rng.uniform(0.42, 0.56)
        at = (distance * np.sin(angle), distance * np.cos(angle))
        depth = np.maximum(depth, 1 - np.hypot(y - at[0], x - at[1]) / size)
        if previous is not None:
            depth = np.maximum(depth, 0.6 - 0.6 * _to_segment(y, x, previous, at) / (0.2 * radius))
        previous = at
    return Shape(centre, 1.2 * radius, window, depth)


def place(labels: np.ndarray, shape: Shape, number: int, least_visible: float) -> np.ndarray | None:
    """Write `number` where a shape meets background; returns its visible pixels over the clipped window.

    None, and nothing written, where less than `least_visible` of it would show beside what is there, or
    less than a third of it lies in the picture. What shows is in one piece.
    """
    inside = shape.clipped(labels.shape)
    if inside is None:
        return None
    room = labels[inside.window]
    mask = inside.mask
    visible = mask & (room == 0)
    if visible.sum() < max(8, least_visible * mask.sum()) or mask.sum() < shape.mask.sum() / 3:
        return None
    count, parts = cv2.connectedComponents(visible.astype(np.uint8), connectivity=4)
    if count > 2:
        visible = parts == 1 + int(np.argmax(np.bincount(parts.ravel())[1:]))
        if visible.sum() < least_visible * mask.sum():
            return None
    room[visible] = number
    return visible


def place_all(
    rng: np.random.Generator,
    labels: np.ndarray,
    count: int,
    touching: float,
    radius_px: float,
    draw_shape: Callable[[tuple[float, float]], Shape],
    paint: Callable[[Shape, np.ndarray], None],
) -> None:
    """Find room for `count` shapes in `labels` (written in place, ids 1..n) and paint each that found it.

    The share `touching` goes against an earlier one, the others keep a distance. Stops early when the
    picture is full.
    """
    height, width = labels.shape
    placed: list[Shape] = []
    for _ in range(count * 30):
        if len(placed) == count:
            return
        beside = bool(placed) and rng.random() < touching
        shape = draw_shape((rng.uniform(0, height), rng.uniform(0, width)))
        if beside:
            shape = _moved_beside(rng, shape, placed[rng.integers(len(placed))])
        elif _crowded(labels, shape, gap=max(2, int(0.3 * radius_px))):
            continue
        visible = place(labels, shape, len(placed) + 1, least_visible=0.86 if beside else 1.0)
        inside = shape.clipped(labels.shape)
        if visible is not None and inside is not None:
            placed.append(shape)
            paint(inside, visible)


def _moved_beside(rng: np.random.Generator, shape: Shape, other: Shape) -> Shape:
    angle = rng.uniform(0, 2 * np.pi)
    distance = (shape.reach + other.reach) * rng.uniform(0.78, 0.95)
    dy = round(other.centre[0] + distance * np.sin(angle) - shape.centre[0])
    dx = round(other.centre[1] + distance * np.cos(angle) - shape.centre[1])
    ys, xs = shape.window
    window = (slice(ys.start + dy, ys.stop + dy), slice(xs.start + dx, xs.stop + dx))
    return Shape((shape.centre[0] + dy, shape.centre[1] + dx), shape.reach, window, shape.depth)


def _crowded(labels: np.ndarray, shape: Shape, gap: int) -> bool:
    ys, xs = shape.window
    around = labels[max(0, ys.start - gap) : ys.stop + gap, max(0, xs.start - gap) : xs.stop + gap]
    return bool(around.any())


def _window(centre: tuple[float, float], reach: float) -> tuple[Window, np.ndarray, np.ndarray]:
    """The window of a circle, and each of its pixels' y and x from the centre."""
    ys, xs = (slice(int(np.floor(c - reach)), int(np.ceil(c + reach)) + 1) for c in centre)
    y, x = np.mgrid[ys, xs]
    return (ys, xs), y - centre[0], x - centre[1]


def _to_segment(
    y: np.ndarray, x: np.ndarray, start: tuple[float, float], end: tuple[float, float]
) -> np.ndarray:
    """Distance of each pixel from the straight line between two points."""
    dy, dx = end[0] - start[0], end[1] - start[1]
    along = np.clip(((y - start[0]) * dy + (x - start[1]) * dx) / (dy * dy + dx * dx), 0, 1)
    distance: np.ndarray = np.hypot(y - start[0] - along * dy, x - start[1] - along * dx)
    return distance
