"""Intervals over pictures: as theory has them, the same for the same seed, none without pictures."""

import numpy as np
import pytest

from segmentation.intervals import bootstrap


def test_the_interval_of_many_pictures_is_the_normal_one() -> None:
    generator = np.random.default_rng(4)
    values = np.column_stack([generator.normal(0.7, 0.1, 400), generator.normal(-2, 1, 400)])
    low, high = bootstrap(values)
    reach = 1.96 * values.std(0) / np.sqrt(400)
    np.testing.assert_allclose(low, values.mean(0) - reach, atol=0.1 * reach.max())
    np.testing.assert_allclose(high, values.mean(0) + reach, atol=0.1 * reach.max())


def test_the_same_pictures_give_the_same_interval_and_equal_ones_none_of_width() -> None:
    values = np.random.default_rng(1).random((20, 3))
    np.testing.assert_array_equal(bootstrap(values), bootstrap(values))
    low, high = bootstrap(np.full((7, 2), 0.25))
    assert low == pytest.approx(high) and low == pytest.approx([0.25, 0.25])


def test_no_picture_no_interval() -> None:
    with pytest.raises(ValueError, match="pictures"):
        bootstrap(np.zeros((0, 2)))
