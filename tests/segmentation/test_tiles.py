"""Tiles cover every pixel and their weights add up to one."""

import numpy as np
import pytest

from segmentation.tiles import padded, tile_starts, tile_weights


@pytest.mark.parametrize("length", [1, 17, 64, 65, 100, 127, 128, 129, 1000, 4097])
@pytest.mark.parametrize(("size", "overlap"), [(64, 0), (64, 16), (64, 48)])
def test_tiles_cover_the_length_and_share_the_overlap(length: int, size: int, overlap: int) -> None:
    starts = tile_starts(length, size, overlap)
    assert starts[0] == 0
    assert starts[-1] + size == length or length <= size
    steps = np.diff(starts)
    assert (steps > 0).all() and (steps <= size - overlap).all()


@pytest.mark.parametrize("length", [1, 40, 64, 65, 100, 1000])
@pytest.mark.parametrize(("size", "overlap"), [(64, 16), (64, 40), (64, 0)])
def test_the_weights_of_all_tiles_add_up_to_one_at_every_pixel(length: int, size: int, overlap: int) -> None:
    starts = tile_starts(length, size, overlap)
    total = np.zeros(length)
    for start, weight in zip(starts, tile_weights(length, size, starts), strict=True):
        assert weight.dtype == np.float32 and (weight > 0).all()
        total[start : start + len(weight)] += weight
    np.testing.assert_allclose(total, 1.0, atol=1e-6)


def test_a_tile_weighs_least_at_a_seam() -> None:
    starts = tile_starts(100, 64, 16)
    first = tile_weights(100, 64, starts)[0]
    assert first[0] == 1.0 and first[-1] < 0.05


def test_an_overlap_as_large_as_the_tile_is_refused() -> None:
    with pytest.raises(ValueError, match="overlap"):
        tile_starts(100, 64, 64)


def test_lengths_are_padded_to_the_stride() -> None:
    assert [padded(n, 16) for n in (1, 16, 17)] == [16, 16, 32]
