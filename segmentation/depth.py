"""From deep pixels (16-bit, 32-bit, float) to the 8 bits that everything after works on.

A 12 or 16-bit camera rarely uses its whole range: dividing by 256 would leave a black picture. The
values are stretched between two percentiles of the whole picture, all channels jointly so that
colours keep their balance. Work goes in bands of rows, so that a slide of 200 MP stays affordable.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

LOW_PERCENTILE = 0.1
HIGH_PERCENTILE = 99.9

Bands = Callable[[], Iterator[tuple[int, np.ndarray]]]
"""Gives (first row, band HxW or HxWxC) from top to bottom, anew at each call."""

_SAMPLE = 4_000_000


def stretch(bands: Bands, shape: tuple[int, ...]) -> np.ndarray:
    """Stretch a picture to uint8 between its 0.1 and 99.9 percentiles.

    `shape` is the whole picture's, HxW or HxWxC; any real dtype. Returns uint8 of that shape. Pixels
    that are not finite (NaN, infinities) count for nothing and become 0 or 255 (NaN: 0). A picture of
    one single value becomes black, or its high byte if it is uint16.
    """
    out = np.empty(shape, dtype=np.uint8)
    dtype = next(bands())[1].dtype
    if dtype == np.uint16:
        table = _table(_histogram(bands))
        for top, band in bands():
            out[top : top + len(band)] = table[band]
        return out
    low, high = _sampled_limits(bands, int(np.prod(shape)))
    for top, band in bands():
        values = np.nan_to_num(band.astype(np.float64), nan=low, posinf=high, neginf=low)
        values = (values - low) * (255.0 / (high - low)) if high > low else np.zeros_like(values)
        out[top : top + len(band)] = np.clip(np.rint(values), 0, 255)
    return out


def histogram_limits(histogram: np.ndarray) -> tuple[int, int]:
    """The values at the two percentiles of a histogram; its first and last where those two coincide."""
    cumulated = np.cumsum(histogram)
    total = cumulated[-1]
    low = int(np.searchsorted(cumulated, total * LOW_PERCENTILE / 100, side="right"))
    high = int(np.searchsorted(cumulated, total * HIGH_PERCENTILE / 100, side="left"))
    if high <= low:
        used = np.flatnonzero(histogram)
        low, high = int(used[0]), int(used[-1])
    return low, high


def _histogram(bands: Bands) -> np.ndarray:
    histogram = np.zeros(65_536, dtype=np.int64)
    for _, band in bands():
        histogram += np.bincount(band.ravel(), minlength=65_536)
    return histogram


def _table(histogram: np.ndarray) -> np.ndarray:
    low, high = histogram_limits(histogram)
    values = np.arange(65_536, dtype=np.float64)
    if high == low:
        return (values / 256).astype(np.uint8)
    return np.clip(np.rint((values - low) * (255.0 / (high - low))), 0, 255).astype(np.uint8)


def _sampled_limits(bands: Bands, size: int) -> tuple[float, float]:
    step = max(1, size // _SAMPLE)
    parts = []
    for _, band in bands():
        values = band.reshape(-1)[::step]
        parts.append(values[np.isfinite(values)].astype(np.float64))
    sample = np.concatenate(parts)
    if not sample.size:
        return 0.0, 0.0
    low, high = np.percentile(sample, [LOW_PERCENTILE, HIGH_PERCENTILE])
    if not high > low:
        low, high = sample.min(), sample.max()
    return float(low), float(high)
