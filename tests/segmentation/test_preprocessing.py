"""Normalisation and the first guess of the kind of picture."""

import numpy as np
import pytest

from segmentation.preprocessing import grey_range, modality, normalise
from segmentation.spec import MODALITIES, Preprocessing

SETTINGS = Preprocessing()


def test_exposure_does_not_change_what_the_network_sees() -> None:
    picture = np.random.default_rng(0).integers(10, 110, (64, 64, 3)).astype(np.uint8)
    brighter = (picture * 2 + 20).astype(np.uint8)
    first = normalise(picture, grey_range(picture, SETTINGS), SETTINGS)
    second = normalise(brighter, grey_range(brighter, SETTINGS), SETTINGS)
    assert first.dtype == np.float32
    np.testing.assert_allclose(first, second, atol=0.03)


def test_one_range_for_all_channels_keeps_the_stain() -> None:
    picture = np.zeros((32, 32, 3), np.uint8)
    picture[:, :16], picture[:, 16:] = (200, 80, 160), (240, 230, 235)
    view = normalise(picture, grey_range(picture, SETTINGS), SETTINGS)
    assert view[0, 0, 0] > view[0, 0, 2] > view[0, 0, 1]


def test_an_empty_field_is_not_blown_up_to_noise() -> None:
    noise = np.random.default_rng(1).integers(7, 10, (64, 64, 3)).astype(np.uint8)
    low, high = grey_range(noise, SETTINGS)
    assert high - low == pytest.approx(SETTINGS.minimum_range)
    assert np.ptp(normalise(noise, (low, high), SETTINGS)) < 0.3


def test_values_are_clipped() -> None:
    picture = np.zeros((64, 64, 3), np.uint8)
    picture[0, 0], picture[1:, 1:] = 255, 30
    view = normalise(picture, grey_range(picture, SETTINGS), SETTINGS)
    assert view.max() <= SETTINGS.clip and view.min() >= -0.5


def painted(ground: tuple[int, int, int], nuclei: tuple[int, int, int]) -> np.ndarray:
    picture = np.full((80, 80, 3), ground, np.uint8)
    for top in range(10, 70, 20):
        for left in range(10, 70, 20):
            picture[top : top + 10, left : left + 10] = nuclei
    return picture


@pytest.mark.parametrize(
    ("ground", "nuclei", "kind"),
    [
        ((5, 5, 5), (180, 180, 180), "fluorescence-dark"),
        ((2, 2, 8), (30, 60, 220), "fluorescence-dark"),
        ((220, 220, 220), (60, 60, 60), "grayscale-brightfield"),
        ((245, 240, 245), (90, 40, 140), "purple-on-white"),
        ((225, 160, 200), (90, 40, 140), "pink-purple-HE"),
    ],
)
def test_the_kind_of_picture_is_guessed_from_ground_and_colour(ground, nuclei, kind: str) -> None:
    assert kind in MODALITIES
    assert modality(painted(ground, nuclei)) == kind


def test_the_guess_holds_for_tiny_pictures() -> None:
    assert modality(np.zeros((1, 1, 3), np.uint8)) == "fluorescence-dark"
