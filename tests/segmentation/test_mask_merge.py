from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from segmentation.errors import DataError
from segmentation.mask_merge import instances, merge_masks, open_labels, open_masks
from tests import drawn


def put(path: Path, pixels: np.ndarray, **options: object) -> Path:
    Image.fromarray(pixels).save(path, **options)  # type: ignore[arg-type]
    return path


def test_masks_of_a_nucleus_each_become_the_labels_they_were_made_of(tmp_path: Path) -> None:
    truth = drawn.field(1)[1]
    files = []
    for number, content in enumerate(drawn.masks(1)):
        path = tmp_path / f"{number}.png"
        path.write_bytes(content)
        files.append((path.name, path))
    np.testing.assert_array_equal(open_masks(files, truth.shape), truth)


def test_overlapping_nuclei_are_counted_by_pixel() -> None:
    one, two, three = (np.zeros((4, 4), bool) for _ in range(3))
    one[:2], two[1:3], three[1:2, :2] = True, True, True
    with pytest.raises(DataError) as caught:
        merge_masks([("1", one), ("2", two), ("3", three)], (4, 4))
    assert (caught.value.code, caught.value.params) == ("masks_overlap", {"pixels": 4})


def test_an_empty_mask_and_one_of_another_size_are_named() -> None:
    with pytest.raises(DataError) as empty:
        merge_masks([("n3.png", np.zeros((4, 4), bool))], (4, 4))
    assert (empty.value.code, empty.value.params["name"]) == ("mask_empty", "n3.png")
    with pytest.raises(DataError) as size:
        merge_masks([("n3.png", np.ones((4, 5), bool))], (4, 4))
    assert (size.value.code, size.value.params["mask"]) == ("mask_size", "5 × 4")


def test_no_mask_is_an_empty_picture() -> None:
    assert merge_masks([], (3, 5)).tolist() == np.zeros((3, 5), int).tolist()


@pytest.mark.parametrize("high", [1, 255])
@pytest.mark.parametrize("mode", ["L", "1", "P", "RGB", "RGBA", "I;16"])
def test_a_binary_mask_reads_alike_however_it_is_saved(tmp_path: Path, mode: str, high: int) -> None:
    inside = np.zeros((6, 6), np.uint8)
    inside[1:3, 2:5] = high
    image = Image.fromarray(inside.astype(np.uint16)) if mode == "I;16" else Image.fromarray(inside)
    if mode == "1":
        image = image.point(lambda value: 255 * (value > 0), "1")
    elif mode != "I;16":
        image = image.convert(mode)
    image.save(tmp_path / "m.png")
    labels = open_masks([("m.png", tmp_path / "m.png")], (6, 6))
    np.testing.assert_array_equal(labels, inside > 0)


def test_a_file_that_is_no_mask_is_refused(tmp_path: Path) -> None:
    for content in (b"", b"text", drawn.masks(1)[0][:-30]):
        (tmp_path / "m.png").write_bytes(content)
        with pytest.raises(DataError) as caught:
            open_masks([("m.png", tmp_path / "m.png")], (drawn.SIDE, drawn.SIDE))
        assert caught.value.code == "mask_unreadable"


def test_numbers_with_gaps_are_closed_and_nuclei_kept_apart() -> None:
    values = np.array([[0, 7, 7], [900, 0, 3]], np.int32)
    assert instances(values).tolist() == [[0, 2, 2], [3, 0, 1]]
    assert instances(np.array([[2, 0, 1]], np.int32)).tolist() == [[2, 0, 1]]


def test_a_mask_of_foreground_only_falls_into_its_pieces() -> None:
    values = np.zeros((5, 9), np.int32)
    values[1:3, 1:3] = values[3:5, 6:8] = 255
    labels = instances(values)
    assert labels.max() == 2
    np.testing.assert_array_equal(labels > 0, values > 0)


def test_labels_of_another_size_are_refused_before_they_are_read(tmp_path: Path) -> None:
    path = put(tmp_path / "a.png", np.zeros((6, 8), np.uint16))
    content = path.read_bytes()
    path.write_bytes(content[: content.index(b"IDAT") + 6])  # a header without pixels
    with pytest.raises(DataError) as caught:
        open_labels(path, (6, 9))
    assert (caught.value.code, caught.value.params["mask"]) == ("mask_size", "8 × 6")


def test_labels_of_every_kept_format_are_read(tmp_path: Path) -> None:
    truth = drawn.field(2)[1].astype(np.uint16)
    for ending in ("png", "tif"):
        path = put(tmp_path / f"a.{ending}", truth)
        np.testing.assert_array_equal(open_labels(path, truth.shape), truth)


def test_labels_that_jpeg_has_altered_are_refused(tmp_path: Path) -> None:
    path = put(tmp_path / "a.png", drawn.field(2)[1].astype(np.uint8), format="JPEG")
    with pytest.raises(DataError) as caught:
        open_labels(path, (drawn.SIDE, drawn.SIDE))
    assert caught.value.code == "labels_lossy"


def test_what_is_no_picture_is_no_label_picture(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    for content in (b"", b"hello", b"\x89PNG broken", b"II*\x00 broken"):
        path.write_bytes(content)
        with pytest.raises(DataError) as caught:
            open_labels(path, (8, 8))
        assert caught.value.code == "labels_unreadable"
