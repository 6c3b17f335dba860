"""Drawn fields are the same each time, their truth is sound, and every nucleus can be seen."""

from __future__ import annotations

import time

import cv2
import numpy as np
import pytest

from segmentation.synthetic import draw_fluorescence, draw_stained

DRAWERS = [draw_fluorescence, draw_stained]


@pytest.mark.parametrize("draw", DRAWERS)
def test_the_same_seed_gives_the_same_field_and_another_seed_another(draw):
    first, again, other = (draw(seed, height=150, width=180, nuclei=8) for seed in (1, 1, 2))
    assert (first[0] == again[0]).all()
    assert (first[1] == again[1]).all()
    assert not (first[1] == other[1]).all()


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("draw", DRAWERS)
def test_the_labels_are_whole_numbers_without_gaps_each_in_one_piece(draw, seed):
    rgb, labels = draw(seed)
    assert (rgb.dtype, labels.dtype) == (np.uint8, np.int32)
    assert rgb.shape == (*labels.shape, 3) == (600, 800, 3)
    assert np.unique(labels).tolist() == list(range(labels.max() + 1))
    for number in range(1, labels.max() + 1):
        pieces = cv2.connectedComponents((labels == number).astype(np.uint8), connectivity=4)[0] - 1
        assert pieces == 1
        assert (labels == number).sum() >= 30


@pytest.mark.parametrize(("draw", "nuclei"), [(draw_fluorescence, 90), (draw_stained, 22)])
def test_the_field_holds_the_nuclei_that_were_asked_for(draw, nuclei):
    for seed in range(4):
        assert 0.85 * nuclei <= draw(seed)[1].max() <= nuclei


@pytest.mark.parametrize("draw", DRAWERS)
def test_some_nuclei_touch_and_some_are_cut_by_the_edge(draw):
    touching, cut = 0, 0
    for seed in range(4):
        labels = draw(seed)[1]
        for one, other in ((labels[:, :-1], labels[:, 1:]), (labels[:-1], labels[1:])):
            touching += len(np.unique(one[(one != other) & (one > 0) & (other > 0)]))
        cut += len(np.unique(np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]]))) - 1
    assert touching >= 4
    assert cut >= 2


def test_no_nucleus_touches_another_where_none_is_asked_to():
    labels = draw_fluorescence(5, touching=0.0)[1]
    grown = cv2.dilate(labels.astype(np.float32), np.ones((3, 3), np.uint8)).astype(int)
    assert ((labels == 0) | (grown == labels)).all()


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("draw", "sign"), [(draw_fluorescence, 1), (draw_stained, -1)])
def test_each_nucleus_stands_out_from_what_is_around_it(draw, sign, seed):
    rgb, labels = draw(seed)
    grey = rgb.astype(float).mean(axis=2)
    for number in range(1, labels.max() + 1):
        mask = (labels == number).astype(np.uint8)
        around = (cv2.dilate(mask, np.ones((13, 13), np.uint8)) > 0) & (labels == 0)
        assert sign * (grey[mask > 0].mean() - grey[around].mean()) > 15


def test_fluorescence_is_grey_light_on_a_dark_ground():
    rgb, labels = draw_fluorescence(1)
    assert (rgb[..., 0] == rgb[..., 1]).all()
    assert (rgb[..., 0] == rgb[..., 2]).all()
    assert np.median(rgb[labels == 0]) < 40
    assert rgb.max() > 180


def test_a_smear_has_purple_nuclei_pink_red_cells_and_a_bright_ground():
    rgb, labels = draw_stained(1)
    red, green, blue = (rgb[labels > 0].mean(axis=0)).tolist()
    assert blue > red > green
    hue = rgb.astype(int)
    pink = (labels == 0) & (hue[..., 0] - hue[..., 1] > 30) & (hue[..., 0] > 190)
    ground = (labels == 0) & (hue.min(axis=-1) > 200)
    assert 0.1 < pink.mean() < 0.6
    assert ground.mean() > 0.3


@pytest.mark.parametrize("draw", DRAWERS)
def test_a_field_may_be_empty_of_nuclei(draw):
    rgb, labels = draw(1, height=64, width=64, nuclei=0)
    assert rgb.shape == (64, 64, 3)
    assert not labels.any()


@pytest.mark.parametrize("draw", DRAWERS)
def test_a_tiny_field_is_drawn_fast_enough_for_tests(draw):
    draw(0, height=96, width=96, nuclei=5, radius_px=9)
    began = time.perf_counter()
    for seed in range(10):
        labels = draw(seed, height=96, width=96, nuclei=5, radius_px=9)[1]
        assert labels.max() >= 3
    assert (time.perf_counter() - began) / 10 < 0.2
