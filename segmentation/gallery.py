"""Pictures to look at beside the figures: some drawn by lot, so that nobody picks them, and the worst."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from segmentation.evaluation import PictureFigures
from segmentation.panels import panel_jpeg

DRAWN, WORST = 20, 10


@dataclass(frozen=True)
class Strip:
    """One picture: original | truth | prediction | overlay as JPEG, and its figures."""

    row: PictureFigures
    jpeg: bytes


class Gallery:
    """Keeps the strips that will be shown, never more: pictures come one after the other."""

    def __init__(self, names: Iterable[str], seed: str) -> None:
        every = sorted(names)
        self._lot = set(random.Random(seed).sample(every, min(DRAWN, len(every))))
        self.drawn: list[Strip] = []
        self.worst: list[Strip] = []

    def add(self, row: PictureFigures, rgb: np.ndarray, truth: np.ndarray, found: np.ndarray) -> None:
        """One picture, rgb HxWx3 uint8, truth and found HxW int32, with its figures."""
        ranks_last = len(self.worst) >= WORST and _badness(self.worst[-1].row) <= _badness(row)
        if row.name not in self._lot and ranks_last:
            return
        strip = Strip(row, panel_jpeg(rgb, truth, found))
        if row.name in self._lot:
            self.drawn.append(strip)
        self.worst = sorted([*self.worst, strip], key=lambda kept: _badness(kept.row))[:WORST]


def _badness(row: PictureFigures) -> tuple[float, float, float, str]:
    """The worst first: by AP at 0.5, then by mean AP, then by Dice."""
    return row.figures["ap50"], row.figures["map"], row.figures["dice"], row.name
