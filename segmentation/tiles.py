"""Tiles with overlap, blended so that no seam shows.

Along each axis the weights of the tiles add up to exactly one at every pixel, so that blending needs no
second buffer of weights, and a band of finished rows can leave memory while the next is computed.
"""

from __future__ import annotations

import numpy as np


def tile_starts(length: int, size: int, overlap: int) -> list[int]:
    """Where the tiles begin along an axis of `length` px.

    The first begins at 0, the last ends at `length` (or at `size` when the picture is smaller), and
    neighbours share at least `overlap` px.

    >>> tile_starts(1000, 512, 96)
    [0, 244, 488]
    >>> tile_starts(300, 512, 96)
    [0]
    """
    if not 0 <= overlap < size:
        raise ValueError(f"overlap {overlap} must be at least 0 and below the tile's size {size}")
    if length <= size:
        return [0]
    count = int(np.ceil((length - overlap) / (size - overlap)))
    return [round(i * (length - size) / (count - 1)) for i in range(count)]


def fitted_tile(length: int, size: int, overlap: int, stride: int) -> int:
    """The side of tiles that cover `length` px: as many as of `size`, sharing no more than they must.

    A multiple of `stride`, at most `size`; `size` itself where one tile holds all.

    >>> fitted_tile(2048, 512, 96, 16)
    496
    """
    count = len(tile_starts(length, size, overlap))
    return size if count == 1 else min(size, padded(-(-(length + (count - 1) * overlap) // count), stride))


def tile_weights(length: int, size: int, starts: list[int]) -> list[np.ndarray]:
    """One weight a pixel and tile along an axis: linear ramps in the overlaps, adding up to one.

    Returns one float32 vector of `size` a tile (of `length` when the picture is smaller than a tile).
    """
    size = min(size, length)
    total = np.zeros(length, np.float64)
    ramps = []
    for i, start in enumerate(starts):
        ramp = np.ones(size, np.float64)
        if i > 0:
            shared = starts[i - 1] + size - start
            ramp[:shared] = np.minimum(ramp[:shared], (np.arange(shared) + 0.5) / shared)
        if i < len(starts) - 1:
            shared = start + size - starts[i + 1]
            falling = ((np.arange(shared) + 0.5) / shared)[::-1]
            ramp[size - shared :] = np.minimum(ramp[size - shared :], falling)
        total[start : start + size] += ramp
        ramps.append(ramp)
    return [
        (ramp / total[start : start + size]).astype(np.float32)
        for ramp, start in zip(ramps, starts, strict=True)
    ]


def padded(length: int, stride: int) -> int:
    """The smallest multiple of `stride` that holds `length`.

    >>> padded(300, 16)
    304
    """
    return -(-length // stride) * stride
