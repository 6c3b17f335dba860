"""Label pictures keep every number, whatever their count and whoever wrote them."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from segmentation.errors import DataError
from segmentation.images import read_labels, write_labels
from tests.segmentation import pictures

FIELD = pictures.field()
GREY = FIELD[..., 1]


def test_labels_come_back_as_they_went(tmp_path):
    labels = np.arange(30 * 40, dtype=np.int32).reshape(30, 40)
    path = write_labels(tmp_path / "a.b_labels", labels)
    assert path.name == "a.b_labels.png"
    assert (read_labels(path) == labels).all()
    assert read_labels(path).dtype == np.int32


def test_above_65535_nuclei_labels_become_a_32_bit_tiff(tmp_path):
    labels = np.arange(300 * 300, dtype=np.int32).reshape(300, 300)
    path = write_labels(tmp_path / "many.png", labels)
    assert path.name == "many.tif"
    assert (read_labels(path) == labels).all()


def test_the_same_labels_give_the_same_bytes(tmp_path):
    for highest in (9, 70_000):
        labels = np.zeros((20, 20), np.int32)
        labels[3:9, 3:9] = highest
        first, second = (write_labels(tmp_path / f"{highest}_{turn}", labels).read_bytes() for turn in "ab")
        assert first == second


def test_labels_of_other_programs_are_read(tmp_path):
    values = (GREY // 64).astype(np.uint8)
    ways = {
        "grey.png": pictures.saved(Image.fromarray(values), "PNG"),
        "rgb.png": pictures.saved(Image.fromarray(np.dstack([values] * 3)), "PNG"),
        "lzw.tif": pictures.saved(Image.fromarray(values), "TIFF", compression="tiff_lzw"),
        "deep.tif": pictures.tiff(values.astype(np.uint32), compression="zlib"),
    }
    for name, data in ways.items():
        (tmp_path / name).write_bytes(data)
        assert (read_labels(tmp_path / name) == values).all(), name


def test_what_is_no_label_picture_is_refused_by_name(tmp_path):
    (tmp_path / "photo.png").write_bytes(pictures.saved(Image.fromarray(FIELD), "PNG"))
    (tmp_path / "text.png").write_bytes(pictures.TEXT)
    for name in ("photo.png", "text.png", "missing.png"):
        with pytest.raises(DataError, match=name):
            read_labels(tmp_path / name)


@pytest.mark.parametrize("labels", [np.full((4, 4), -1), np.zeros((4, 4)), np.zeros((4, 4, 3), np.int32)])
def test_what_is_no_label_array_is_not_written(tmp_path, labels):
    with pytest.raises(ValueError, match="labels"):
        write_labels(tmp_path / "x", labels)
