"""From a decoded picture to what the network sees, and a first guess of the kind of picture."""

from __future__ import annotations

import cv2
import numpy as np

from segmentation.spec import Preprocessing

_SAMPLE_PIXELS = 4_000_000  # percentiles of a large picture are read from a regular subsample


def grey_range(rgb: np.ndarray, settings: Preprocessing) -> tuple[float, float]:
    """The two grey levels that become 0 and 1.

    One pair for all three channels, so that the stain's colour survives, and one pair for the whole
    picture, so that tiles agree at their seams. A picture with almost no contrast keeps at least
    `minimum_range` levels between the two: an empty field stays empty instead of showing its noise.

    rgb: HxWx3 uint8, H and W at least 1. Returns (low, high), high > low.
    """
    step = max(1, int(np.sqrt(rgb.shape[0] * rgb.shape[1] / _SAMPLE_PIXELS)))
    sample = rgb[::step, ::step]
    low, high = np.percentile(sample, [settings.low_percentile, settings.high_percentile])
    if high - low < settings.minimum_range:
        middle = (low + high) / 2
        low, high = middle - settings.minimum_range / 2, middle + settings.minimum_range / 2
    return float(low), float(high)


def normalise(rgb: np.ndarray, levels: tuple[float, float], settings: Preprocessing) -> np.ndarray:
    """Scale grey levels so that `levels` become 0 and 1; clipped to -0.5 .. `settings.clip`.

    rgb: HxWx3 uint8. Returns HxWx3 float32. Method: percentile normalisation as in CSBDeep
    (Weigert et al. 2018), with one pair of percentiles for all channels.
    """
    low, high = levels
    scaled = (rgb.astype(np.float32) - np.float32(low)) * np.float32(1.0 / (high - low))
    return np.clip(scaled, -0.5, settings.clip, out=scaled)


def modality(rgb: np.ndarray) -> str:
    """A first guess of the kind of picture from its colour and background; one of spec.MODALITIES.

    Dark and without colour: fluorescence. Bright and without colour: transmitted light, unstained or
    grey. With colour: pink and purple tissue when the background itself is coloured, purple on white
    when it is not. Read on a thumbnail; the user can overrule it.

    rgb: HxWx3 uint8.
    """
    scale = min(1.0, 256.0 / max(rgb.shape[:2]))
    size = (max(1, round(rgb.shape[1] * scale)), max(1, round(rgb.shape[0] * scale)))
    small = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA).astype(np.float32)
    chroma = small.max(axis=2) - small.min(axis=2)
    grey = small.mean(axis=2)
    if np.percentile(chroma, 95) < 20:
        return "fluorescence-dark" if np.median(grey) < 100 else "grayscale-brightfield"
    if np.median(grey) < 70:
        return "fluorescence-dark"
    background = grey >= np.percentile(grey, 60)
    return "purple-on-white" if np.median(chroma[background]) < 30 else "pink-purple-HE"
