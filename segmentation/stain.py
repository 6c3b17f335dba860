"""Where nuclei are bright, whatever the picture: one channel HxW out of RGB, by the kind of picture."""

from __future__ import annotations

import cv2
import numpy as np

from segmentation.preprocessing import modality


def nuclear_signal(rgb: np.ndarray, kind: str | None = None) -> np.ndarray:
    """A channel in which nuclei are brighter than what surrounds them.

    Dark fluorescence: the brightest channel, for any dye's colour. Grey without colour: grey, turned over
    where the ground is the bright side. Stained: `nuclear_density`.

    rgb: HxWx3 uint8, H and W at least 1; kind: one of spec.MODALITIES, None: guessed.
    Returns HxW float32, 0 and more, in no fixed range.
    """
    kind = kind or modality(rgb)
    if kind == "fluorescence-dark":
        return rgb.max(axis=2).astype(np.float32)
    if kind == "grayscale-brightfield":
        grey = rgb.mean(axis=2, dtype=np.float32)
        return 255 - grey if bright_ground(grey) else grey
    return nuclear_density(rgb, smear=kind == "purple-on-white")


def nuclear_density(rgb: np.ndarray, smear: bool) -> np.ndarray:
    """Red + green - 2 blue of the optical densities, as far as it is positive.

    Haematoxylin and the azures of blood stains take red and green light and let blue pass; eosin takes
    green alone, haemoglobin most of all blue. On a smear red cells can turn blue-grey and take red as well,
    but no more green than that: there, twice what green loses beyond red and blue is the most that counts.
    Densities as Ruifrok and Johnston (2001) use them, against the brightest level of each channel; the
    weights were chosen on training pictures (docs/masks.md). rgb: HxWx3 uint8. Returns HxW float32.
    """
    light = rgb.astype(np.float32) + 1
    white = np.maximum(np.percentile(light.reshape(-1, 3)[:: max(1, light.size // 3_000_000)], 99, axis=0), 1)
    density = np.log10(np.maximum(white.astype(np.float32) / light, 1))
    red, green, blue = density[..., 0], density[..., 1], density[..., 2]
    nuclear = red + green - 2 * blue
    if smear:
        nuclear = np.minimum(nuclear, 2 * (2 * green - red - blue))
    return np.maximum(nuclear, 0)


def bright_ground(grey: np.ndarray) -> bool:
    """Whether the picture's frame lies on the bright side of Otsu's threshold. grey: HxW float32, 0..255."""
    whole = np.clip(grey, 0, 255).astype(np.uint8)
    level, _ = cv2.threshold(whole, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    frame = np.concatenate([whole[0], whole[-1], whole[:, 0], whole[:, -1]])
    return bool((frame > level).mean() > 0.5)
