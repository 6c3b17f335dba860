"""COCO's polygons and run lengths become instances; what cannot be is refused with its reason."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from segmentation.coco import CocoPicture, decode_runs, draw_objects, read_coco
from segmentation.errors import DataError

SHAPE = (6, 8)


def square(top: int, left: int, side: int) -> dict[str, Any]:
    bottom, right = top + side, left + side
    return {"id": 1, "segmentation": [[left, top, right, top, right, bottom, left, bottom]]}


def runs(mask: np.ndarray) -> list[int]:
    flat = np.concatenate([[False], mask.ravel(order="F")])
    changes = np.flatnonzero(np.diff(flat))
    return np.diff(np.concatenate([[0], changes, [mask.size]])).tolist()


def packed(counts: list[int]) -> str:
    """As COCO's own code packs run lengths."""
    text = ""
    for place, count in enumerate(counts):
        value = count - counts[place - 2] if place > 2 else count
        more = True
        while more:
            bits = value & 0x1F
            value >>= 5
            more = value != -1 if bits & 0x10 else value != 0
            text += chr((bits | (0x20 if more else 0)) + 48)
    return text


def drawn(*objects: dict[str, Any], shape: tuple[int, int] | None = None) -> Any:
    return draw_objects(CocoPicture("a.png", shape, objects), SHAPE)


def test_a_polygon_covers_the_pixels_whose_centre_lies_inside() -> None:
    labels = drawn(square(1, 2, 3)).labels
    expected = np.zeros(SHAPE, np.int32)
    expected[1:4, 2:5] = 1
    np.testing.assert_array_equal(labels, expected)
    assert labels.dtype == np.int32


@pytest.mark.parametrize("seed", range(5))
def test_runs_are_read_plain_and_packed(seed: int) -> None:
    generator = np.random.default_rng(seed)
    mask = generator.random((37, 53)) < 0.4
    mask[:, 10:20] = True  # long runs take more than one character
    counts = runs(mask)
    np.testing.assert_array_equal(decode_runs(counts, mask.shape), mask)
    np.testing.assert_array_equal(decode_runs(packed(counts), mask.shape), mask)
    np.testing.assert_array_equal(decode_runs(packed(counts).encode(), mask.shape), mask)
    size = list(mask.shape)
    picture = CocoPicture("a", None, ({"segmentation": {"size": size, "counts": packed(counts)}},))
    np.testing.assert_array_equal(draw_objects(picture, mask.shape).labels, mask)


def test_a_crowd_is_left_out_and_counted() -> None:
    crowd = {"iscrowd": 1, "segmentation": {"size": list(SHAPE), "counts": [0, 48]}}
    found = drawn(crowd, square(0, 0, 2))
    assert found.crowds == 1 and found.labels.max() == 1 and found.labels.sum() == 4


def test_where_two_lie_over_each_other_the_smaller_one_stays_whole_and_it_is_told() -> None:
    found = drawn(square(1, 1, 2), square(0, 0, 5))
    assert (found.shared_pixels, found.hidden) == (4, 0)
    assert np.bincount(found.labels.ravel()).tolist() == [48 - 25, 4, 21]
    again = drawn(square(0, 0, 5), square(1, 1, 2))
    assert np.bincount(again.labels.ravel()).tolist() == [48 - 25, 21, 4]
    twice = drawn(square(0, 0, 3), square(0, 0, 3))
    assert (twice.hidden, twice.labels.max()) == (1, 1)


def test_parts_of_one_object_are_one_instance_and_beyond_the_edge_is_cut() -> None:
    two = {"segmentation": [*square(0, 0, 2)["segmentation"], *square(3, 5, 30)["segmentation"]]}
    labels = drawn(two).labels
    assert labels.max() == 1 and labels.sum() == 4 + 3 * 3


@pytest.mark.parametrize(
    "segmentation",
    [
        None,
        "abc",
        [[1, 2, 3, 4]],
        [[1, 2, 3, 4, 5, float("nan")]],
        [["a", 1, 2, 3, 4, 5]],
        {"size": [6, 8]},
        {"size": [6, 8], "counts": [1, 2]},
        {"size": [6, 8], "counts": [-1, 49]},
        {"size": [6, 8], "counts": "~~~"},
        {"size": [6, 8], "counts": "oooooooooooooooooooooooo"},
        {"size": [60000, 80000], "counts": [0, 4800000000]},
    ],
)
def test_an_outline_that_cannot_be_is_refused(segmentation: Any) -> None:
    with pytest.raises(DataError) as caught:
        drawn({"id": 7, "segmentation": segmentation})
    assert caught.value.code == "coco_invalid" and "id 7" in caught.value.sentence("es")


def test_labels_of_another_size_are_refused() -> None:
    with pytest.raises(DataError) as caught:
        drawn(square(0, 0, 2), shape=(60, 80))
    assert caught.value.code == "mask_size"


def coco(**changes: Any) -> bytes:
    values = {
        "images": [{"id": 4, "file_name": "a.png", "height": 6, "width": 8}, {"id": 5, "file_name": "b.png"}],
        "annotations": [{"image_id": 4, **square(0, 0, 2)}],
    }
    return json.dumps(values | changes).encode()


def test_objects_belong_to_their_picture() -> None:
    first, second = read_coco(coco(), "instances.json")
    assert (first.file_name, first.shape, len(first.objects)) == ("a.png", (6, 8), 1)
    assert (second.shape, second.objects) == (None, ())


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"{",
        b'{"images": 3, "annotations": []}',
        coco(annotations=[{"image_id": 99}]),
        coco(annotations=[{"id": 1}]),
        coco(annotations=[3]),
        coco(images=[{"id": 4}], annotations=[]),
        coco(images=[{"id": 4, "file_name": "a"}, {"id": 4, "file_name": "b"}]),
        coco(images=[{"id": 4, "file_name": "a", "height": "tall", "width": 3}]),
        b"[" * 100_000,
    ],
)
def test_a_file_that_is_no_coco_is_refused(content: bytes) -> None:
    with pytest.raises(DataError) as caught:
        read_coco(content, "x.json")
    assert caught.value.code == "coco_invalid" and "x.json" in str(caught.value)
