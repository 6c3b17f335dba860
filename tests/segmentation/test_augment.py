"""Random views keep picture and truth together and stay within their range."""

import cv2
import numpy as np
import pytest

from segmentation.augment import jitter, random_affine, warp


@pytest.mark.parametrize("seed", range(6))
def test_a_view_lies_inside_a_large_picture(seed: int) -> None:
    generator = np.random.default_rng(seed)
    matrix = random_affine(generator, (400, 500), 64, (0.8, 1.5))
    corners = matrix @ np.array([[0, 63, 0, 63], [0, 0, 63, 63], [1, 1, 1, 1]], float)
    # a turned square reaches at most half its diagonal from the centre
    slack = 64 / 0.8 * (np.sqrt(2) - 1) / 2 + 1
    assert corners[0].min() > -slack and corners[0].max() < 500 + slack
    assert corners[1].min() > -slack and corners[1].max() < 400 + slack


@pytest.mark.parametrize("seed", range(4))
def test_the_scale_is_kept_between_its_bounds(seed: int) -> None:
    matrix = random_affine(np.random.default_rng(seed), (100, 100), 32, (0.5, 2.0))
    scale = 1 / np.sqrt(abs(np.linalg.det(matrix[:, :2])))
    assert 0.5 <= scale <= 2.0


def test_picture_and_truth_move_together() -> None:
    generator = np.random.default_rng(2)
    y, x = np.mgrid[:120, :120]
    disc = (((y - 50) ** 2 + (x - 70) ** 2) < 30**2).astype(np.uint8) * 255
    matrix = random_affine(generator, disc.shape, 96, (0.9, 1.1))
    picture = warp(np.dstack([disc] * 3), matrix, 96, cv2.INTER_LINEAR)
    truth = warp(disc, matrix, 96, cv2.INTER_LINEAR)
    assert truth.any()
    np.testing.assert_array_equal(picture[..., 1], truth)


@pytest.mark.parametrize("coloured", [True, False])
def test_jitter_changes_a_view_but_keeps_its_range(coloured: bool) -> None:
    generator = np.random.default_rng(5)
    view = generator.random((32, 32, 3)).astype(np.float32)
    if not coloured:
        view[:] = view[..., :1]
    for _ in range(30):
        changed = jitter(generator, view.copy(), coloured)
        assert changed.dtype == np.float32 and changed.shape == view.shape
        assert changed.min() >= -0.5 and changed.max() <= 1.5
        assert not np.array_equal(changed, view)
        if not coloured:
            np.testing.assert_allclose(changed[..., 0], changed[..., 2], atol=1e-6)
