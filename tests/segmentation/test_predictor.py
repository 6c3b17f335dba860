"""The predictor runs the shipped network over pictures of any size, in tiles that leave no seam."""

from dataclasses import replace

import numpy as np
import pytest

from segmentation.bundle import find_bundle
from segmentation.metrics import compare
from segmentation.predictor import Predictor, load_predictor
from segmentation.spec import TileSpec
from segmentation.synthetic import draw_fluorescence


@pytest.fixture(scope="module")
def predictor() -> Predictor:
    return load_predictor(find_bundle())


def tiled(predictor: Predictor, size: int, overlap: int) -> Predictor:
    return Predictor(replace(predictor.spec, tile=TileSpec(size, overlap)), predictor.network)


def test_drawn_fluorescent_nuclei_are_found(predictor: Predictor) -> None:
    rgb, truth = draw_fluorescence(seed=5, height=256, width=320, nuclei=40)
    found = predictor.segment(rgb)
    assert found.shape == truth.shape and found.dtype == np.int32
    figures = compare(truth, found)
    assert figures["dice"] > 0.85 and figures["ap50"] > 0.6


def test_tiles_change_neither_maps_nor_count(predictor: Predictor) -> None:
    rgb, _ = draw_fluorescence(seed=6, height=300, width=420, nuclei=70)
    whole = tiled(predictor, 512, 96)
    small = tiled(predictor, 192, 96)
    difference = np.abs(whole.maps(rgb).astype(int) - small.maps(rgb).astype(int))
    assert difference.mean() < 2  # of 255 levels
    first, second = whole.segment(rgb), small.segment(rgb)
    assert abs(int(first.max()) - int(second.max())) <= 1
    assert compare(first, second)["ap50"] > 0.95


def test_progress_counts_every_tile_once(predictor: Predictor) -> None:
    seen: list[tuple[int, int]] = []
    rgb = np.zeros((100, 150, 3), np.uint8)
    tiled(predictor, 64, 16).maps(rgb, lambda done, total: seen.append((done, total)))
    assert [done for done, _ in seen] == list(range(1, seen[0][1] + 1))
    assert {total for _, total in seen} == {6}


@pytest.mark.parametrize("shape", [(16, 16), (17, 16), (33, 250)])
def test_an_empty_field_of_any_size_has_no_nuclei(predictor: Predictor, shape: tuple[int, int]) -> None:
    labels = predictor.segment(np.full((*shape, 3), 9, np.uint8))
    assert labels.shape == shape and not labels.any()


def test_the_same_picture_gives_the_same_labels(predictor: Predictor) -> None:
    rgb, _ = draw_fluorescence(seed=7, height=128, width=128, nuclei=12)
    np.testing.assert_array_equal(predictor.segment(rgb), predictor.segment(rgb))
