"""Drawn fields in two dyes, of which only the blue nuclei count.

The network that is shipped outlines both; a short training from it learns the difference. So a better
version can be had within seconds, and a gate that is asked has something to see.
"""

from __future__ import annotations

import numpy as np

from segmentation.synthetic import draw_fluorescence
from tests.drawn import encoded, zipped

SIDE = 112


def draw_two_dyes(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """SIDE x SIDE x 3 uint8, and labels HxW int32 of the blue nuclei; a red one never covers a blue one."""
    blue, labels = draw_fluorescence(seed, SIDE, SIDE, nuclei=6, radius_px=9, touching=0.1)
    red, _ = draw_fluorescence(900 + seed, SIDE, SIDE, nuclei=6, radius_px=9, touching=0.1)
    rgb = np.zeros((SIDE, SIDE, 3), np.uint8)
    rgb[..., 2] = blue[..., 0]
    rgb[..., 1] = blue[..., 0] // 3
    rgb[..., 0] = np.where(labels == 0, red[..., 0], 0)
    return rgb, labels


def two_dyes_archive(count: int, bare: int = 0) -> bytes:
    """A ZIP as BBBC038 lays it out, a mask a nucleus; the first `bare` pictures come without masks."""
    members = {}
    for seed in range(count):
        rgb, labels = draw_two_dyes(seed)
        name = f"campo{seed:02d}"
        members[f"campos/{name}/images/{name}.png"] = encoded(rgb)
        for nucleus in range(1, labels.max() + 1 if seed >= bare else 0):
            mask = np.where(labels == nucleus, 255, 0).astype(np.uint8)
            members[f"campos/{name}/masks/{nucleus}.png"] = encoded(mask)
    return zipped(members)
