"""Do confidences mean what they say? Of nuclei said to match with 0.8, eight in ten should."""

from __future__ import annotations

from typing import Any

import numpy as np

BINS = 10


def reliability(confidences: np.ndarray, matched: np.ndarray, bins: int = BINS) -> dict[str, Any]:
    """The reliability table of N confidences 0..1 and N bool, in bins of equal width, and the ECE.

    ECE is the mean of |said - seen| over bins, weighted by their nuclei (Naeini et al. 2015); `brier` the
    mean squared error. None for both where there is no nucleus.
    """
    said, seen = np.asarray(confidences, np.float64), np.asarray(matched, np.float64)
    place = np.minimum((said * bins).astype(int), bins - 1)
    count = np.bincount(place, minlength=bins)
    means = [np.bincount(place, v, minlength=bins) / np.maximum(count, 1) for v in (said, seen)]
    rows = [
        {"low": i / bins, "high": (i + 1) / bins, "nuclei": int(count[i]),
         "said": round(float(means[0][i]), 4), "seen": round(float(means[1][i]), 4)}
        for i in np.flatnonzero(count).tolist()
    ]  # fmt: skip
    error = float((count * np.abs(means[0] - means[1])).sum() / said.size) if said.size else None
    return {
        "nuclei": int(said.size),
        "matched": int(seen.sum()),
        "ece": None if error is None else round(error, 4),
        "brier": round(float(((said - seen) ** 2).mean()), 4) if said.size else None,
        "bins": rows,
    }
