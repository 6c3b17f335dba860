"""Whether the confidences and the intervals of counts held on the pictures of an evaluation."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np

from segmentation.calibration import reliability
from segmentation.confidence import LEVEL, Found
from segmentation.measurements import measure
from segmentation.metrics import matched


class Doubt:
    """Gathers, picture by picture, what a network said of itself, and compares it with the truth."""

    def __init__(self) -> None:
        self._said: dict[str, list[np.ndarray]] = defaultdict(list)
        self._hit: dict[str, list[np.ndarray]] = defaultdict(list)
        self._counts: list[tuple[int, int, int, int]] = []  # true, expected, low, high

    def add(self, kind: str, rgb: np.ndarray, truth: np.ndarray, found: Found) -> None:
        """One picture: rgb HxWx3 uint8, truth HxW int32. Without confidence it adds nothing."""
        columns = measure(found.labels, rgb)
        expected = found.scored(columns)
        if expected is None:
            return
        self._said[kind].append(columns["confidence"])
        self._hit[kind].append(matched(truth, found.labels))
        true = int(np.unique(truth[truth > 0]).size)
        self._counts.append((true, expected.count, expected.low, expected.high))

    def report(self) -> dict[str, Any] | None:
        """`calibration` of all nuclei and `kinds`, and of the counts how many intervals `held`.

        None where the network claims no confidence.
        """
        if not self._counts:
            return None
        names = sorted(self._said)
        said = [np.concatenate(self._said[kind]) for kind in names]
        hit = [np.concatenate(self._hit[kind]) for kind in names]
        true, expected, low, high = np.array(self._counts, float).T
        return {
            "calibration": reliability(np.concatenate(said), np.concatenate(hit)),
            "kinds": {kind: reliability(said[i], hit[i]) for i, kind in enumerate(names)},
            "counts": {
                "level": LEVEL,
                "images": len(true),
                "held": int(((low <= true) & (true <= high)).sum()),
                "bias": round(float(((expected - true) / np.maximum(true, 1)).mean()), 4),
                "median_half_width": round(float(np.median((high - low) / 2 / np.maximum(expected, 1))), 4),
            },
        }
