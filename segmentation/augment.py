"""Random views of a training picture. Pure functions of arrays and a NumPy generator."""

from __future__ import annotations

import cv2
import numpy as np


def random_affine(
    generator: np.random.Generator, shape: tuple[int, int], crop: int, scales: tuple[float, float]
) -> np.ndarray:
    """A random flip, rotation, scale and place, as the 2x3 matrix from crop to picture coordinates.

    The scale is drawn log-uniformly between `scales` (above 1 enlarges). Half of the rotations are
    multiples of 90 degrees, which keep pixels sharp. The crop's centre lies where the crop fits when the
    picture is large enough, and in the middle otherwise.
    """
    height, width = shape
    scale = float(np.exp(generator.uniform(np.log(scales[0]), np.log(scales[1]))))
    angle = generator.uniform(0, 2 * np.pi)
    if generator.random() < 0.5:
        angle = np.pi / 2 * generator.integers(4)
    flip = -1.0 if generator.random() < 0.5 else 1.0
    cos, sin = np.cos(angle) / scale, np.sin(angle) / scale
    matrix = np.array([[cos * flip, -sin], [sin * flip, cos]])
    reach = crop / scale / 2
    x = generator.uniform(reach, width - reach) if width > 2 * reach else width / 2
    y = generator.uniform(reach, height - reach) if height > 2 * reach else height / 2
    # -0.5: coordinates are those of pixel centres
    offset = np.array([x - 0.5, y - 0.5]) - matrix @ np.array([crop / 2 - 0.5, crop / 2 - 0.5])
    return np.hstack([matrix, offset[:, None]])


def warp(array: np.ndarray, matrix: np.ndarray, crop: int, interpolation: int) -> np.ndarray:
    """The crop x crop view of `array` under `matrix`; beyond the picture's edge it is mirrored."""
    flags = interpolation | cv2.WARP_INVERSE_MAP
    return cv2.warpAffine(array, matrix, (crop, crop), flags=flags, borderMode=cv2.BORDER_REFLECT_101)


def jitter(generator: np.random.Generator, view: np.ndarray, coloured: bool) -> np.ndarray:
    """Random exposure, contrast, gamma, stain, focus and noise. HxWx3 float32 around 0..1, same out.

    Coloured views also have their channels scaled apart (stain), mixed towards grey and, rarely, made
    wholly grey; grey views are rarely inverted, so that dark nuclei on bright ground are no surprise.
    """
    view = np.clip(view, 0.0, None) ** np.float32(np.exp(generator.normal(0, 0.25)))
    if coloured:
        view = view * generator.normal(1, 0.08, 3).astype(np.float32)
        view = view + generator.normal(0, 0.04, 3).astype(np.float32)
        grey = view.mean(axis=2, keepdims=True)
        towards = 0.0 if generator.random() < 0.1 else float(np.clip(generator.normal(1, 0.25), 0.2, 1.6))
        view = grey + (view - grey) * np.float32(towards)
    elif generator.random() < 0.05:
        view = np.float32(1.0) - view
    view = view * np.float32(np.exp(generator.normal(0, 0.15))) + np.float32(generator.normal(0, 0.05))
    if generator.random() < 0.2:
        view = cv2.GaussianBlur(view, (0, 0), float(generator.uniform(0.4, 1.6)))
    if generator.random() < 0.3:
        noise = generator.normal(0, generator.uniform(0.01, 0.06), view.shape[:2])
        view = view + noise[..., None].astype(np.float32)
    return np.clip(view, -0.5, 1.5).astype(np.float32)
