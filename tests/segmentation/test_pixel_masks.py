"""Masks by pixel filtering on drawn fields with known truth, and on pictures that hold nothing."""

import cv2
import numpy as np
import pytest

from segmentation.instances import without_small
from segmentation.metrics import compare
from segmentation.pixel_masks import PixelMaskSettings, draw_masks, fill_contours, four_panels, part, stages
from segmentation.synthetic import draw_fluorescence, draw_stained


def grey(value: np.ndarray) -> np.ndarray:
    return np.repeat(value.astype(np.uint8)[..., None], 3, axis=2)


@pytest.mark.parametrize("draw", [draw_fluorescence, draw_stained])
def test_most_nuclei_of_a_drawn_field_are_found(draw) -> None:
    rgb, truth = draw(seed=3, height=300, width=400)
    labels = draw_masks(rgb)
    assert labels.dtype == np.int32 and labels.shape == truth.shape
    figures = compare(truth, labels)
    assert figures["dice"] > 0.8 and figures["f1_50"] > 0.55  # lobes are parted too


def test_the_same_picture_gives_the_same_mask_numbered_without_gaps() -> None:
    rgb, _ = draw_fluorescence(seed=5, height=200, width=200, nuclei=12)
    labels = draw_masks(rgb)
    assert (labels == draw_masks(rgb.copy())).all()
    assert np.unique(labels).tolist() == list(range(labels.max() + 1))


@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (17, 4000), (64, 64)])
@pytest.mark.parametrize("level", [0, 128, 255])
def test_an_even_picture_of_any_shape_holds_nothing(shape: tuple[int, int], level: int) -> None:
    labels = draw_masks(np.full((*shape, 3), level, np.uint8))
    assert labels.shape == shape and labels.dtype == np.int32 and not labels.any()


def test_one_nucleus_that_fills_the_frame_is_one_bright_or_dark() -> None:
    y, x = np.ogrid[:120, :120]
    disc = np.hypot(y - 60, x - 60) < 56
    for inside, outside, kind in ((200, 10, None), (60, 235, "grayscale-brightfield")):
        labels = draw_masks(grey(np.where(disc, inside, outside)), PixelMaskSettings(kind=kind))
        assert labels.max() == 1 and compare(disc.astype(int), labels)["iou"] > 0.85


def test_a_small_nucleus_and_a_large_one_are_found_at_their_own_zoom() -> None:
    for radius in (5, 18, 60):
        side = 8 * radius
        y, x = np.ogrid[:side, :side]
        disc = np.hypot(y - side / 2, x - side / 2) < radius
        labels = draw_masks(grey(cv2.GaussianBlur(np.where(disc, 190.0, 12.0), (0, 0), 1.0)))
        assert labels.max() == 1 and compare(disc.astype(int), labels)["iou"] > 0.8


def test_touching_nuclei_are_parted_and_no_pixel_is_lost_between_them() -> None:
    y, x = np.ogrid[:60, :90]
    mask = (np.hypot(y - 30, x - 28) < 18) | (np.hypot(y - 30, x - 60) < 18)
    labels = part(np.where(mask, np.uint8(255), np.uint8(0)), depth_px=2.5)
    assert labels.max() == 2 and ((labels > 0) == mask).all()
    assert labels[30, 20] != labels[30, 70]


def test_holes_are_filled_but_not_the_room_inside_a_ring_of_nuclei() -> None:
    mask = np.zeros((80, 80), np.uint8)
    cv2.circle(mask, (40, 40), 30, 255, 6)
    cv2.circle(mask, (10, 10), 7, 255, 3)
    filled = fill_contours(mask, 200.0)
    assert filled[10, 10] == 255 and filled[40, 40] == 0


def test_dark_nuclei_in_paler_cytoplasm_are_told_from_it() -> None:
    field = np.full((300, 300), 235.0)
    truth = np.zeros((300, 300), np.uint8)
    for number, (x, y) in enumerate([(70, 80), (200, 90), (120, 210), (235, 230)]):
        cv2.circle(field, (x, y), 40, 185, cv2.FILLED)
        cv2.circle(field, (x, y), 9, 90, cv2.FILLED)
        cv2.circle(truth, (x, y), 9, number + 1, cv2.FILLED)
    labels = draw_masks(grey(cv2.GaussianBlur(field, (0, 0), 1.0)))
    assert compare(truth, labels)["f1_50"] == 1.0


def test_the_stages_and_the_four_panels_show_what_was_done() -> None:
    rgb, _ = draw_fluorescence(seed=2, height=100, width=140, nuclei=8)
    steps = stages(rgb)
    assert set(np.unique(steps.mask)) == {0, 255} and steps.mask.shape == steps.signal.shape
    panels = four_panels(rgb)
    assert all(panel.shape == rgb.shape and panel.dtype == np.uint8 for panel in panels)
    assert (panels[0] == rgb).all() and (panels[2].any(axis=2) == (draw_masks(rgb) > 0)).all()


def test_a_given_size_and_kind_are_used_and_specks_are_dropped() -> None:
    rgb, truth = draw_stained(seed=4, height=240, width=320, nuclei=6)
    labels = draw_masks(rgb, PixelMaskSettings(kind="purple-on-white", nucleus_px=50.0))
    smallest = PixelMaskSettings().smallest_area * np.pi * 50**2 / 4
    assert (labels == without_small(labels, int(smallest) - 1)).all()
    assert compare(truth, labels)["dice"] > 0.8
