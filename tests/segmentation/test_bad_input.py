"""Odd pictures and broken data: a right answer, or an error that says what is wrong."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from segmentation.bundle import find_bundle, load_spec
from segmentation.dataset import load_samples
from segmentation.errors import DataError, PictureRefused
from segmentation.images import decode
from segmentation.measurements import measure
from segmentation.outlines import outlines
from segmentation.overlays import colour_mask, draw_overlay
from segmentation.predictor import Predictor, load_predictor
from segmentation.quality import assess
from segmentation.stain_reference import read_reference
from segmentation.synthetic import draw_fluorescence
from tests import drawn
from tests.segmentation import pictures


@pytest.fixture(scope="module")
def predictor() -> Predictor:
    return load_predictor(find_bundle())


def codes(rgb: np.ndarray, labels: np.ndarray) -> list[str]:
    return [flag.code for flag in assess(rgb, labels, read_reference(find_bundle()))[1]]


@pytest.mark.parametrize("level", [0, 255], ids=["all black", "all white"])
def test_a_picture_of_one_colour_has_no_nucleus_and_says_it_is_empty(
    predictor: Predictor, level: int
) -> None:
    rgb = np.full((64, 80, 3), level, np.uint8)
    labels = predictor.segment(rgb)
    assert not labels.any() and codes(rgb, labels) == ["quality_empty"]
    assert measure(labels, rgb)["area"].size == 0 and outlines(labels) == []
    assert draw_overlay(rgb, labels).shape == rgb.shape == colour_mask(labels).shape


def test_one_nucleus_that_fills_the_frame_is_measured(predictor: Predictor) -> None:
    rgb = np.zeros((128, 128, 3), np.uint8)
    cv2.circle(rgb, (64, 64), 60, (180, 180, 180), -1)
    rgb = cv2.GaussianBlur(rgb, (0, 0), 2)
    found = predictor.segment(rgb)
    assert found.shape == (128, 128)
    assess(rgb, found)
    whole = np.ones((128, 128), np.int32)
    columns = measure(whole, rgb)
    assert columns["area"].tolist() == [128 * 128] and columns["touches_edge"].all()
    assert len(outlines(whole)) == 1
    assert codes(rgb, whole) == [] or "quality_too_large" in codes(rgb, whole)


def test_one_pixel_is_refused_and_a_long_strip_is_not(predictor: Predictor) -> None:
    with pytest.raises(PictureRefused) as caught:
        decode(drawn.encoded(np.zeros((1, 1, 3), np.uint8)))
    assert caught.value.code == "too_small"
    strip, _ = draw_fluorescence(2, 32, 4000, nuclei=60, radius_px=6)
    rgb = decode(drawn.encoded(np.ascontiguousarray(strip[7:24]))).rgb
    assert rgb.shape == (17, 4000, 3)
    labels = predictor.segment(rgb)
    assert labels.shape == (17, 4000) and labels.max() > 5
    assert measure(labels, rgb)["area"].size == labels.max()
    assess(rgb, labels)


def test_a_float_tiff_with_nan_is_read_where_it_has_numbers(predictor: Predictor) -> None:
    rgb, truth = draw_fluorescence(3, 96, 96, nuclei=8, radius_px=9)
    values = rgb[..., 0].astype(np.float32) / 255
    values[:4, :4] = np.nan
    read = decode(pictures.tiff(values)).rgb
    assert read.dtype == np.uint8 and read.shape == (96, 96, 3)
    assert abs(int(predictor.segment(read).max()) - int(truth.max())) <= 2


def written(root: Path, **files: bytes) -> None:
    for name, content in files.items():
        folder, _, stem = name.partition("__")
        (root / folder).mkdir(exist_ok=True, parents=True)
        (root / folder / f"{stem}.png").write_bytes(content)


def test_labels_of_another_size_name_the_picture(tmp_path: Path) -> None:
    written(tmp_path, images__a=drawn.picture(1), labels__a=drawn.encoded(np.ones((9, 9), np.uint16)))
    with pytest.raises(DataError) as caught:
        load_samples(tmp_path / "images", tmp_path / "labels")
    assert caught.value.code == "data_shape" and "a" in caught.value.sentence("es")


def test_a_label_file_that_is_missing_is_named(tmp_path: Path) -> None:
    written(
        tmp_path, images__a=drawn.picture(1), images__b=drawn.picture(2), labels__a=drawn.label_picture(1)
    )
    with pytest.raises(DataError) as caught:
        load_samples(tmp_path / "images", tmp_path / "labels", names=["a", "b"])
    assert caught.value.code == "data_incomplete" and caught.value.params["names"] == "b"


def test_the_shipped_bundle_knows_what_it_was_trained_on() -> None:
    reference = read_reference(find_bundle())
    assert reference is not None and load_spec(find_bundle()).name == find_bundle().name
    low, high = reference.diameter_px
    assert 5 < low < 20 < high and len(reference.points) > 10
