"""From maps to nuclei: what touches is parted, what is small is dropped, blocks leave no seam."""

import cv2
import numpy as np
import pytest

from segmentation import instances as module
from segmentation.instances import instances, without_small
from segmentation.metrics import compare
from segmentation.spec import Thresholds
from segmentation.targets import targets


def maps_of(labels: np.ndarray) -> np.ndarray:
    """The maps a perfect network would give."""
    return np.round(targets(labels) * 255).astype(np.uint8)


def grid_of_discs(height: int, width: int, pitch: int = 22, radius: int = 10) -> np.ndarray:
    """Discs that nearly touch, numbered in reading order, cut at the right and lower edge."""
    y, x = np.mgrid[:height, :width]
    cell = (y // pitch) * (width // pitch + 1) + x // pitch + 1
    inside = (y % pitch - pitch // 2) ** 2 + (x % pitch - pitch // 2) ** 2 <= radius**2
    return np.where(inside, cell, 0).astype(np.int32)


def test_perfect_maps_give_the_truth_back() -> None:
    truth = grid_of_discs(110, 132)
    found = instances(maps_of(truth), Thresholds())
    assert found.dtype == np.int32 and found.max() == len(np.unique(truth)) - 1
    assert compare(truth, found)["ap90"] == 1.0


def test_touching_nuclei_are_parted_and_no_pixel_is_lost_between_them() -> None:
    truth = np.zeros((30, 60), np.int32)
    truth[4:26, 4:30], truth[4:26, 30:56] = 1, 2
    found = instances(maps_of(truth), Thresholds())
    assert found.max() == 2
    assert ((found > 0) == (truth > 0)).all()
    assert compare(truth, found)["ap90"] == 1.0


def test_foreground_without_a_core_is_a_nucleus_of_its_own() -> None:
    maps = np.zeros((30, 30, 2), np.uint8)
    maps[5:15, 5:15, 0] = 255
    assert instances(maps, Thresholds()).max() == 1


def test_specks_are_dropped_and_small_holes_filled() -> None:
    truth = np.zeros((40, 40), np.int32)
    truth[5:25, 5:25] = 1
    maps = maps_of(truth)
    maps[14:16, 14:16, 0] = 0
    maps[35:37, 35:37] = 255
    found = instances(maps, Thresholds(minimum_area_px=15))
    assert found.max() == 1 and found[14, 14] == 1 and found[35, 35] == 0


@pytest.mark.parametrize("shape", [(1, 1), (16, 16), (3, 200)])
def test_an_empty_field_has_no_nuclei(shape: tuple[int, int]) -> None:
    found = instances(np.zeros((*shape, 2), np.uint8), Thresholds())
    assert found.shape == shape and not found.any()


def test_a_field_that_is_all_nucleus_is_one_nucleus() -> None:
    assert (instances(np.full((20, 30, 2), 255, np.uint8), Thresholds()) == 1).all()


def test_blocks_cut_no_nucleus_and_change_no_number(monkeypatch: pytest.MonkeyPatch) -> None:
    generator = np.random.default_rng(3)
    maps = maps_of(grid_of_discs(300, 310))
    noisy = np.clip(maps.astype(int) + generator.integers(-40, 41, maps.shape), 0, 255).astype(np.uint8)
    whole = instances(noisy, Thresholds())
    monkeypatch.setattr(module, "_BLOCK", 64)
    monkeypatch.setattr(module, "_MARGIN", 32)
    np.testing.assert_array_equal(instances(noisy, Thresholds()), whole)


def test_renumbering_keeps_order_and_leaves_no_gaps() -> None:
    labels = np.array([[9, 9, 9, 0, 4, 4, 4, 2]], np.int32)
    assert without_small(labels, 2).tolist() == [[2, 2, 2, 0, 1, 1, 1, 0]]


def test_a_core_that_bridges_two_lobes_makes_one_nucleus_and_no_pixel_of_the_gap() -> None:
    labels = np.zeros((60, 90), np.int32)
    cv2.circle(labels, (30, 30), 12, 1, -1)
    cv2.circle(labels, (60, 30), 12, 1, -1)
    maps = np.rint(targets(labels, join_lobes=True) * 255).astype(np.uint8)
    found = instances(maps, Thresholds(smoothing_px=0, join_lobes=True))
    assert found.max() == 1
    assert np.array_equal(found > 0, labels > 0)
    assert instances(maps, Thresholds(smoothing_px=0)).max() == 2


def test_what_is_small_beside_the_pictures_nuclei_is_dropped() -> None:
    labels = np.zeros((120, 160), np.int32)
    for n, (x, y, radius) in enumerate([(30, 40, 20), (90, 40, 18), (140, 90, 6)], start=1):
        cv2.circle(labels, (x, y), radius, n, -1)
    maps = np.rint(targets(labels) * 255).astype(np.uint8)
    assert instances(maps, Thresholds()).max() == 3
    assert instances(maps, Thresholds(minimum_relative_area=0.2)).max() == 2
    assert instances(np.zeros((30, 30, 2), np.uint8), Thresholds(minimum_relative_area=0.2)).max() == 0
