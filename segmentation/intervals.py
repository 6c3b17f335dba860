"""95 % intervals of means over pictures, by drawing pictures with replacement (Efron 1979), seeded."""

from __future__ import annotations

import numpy as np

DRAWS, SEED, LEVEL = 2000, 20181, 0.95


def bootstrap(values: np.ndarray, draws: int = DRAWS, seed: int = SEED) -> tuple[np.ndarray, np.ndarray]:
    """The interval of the mean over pictures of each figure: P x F float -> (low, high), F float64 each.

    Percentiles of the means of `draws` samples of P pictures; the same seed gives the same interval. One
    picture alone gives an interval of no width, which says nothing: read the number of pictures beside it.
    """
    values = np.asarray(values, np.float64)
    pictures = len(values)
    if not pictures:
        raise ValueError("an interval needs pictures")
    drawn = np.random.default_rng(seed).multinomial(pictures, np.full(pictures, 1 / pictures), size=draws)
    tail = (1 - LEVEL) / 2
    low, high = np.quantile(drawn @ values / pictures, (tail, 1 - tail), axis=0)
    return low, high
