"""Overlays touch only outlines and halos; a mask gives neighbours different colours."""

from __future__ import annotations

import numpy as np
import pytest

from segmentation.overlays import PALETTE, SKY_BLUE, colour_mask, draw_overlay
from segmentation.synthetic import draw_fluorescence, draw_stained

GROUND = np.full((60, 80, 3), 200, np.uint8)


def two_squares() -> np.ndarray:
    labels = np.zeros((60, 80), np.int32)
    labels[20:40, 20:40], labels[20:40, 40:60] = 1, 2
    return labels


def is_colour(rgb: np.ndarray, colour: tuple[int, int, int] = SKY_BLUE) -> np.ndarray:
    return (rgb == np.array(colour, np.uint8)).all(axis=-1)


def test_the_outline_is_the_outer_row_of_pixels_of_each_nucleus():
    drawn = is_colour(draw_overlay(GROUND, two_squares(), outline_px=1))
    expected = np.zeros((60, 80), bool)
    for left in (20, 40):
        expected[20:40, left : left + 20] = True
        expected[21:39, left + 1 : left + 19] = False
    assert (drawn == expected).all()


def test_a_thicker_outline_grows_inwards_only():
    drawn = is_colour(draw_overlay(GROUND, two_squares(), outline_px=3))
    assert not drawn[two_squares() == 0].any()
    assert drawn[30, 20:23].all()
    assert not drawn[30, 23:37].any()
    assert drawn[30, 37:43].all()


def test_the_halo_darkens_one_pixel_around_and_can_be_left_out():
    labels = two_squares()
    with_halo = draw_overlay(GROUND, labels, outline_px=1)
    assert (with_halo[30, 19] < 150).all()
    assert (with_halo[19, 19] < 150).all()
    assert (with_halo[30, 18] == 200).all()
    assert (with_halo[30, 30] == 200).all()
    assert (draw_overlay(GROUND, labels, outline_px=1, halo=False)[labels == 0] == 200).all()


def test_opacity_tints_the_inside():
    drawn = draw_overlay(GROUND, two_squares(), opacity=0.5, outline_px=1)
    assert drawn[30, 30].tolist() == [143, 190, 216]
    assert (drawn[5, 5] == 200).all()


def test_the_picture_itself_is_not_changed_and_without_nuclei_comes_back_as_it_was():
    before = GROUND.copy()
    draw_overlay(GROUND, two_squares())
    assert (before == GROUND).all()
    assert (draw_overlay(GROUND, np.zeros((60, 80), np.int32)) == GROUND).all()


def test_a_nucleus_cut_by_the_edge_is_closed_there():
    labels = np.zeros((60, 80), np.int32)
    labels[0:20, 70:80] = 1
    drawn = is_colour(draw_overlay(GROUND, labels, outline_px=1))
    assert drawn[0, 70:80].all()
    assert drawn[0:20, 79].all()


def test_overlays_do_not_depend_on_how_the_picture_is_cut_into_bands(monkeypatch):
    rgb, labels = draw_stained(3, height=200, width=240, nuclei=8)
    whole, mask = draw_overlay(rgb, labels, outline_px=3), colour_mask(labels)
    monkeypatch.setattr("segmentation.overlays._BAND_PIXELS", 240 * 7)
    assert (draw_overlay(rgb, labels, outline_px=3) == whole).all()
    assert (colour_mask(labels) == mask).all()


def test_larger_nuclei_get_thicker_lines():
    def painted(side: int) -> int:
        labels = np.zeros((300, 300), np.int32)
        labels[20 : 20 + side, 20 : 20 + side] = 1
        return int(is_colour(draw_overlay(np.zeros((300, 300, 3), np.uint8), labels))[20 + side // 2].sum())

    assert [painted(side) for side in (10, 40, 250)] == [2, 4, 8]


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_touching_nuclei_have_different_colours(seed):
    labels = draw_fluorescence(seed, height=200, width=200, nuclei=60, radius_px=9, touching=0.9)[1]
    mask = colour_mask(labels)
    for one, other in ((np.s_[:, :-1], np.s_[:, 1:]), (np.s_[:-1], np.s_[1:])):
        meet = (labels[one] != labels[other]) & (labels[one] > 0) & (labels[other] > 0)
        assert meet.any()
        assert (mask[one] != mask[other]).any(axis=-1)[meet].all()


def test_the_mask_is_black_outside_and_one_colour_a_nucleus():
    labels = draw_fluorescence(4, height=150, width=150, nuclei=12)[1]
    mask = colour_mask(labels)
    assert (mask[labels == 0] == 0).all()
    for number in range(1, labels.max() + 1):
        colours = np.unique(mask[labels == number], axis=0)
        assert len(colours) == 1
        assert (colours[0] == PALETTE).all(axis=1).any()
    assert (colour_mask(labels) == mask).all()


def test_the_mask_of_nothing_is_black():
    assert not colour_mask(np.zeros((10, 12), np.int32)).any()
