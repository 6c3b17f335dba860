"""Where nuclei are bright, whatever the picture: one channel HxW out of RGB, by the kind of picture."""

from __future__ import annotations

import cv2
import numpy as np

from segmentation.preprocessing import modality


def nuclear_signal(rgb: np.ndarray, kind: str | None = None) -> np.ndarray:
    """A channel in which nuclei are brighter than what surrounds them.

    Dark fluorescence: the brightest channel, for any dye's colour, its root taken so that faint nuclei
    count beside glowing ones. Grey without colour: grey, turned over where the ground is the bright side.
    Stained: how much red light is taken away. Haematoxylin and the azures of blood stains absorb red,
    eosin and red cells hardly do (Ruifrok and Johnston 2001 separate stains by such densities).

    rgb: HxWx3 uint8, H and W at least 1; kind: one of spec.MODALITIES, None: guessed.
    Returns HxW float32, 0 and more, in no fixed range.
    """
    kind = kind or modality(rgb)
    if kind == "fluorescence-dark":
        return np.sqrt(rgb.max(axis=2).astype(np.float32))
    if kind == "grayscale-brightfield":
        grey = rgb.mean(axis=2, dtype=np.float32)
        return 255 - grey if bright_ground(grey) else grey
    return red_density(rgb)


def red_density(rgb: np.ndarray) -> np.ndarray:
    """Optical density of red light against the brightest red of the picture (Beer and Lambert).

    rgb: HxWx3 uint8. Returns HxW float32, 0 for glass, about 1 where a tenth of the light passes.
    """
    red = rgb[..., 0].astype(np.float32) + 1
    white = max(float(np.percentile(rgb[..., 0], 99)) + 1, 1.0)
    return np.log10(white / np.minimum(red, white))


def bright_ground(grey: np.ndarray) -> bool:
    """Whether the picture's frame lies on the bright side of Otsu's threshold. grey: HxW float32, 0..255."""
    whole = np.clip(grey, 0, 255).astype(np.uint8)
    level, _ = cv2.threshold(whole, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    frame = np.concatenate([whole[0], whole[-1], whole[:, 0], whole[:, -1]])
    return bool((frame > level).mean() > 0.5)
