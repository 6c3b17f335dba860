"""Labels -> one polygon a nucleus, along the borders of its pixels, for the browser to draw and colour."""

from __future__ import annotations

import cv2
import numpy as np
from scipy.ndimage import find_objects

_TOLERANCE_PX = 0.75


def outlines(labels: np.ndarray, tolerance_px: float = _TOLERANCE_PX) -> list[np.ndarray]:
    """The outer outline of each nucleus of `labels` (HxW int, 0 background), in order of id.

    Returns Nx2 int32 arrays of x, y: corners of pixels (pixel 3 spans 3 to 4), clockwise on the screen,
    not repeating the first at the end; ids that no pixel has are left out, so that outline i belongs to
    row i of `measure`. Corners within `tolerance_px` of a straight line are dropped, which turns stairs
    into slopes; with 0 the polygon encloses exactly the nucleus' pixels. Holes are not drawn; of a
    nucleus in several parts the largest is.

    >>> square = np.zeros((9, 9), np.int32); square[2:6, 3:7] = 1
    >>> outlines(square)[0].tolist()
    [[3, 2], [7, 2], [7, 6], [3, 6]]
    """
    found = []
    for number, window in enumerate(find_objects(labels.astype(np.int32, copy=False)), start=1):
        if window is None:
            continue
        inside = (labels[window] == number).astype(np.uint8)
        corners = _trace(inside, tolerance_px)
        corners += (window[1].start, window[0].start)
        found.append(corners)
    return found


def _trace(inside: np.ndarray, tolerance_px: float) -> np.ndarray:
    """Outer border of the largest part of a 0/1 window, as corners of pixels.

    OpenCV follows centres of pixels. Doubled, a pixel's two halves have centres on either side of its
    corners, and rounding leads each of them to the corner beside it.
    """
    doubled = cv2.resize(inside, None, fx=2, fy=2, interpolation=cv2.INTER_NEAREST)
    parts, _ = cv2.findContours(doubled, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    largest = max(parts, key=cv2.contourArea) if len(parts) > 1 else parts[0]
    corners: np.ndarray = (largest + 1) // 2
    if tolerance_px > 0:
        simpler = cv2.approxPolyDP(corners, tolerance_px, closed=True)
        corners = simpler if len(simpler) >= 3 else _turns(corners)
    else:
        corners = _turns(corners)
    corners = corners[::-1, 0]  # OpenCV goes counter-clockwise on the screen
    first = int(np.argmin(corners[:, 1] * inside.size + corners[:, 0]))  # the topmost, then leftmost
    return np.concatenate([corners[first:], corners[:first]])


def _turns(corners: np.ndarray) -> np.ndarray:
    """Only the corners (Nx1x2) where the border turns."""
    corners = corners[(corners != np.roll(corners, 1, axis=0)).any(axis=(1, 2))]
    before, after = corners - np.roll(corners, 1, axis=0), np.roll(corners, -1, axis=0) - corners
    return corners[before[..., 0] * after[..., 1] != before[..., 1] * after[..., 0]][:, None]
