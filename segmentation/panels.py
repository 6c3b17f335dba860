"""One picture of an evaluation as a strip: original | truth | prediction | overlay."""

from __future__ import annotations

import io

import cv2
import numpy as np
from PIL import Image

from segmentation.overlays import colour_mask, draw_overlay

PANEL_PX = 384
GAP_PX = 6
QUALITY = 88


def draw_panel(rgb: np.ndarray, truth: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    """The strip of one picture, shrunk so that no panel is wider or higher than PANEL_PX.

    rgb HxWx3 uint8, truth and predicted HxW int (0 background) -> hx(4w + 3 gaps)x3 uint8, white gaps.
    """
    factor = min(1.0, PANEL_PX / max(rgb.shape[:2]))
    width, height = (max(1, round(side * factor)) for side in (rgb.shape[1], rgb.shape[0]))
    parts = (rgb, colour_mask(truth), colour_mask(predicted), draw_overlay(rgb, predicted))
    gap = np.full((height, GAP_PX, 3), 255, np.uint8)
    strip: list[np.ndarray] = []
    for part in parts:
        small = cv2.resize(np.ascontiguousarray(part), (width, height), interpolation=cv2.INTER_AREA)
        strip += [small, gap]
    return np.concatenate(strip[:-1], axis=1)


def panel_jpeg(rgb: np.ndarray, truth: np.ndarray, predicted: np.ndarray) -> bytes:
    """The strip of draw_panel as JPEG."""
    file = io.BytesIO()
    Image.fromarray(draw_panel(rgb, truth, predicted)).save(file, format="JPEG", quality=QUALITY)
    return file.getvalue()
