"""Fields of cells drawn with known truth: for the demo, the tests and the benchmarks. No real pixel in them.

`draw_fluorescence` draws nuclei that glow on a dark, uneven ground. `draw_stained` draws a blood or
marrow smear as light sees it: each cell takes its share of red, green and blue light away (Beer and
Lambert), so cells that overlap darken each other as under the microscope.
"""

from __future__ import annotations

import cv2
import numpy as np

from segmentation.shapes import Shape, clouds, lobed, place, place_all, rounded

# What a layer takes of red, green and blue light (optical density).
_RED_CELL = np.array([0.03, 0.30, 0.24])
_CYTOPLASM = np.array([0.30, 0.24, 0.06])
_CHROMATIN = np.array([0.72, 1.15, 0.42])
_PLATELET = np.array([0.34, 0.52, 0.20])
_GRANULES = np.array([0.16, 0.34, 0.12])
_GLASS = np.array([240.0, 234.0, 228.0])


def draw_fluorescence(
    seed: int,
    height: int = 600,
    width: int = 800,
    nuclei: int = 90,
    radius_px: float = 15.0,
    touching: float = 0.3,
) -> tuple[np.ndarray, np.ndarray]:
    """Draw a fluorescence field: (rgb HxWx3 uint8 of grey, labels HxW int32 with ids 1..n).

    About `nuclei` nuclei (fewer where they do not fit) of about `radius_px`, the share `touching` of them
    placed against another. They differ in brightness and texture, a few are dividing; the ground is
    uneven and noisy. Nuclei may be cut by the edge, labels never overlap and are each in one piece. The
    same arguments give the same picture.
    """
    rng = np.random.default_rng([seed, 1])
    labels = np.zeros((height, width), np.int32)
    light = np.zeros((height, width), np.float32)
    grain = clouds(rng, (height, width), 0.28 * radius_px) * 0.5 + clouds(rng, (height, width), 2.0) * 0.5

    def paint(shape: Shape, visible: np.ndarray) -> None:
        ys, xs = shape.window
        dividing = rng.random() < 0.06
        level = rng.uniform(0.85, 1.0) if dividing else float(np.clip(rng.lognormal(-0.8, 0.4), 0.2, 0.85))
        dome = np.clip(shape.depth * 2.6, 0, 1) ** 0.7
        inner = level * dome * (1 + 0.13 * grain[ys, xs])
        for _ in range(rng.integers(0, 4)):
            inner *= 1 - 0.35 * _spot(rng, shape, rng.uniform(0.12, 0.2))
        light[ys, xs][visible] = inner[visible]

    def draw_shape(centre: tuple[float, float]) -> Shape:
        size = radius_px * float(np.clip(rng.normal(1, 0.18), 0.6, 1.5))
        return rounded(rng, centre, size, rng.uniform(0.68, 1.0), wobble=0.035)

    place_all(rng, labels, nuclei, touching, radius_px, draw_shape, paint)
    blurred = cv2.GaussianBlur(light, (0, 0), max(0.7, 0.06 * radius_px))
    haze = cv2.GaussianBlur(light, (0, 0), 1.3 * radius_px)
    ground = 0.035 + 0.018 * clouds(rng, (height, width), 0.35 * max(height, width))
    signal = np.clip(blurred + 0.14 * haze + ground, 0.004, None)
    photons = rng.poisson(signal * 900).astype(np.float32) / 900
    grey = photons + rng.normal(0, 0.006, light.shape).astype(np.float32)
    grey8 = np.clip(np.rint(grey * 235), 0, 255).astype(np.uint8)
    return np.repeat(grey8[..., None], 3, axis=2), labels


def draw_stained(
    seed: int,
    height: int = 600,
    width: int = 800,
    nuclei: int = 22,
    radius_px: float = 25.0,
    touching: float = 0.3,
) -> tuple[np.ndarray, np.ndarray]:
    """Draw a stained smear: (rgb HxWx3 uint8, labels HxW int32 with ids 1..n of the nuclei).

    Pink red cells with a pale centre, platelets, and about `nuclei` white cells whose purple nuclei (of
    about `radius_px`) are round, kidney-shaped or lobed (the lobes of one nucleus hang together under one
    id), the share `touching` of them against another cell. Nuclei may be cut by the edge, labels never
    overlap. The same arguments give the same picture.
    """
    rng = np.random.default_rng([seed, 2])
    labels = np.zeros((height, width), np.int32)
    density = np.zeros((height, width, 3), np.float32)
    taken = np.zeros((height, width), np.int32)
    grain = clouds(rng, (height, width), 0.11 * radius_px) * 0.6 + clouds(rng, (height, width), 1.5) * 0.4

    def paint(shape: Shape, visible: np.ndarray) -> None:
        _paint_white_cell(rng, density, taken, grain, shape, visible, radius_px)

    def draw_shape(centre: tuple[float, float]) -> Shape:
        size = radius_px * float(np.clip(rng.normal(1, 0.13), 0.7, 1.35))
        if rng.random() < 0.25:
            return lobed(rng, centre, 0.95 * size, lobes=int(rng.integers(2, 5)))
        return rounded(rng, centre, size, rng.uniform(0.8, 1.0), wobble=0.04, dent=rng.random() < 0.2)

    place_all(rng, labels, nuclei, touching, radius_px, draw_shape, paint)
    _paint_red_cells(rng, density, taken, 0.85 * radius_px)
    _paint_platelets(rng, density, taken, 0.2 * radius_px)
    blurred = cv2.GaussianBlur(density, (0, 0), max(0.6, 0.035 * radius_px))
    lamp = _lamp(rng, height, width)
    rgb = _GLASS * lamp[..., None] * np.exp(-blurred)
    rgb += rng.normal(0, 2.0, (height, width, 1)) + rng.normal(0, 1.2, rgb.shape)
    return np.clip(np.rint(rgb), 0, 255).astype(np.uint8), labels


def _paint_white_cell(
    rng: np.random.Generator,
    density: np.ndarray,
    taken: np.ndarray,
    grain: np.ndarray,
    shape: Shape,
    visible: np.ndarray,
    radius_px: float,
) -> None:
    """Cytoplasm around a nucleus, then the nucleus with its chromatin over it."""
    offset = rng.normal(0, 0.1 * radius_px, 2)
    reach = shape.reach * rng.uniform(1.12, 1.35) + 0.08 * radius_px
    centre = (shape.centre[0] + offset[0], shape.centre[1] + offset[1])
    cell = rounded(rng, centre, reach, rng.uniform(0.9, 1.0), wobble=0.03).clipped(taken.shape)
    if cell is not None:
        ys, xs = cell.window
        fresh = cell.mask & (taken[ys, xs] == 0)
        strength = np.clip(cell.depth * 9, 0, 1) * rng.uniform(0.6, 1.2) * (1 + 0.12 * grain[ys, xs])
        density[ys, xs][fresh] += (strength[..., None] * _CYTOPLASM)[fresh]
        if rng.random() < 0.3:  # granules, as neutrophils have them
            speckle = np.clip(grain[ys, xs] - 0.6, 0, None)
            density[ys, xs][fresh] += (speckle[..., None] * _GRANULES)[fresh]
        taken[ys, xs][fresh] = 1
    ys, xs = shape.window
    coarse = rng.uniform(0.08, 0.22)
    strength = rng.uniform(0.72, 1.05) * (1 + coarse * grain[ys, xs]) * np.clip(0.75 + shape.depth * 2, 0, 1)
    for _ in range(rng.integers(0, 3)):  # nucleoli are paler
        strength = strength * (1 - 0.22 * _spot(rng, shape, rng.uniform(0.14, 0.22)))
    tint = _CHROMATIN * rng.normal(1, 0.05, 3)
    density[ys, xs][visible] = (strength[..., None] * tint)[visible]
    taken[ys, xs][visible] = 2


def _paint_red_cells(
    rng: np.random.Generator, density: np.ndarray, taken: np.ndarray, radius_px: float
) -> None:
    """Red cells wherever a white cell leaves room; they may lie over each other a little."""
    height, width = taken.shape
    occupied = (taken > 0).astype(np.int32)
    wanted = int(0.62 * height * width / (np.pi * radius_px**2))
    for _ in range(wanted * 3):
        centre = (rng.uniform(0, height), rng.uniform(0, width))
        size = radius_px * float(np.clip(rng.normal(1, 0.08), 0.75, 1.25))
        shape = rounded(rng, centre, size, rng.uniform(0.82, 1.0), wobble=0.025)
        if place(occupied, shape, 3, least_visible=0.93) is None:
            continue
        cell = shape.clipped(taken.shape)
        if cell is None:
            continue
        ys, xs = cell.window
        rim = np.clip(cell.depth * 7, 0, 1)
        pale = np.clip((cell.depth - 0.35) / 0.5, 0, 1) ** 1.2 * rng.uniform(0.45, 0.8)
        layer = np.where(cell.mask & (taken[ys, xs] == 0), rim * (1 - pale), 0) * rng.uniform(0.85, 1.15)
        density[ys, xs] += layer[..., None] * _RED_CELL
        wanted -= 1
        if wanted == 0:
            break


def _paint_platelets(
    rng: np.random.Generator, density: np.ndarray, taken: np.ndarray, radius_px: float
) -> None:
    """Small purple grains between the cells: what a program must not count."""
    height, width = taken.shape
    for _ in range(int(height * width / (np.pi * radius_px**2) / 350) + 1):
        centre = (rng.uniform(0, height), rng.uniform(0, width))
        shape = rounded(rng, centre, radius_px * rng.uniform(0.8, 1.4), rng.uniform(0.6, 1), wobble=0.12)
        cell = shape.clipped(taken.shape)
        if cell is None or taken[cell.window][cell.mask].any():
            continue
        layer = np.where(cell.mask, np.clip(cell.depth * 2, 0, 1), 0) * rng.uniform(0.6, 1.1)
        density[cell.window] += layer[..., None] * _PLATELET


def _spot(rng: np.random.Generator, shape: Shape, size: float) -> np.ndarray:
    """A soft spot 0..1 somewhere in a shape's window, `size` of its reach."""
    ys, xs = shape.window
    y = shape.centre[0] + rng.uniform(-0.5, 0.5) * shape.reach - ys.start
    x = shape.centre[1] + rng.uniform(-0.5, 0.5) * shape.reach - xs.start
    rows, columns = np.ogrid[: shape.depth.shape[0], : shape.depth.shape[1]]
    radius = max(1.0, size * shape.reach)
    spot: np.ndarray = np.exp(-((rows - y) ** 2 + (columns - x) ** 2) / radius**2)
    return spot


def _lamp(rng: np.random.Generator, height: int, width: int) -> np.ndarray:
    """Illumination HxW, brightest near the middle, about 1."""
    y, x = np.ogrid[:height, :width]
    y = (y - height * rng.uniform(0.4, 0.6)) / height
    x = (x - width * rng.uniform(0.4, 0.6)) / width
    lamp: np.ndarray = 1.0 - rng.uniform(0.12, 0.2) * (x * x + y * y)
    return lamp
