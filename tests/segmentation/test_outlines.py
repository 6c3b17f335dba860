"""Outlines run along the borders of pixels, in order of id, and enclose what they should."""

from __future__ import annotations

import time

import cv2
import numpy as np
import pytest

from segmentation.measurements import measure
from segmentation.outlines import outlines
from segmentation.synthetic import draw_fluorescence, draw_stained


def area(polygon: np.ndarray) -> float:
    """Of a polygon of corners; positive when it goes clockwise on the screen."""
    x, y = polygon.astype(float).T
    return float((x * np.roll(y, -1) - np.roll(x, -1) * y).sum() / 2)


def filled(polygon: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """The pixels whose centre a polygon of corners encloses: drawn eight times larger, then sampled."""
    large = np.zeros((shape[0] * 8, shape[1] * 8), np.uint8)
    cv2.fillPoly(large, [polygon * 8], 1)
    return large[4::8, 4::8] > 0


def test_a_rectangle_has_its_four_corners():
    labels = np.zeros((20, 30), np.int32)
    labels[4:9, 7:19] = 1
    (polygon,) = outlines(labels)
    assert polygon.tolist() == [[7, 4], [19, 4], [19, 9], [7, 9]]
    assert polygon.dtype == np.int32


def test_a_single_pixel_has_an_outline_too():
    labels = np.zeros((5, 5), np.int32)
    labels[2, 3] = 1
    assert outlines(labels)[0].tolist() == [[3, 2], [4, 2], [4, 3], [3, 3]]


def test_without_tolerance_the_polygon_encloses_exactly_the_pixels():
    labels = draw_fluorescence(1, height=160, width=200, nuclei=14)[1]
    polygons = outlines(labels, tolerance_px=0)
    for number, polygon in enumerate(polygons, start=1):
        inside = labels == number
        holes_filled = cv2.drawContours(
            np.zeros(labels.shape, np.uint8),
            cv2.findContours(inside.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)[0],
            -1, 1, cv2.FILLED,
        )  # fmt: skip
        assert (filled(polygon, labels.shape) == (holes_filled > 0)).all()
        assert area(polygon) == holes_filled.sum()


@pytest.mark.parametrize("seed", [1, 2])
def test_simplified_outlines_have_few_corners_and_nearly_the_area(seed):
    labels = draw_stained(seed, height=300, width=300, nuclei=10)[1]
    exact, simple = outlines(labels, tolerance_px=0), outlines(labels)
    assert sum(map(len, simple)) < 0.5 * sum(map(len, exact))
    for before, after in zip(exact, simple, strict=True):
        assert area(after) == pytest.approx(area(before), rel=0.05)


def test_outlines_come_in_order_of_id_beside_the_rows_of_the_measurements():
    labels = np.zeros((40, 40), np.int32)
    labels[30:38, 2:10], labels[2:10, 30:38], labels[15:20, 15:20] = 2, 5, 9
    polygons = outlines(labels)
    columns = measure(labels, np.zeros((40, 40, 3), np.uint8))
    assert len(polygons) == len(columns["id"]) == 3
    for polygon, x, y in zip(polygons, columns["x"], columns["y"], strict=True):
        assert polygon.mean(axis=0) == pytest.approx([x + 0.5, y + 0.5])  # corners, not centres of pixels


def test_touching_nuclei_share_their_border():
    labels = np.zeros((20, 30), np.int32)
    labels[5:15, 5:15], labels[5:15, 15:25] = 1, 2
    left, right = outlines(labels)
    assert left[:, 0].max() == right[:, 0].min() == 15


def test_of_two_parts_the_larger_is_outlined_and_holes_are_not():
    labels = np.zeros((30, 30), np.int32)
    labels[2:5, 2:5] = labels[10:20, 10:20] = 1
    labels[13:16, 13:16] = 0
    (polygon,) = outlines(labels)
    assert area(polygon) == 100


def test_a_nucleus_at_the_edge_is_closed_there():
    labels = np.zeros((10, 10), np.int32)
    labels[:4, 6:] = 1
    assert outlines(labels)[0].tolist() == [[6, 0], [10, 0], [10, 4], [6, 4]]


def test_no_nuclei_no_outlines():
    assert outlines(np.zeros((8, 8), np.int32)) == []


def test_five_thousand_outlines_take_less_than_three_seconds():
    y, x = np.mgrid[:1024, :1024]
    labels = ((y // 14) * 73 + x // 14 + 1).astype(np.int32)
    labels[((y % 14 - 6) ** 2 + (x % 14 - 6) ** 2) > 36] = 0
    began = time.perf_counter()
    assert len(outlines(labels)) > 5000
    assert time.perf_counter() - began < 3
