"""COCO's JSON of objects (polygons and run lengths) -> labels HxW int32, one number a nucleus.

After the format that Lin et al. (2014) publish with COCO. A crowd (`iscrowd`) is no single nucleus and is
left out; where instances lie over each other the smaller one keeps the pixels, so that none is swallowed.
Both are counted and told. Nothing in the file is believed: sizes and run lengths must fit the picture.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from skimage.draw import polygon as fill

from segmentation.errors import DataError

MOST_BYTES = 512 * 1000**2
MOST_OBJECTS = 100_000


@dataclass(frozen=True)
class CocoPicture:
    """A picture of the file: its path as written, height and width where said, its objects as written."""

    file_name: str
    shape: tuple[int, int] | None
    objects: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True)
class CocoLabels:
    """labels HxW int32, 1..n; objects left out as crowds; pixels two claimed; objects hidden by others."""

    labels: np.ndarray
    crowds: int
    shared_pixels: int
    hidden: int


def read_coco(content: bytes, name: str) -> list[CocoPicture]:
    """The pictures of a COCO file, in the file's order. Raises DataError "coco_invalid"."""
    if len(content) > MOST_BYTES:
        raise _invalid(name, f"> {MOST_BYTES} bytes")
    try:
        found = json.loads(content)
        pictures, objects = found["images"], found["annotations"]
        owned: dict[Any, list[Mapping[str, Any]]] = defaultdict(list)
        for one in objects:
            owned[one["image_id"]].append(dict(one))
        known = [picture["id"] for picture in pictures]
        if len(set(known)) != len(known):
            raise ValueError("images: id")
        if lost := owned.keys() - set(known):
            raise ValueError(f"annotations: image_id {sorted(map(str, lost))[:3]}")
        return [
            CocoPicture(str(picture["file_name"]), _stated(picture), tuple(owned[picture["id"]]))
            for picture in pictures
        ]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise _invalid(name, error) from error


def draw_objects(picture: CocoPicture, shape: tuple[int, int]) -> CocoLabels:
    """The instances of a picture of this shape (height, width).

    Raises DataError "mask_size" where the file says another size, "coco_invalid" for an outline or run
    lengths that cannot be. An object without a pixel is left out.
    """
    name = picture.file_name
    if picture.shape is not None and picture.shape != shape:
        raise DataError("mask_size", name=name, mask=_size(picture.shape), picture=_size(shape))
    if len(picture.objects) > MOST_OBJECTS:
        raise _invalid(name, f"{len(picture.objects)} annotations")
    crowds, drawn = 0, []
    for one in picture.objects:
        if one.get("iscrowd"):
            crowds += 1
            continue
        try:
            rows, columns = _pixels(one.get("segmentation"), shape)
        except (ValueError, TypeError, KeyError, OverflowError) as error:
            raise _invalid(name, f"id {one.get('id')}: {error}") from error
        if rows.size:
            drawn.append((rows, columns))
    labels = np.zeros(shape, np.int32)
    claims = np.zeros(shape, np.uint8)
    order = sorted(range(len(drawn)), key=lambda place: -drawn[place][0].size)
    for place in order:
        labels[drawn[place]] = place + 1
        claims[drawn[place]] += claims[drawn[place]] < 2
    numbers = np.unique(labels)
    numbers = numbers[numbers > 0]
    renumbered = np.zeros(len(drawn) + 1, np.int32)
    renumbered[numbers] = np.arange(1, numbers.size + 1)
    return CocoLabels(
        renumbered[labels], crowds, int(np.count_nonzero(claims > 1)), len(drawn) - numbers.size
    )


def decode_runs(counts: str | bytes | list[int], shape: tuple[int, int]) -> np.ndarray:
    """Run lengths, column by column, beginning with the background -> HxW bool.

    As a list of numbers, or as COCO packs them into text: 5 bits a character from "0" on, the sixth says that
    more follow, and from the third run on the difference to the run before last. Raises ValueError.
    """
    runs = _unpacked(counts) if isinstance(counts, (str, bytes)) else [int(count) for count in counts]
    if any(run < 0 for run in runs) or sum(runs) != shape[0] * shape[1]:
        raise ValueError(f"counts: {sum(runs)}, {shape[1]} × {shape[0]}")
    values = np.arange(len(runs)) % 2 == 1
    flat = np.repeat(values, runs)
    return flat.reshape(shape, order="F")


def _unpacked(packed: str | bytes) -> list[int]:
    text = packed.encode("ascii") if isinstance(packed, str) else packed
    runs: list[int] = []
    value = shift = 0
    for character in text:
        bits = character - 48
        if not 0 <= bits < 64 or shift > 60:
            raise ValueError("counts")
        value |= (bits & 0x1F) << shift
        shift += 5
        if bits & 0x20:
            continue
        if bits & 0x10:
            value -= 1 << shift
        runs.append(value + (runs[-2] if len(runs) > 2 else 0))
        value = shift = 0
    if shift:
        raise ValueError("counts")
    return runs


def _pixels(segmentation: Any, shape: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Rows and columns of an object's pixels: those whose centre lies inside."""
    if isinstance(segmentation, Mapping):
        size = tuple(int(side) for side in segmentation["size"])
        if size != shape:
            raise ValueError(f"size {_size(size)}, {_size(shape)}")
        rows, columns = np.nonzero(decode_runs(segmentation["counts"], shape))
        return rows, columns
    if not isinstance(segmentation, list):
        raise ValueError("segmentation")
    pieces = []
    for outline in segmentation:
        corners = np.asarray(outline, np.float64)
        if corners.ndim != 1 or corners.size < 6 or corners.size % 2 or not np.isfinite(corners).all():
            raise ValueError("segmentation")
        # a corner's coordinates count from the picture's edge, a pixel's centre lies half a pixel further
        x = np.clip(corners[0::2], 0, shape[1]) - 0.5
        y = np.clip(corners[1::2], 0, shape[0]) - 0.5
        rows, columns = fill(y, x, shape)
        pieces.append(rows * shape[1] + columns)
    flat = np.unique(np.concatenate(pieces)) if pieces else np.zeros(0, np.int64)
    return flat // shape[1], flat % shape[1]


def _stated(picture: Mapping[str, Any]) -> tuple[int, int] | None:
    if picture.get("height") is None or picture.get("width") is None:
        return None
    return int(picture["height"]), int(picture["width"])


def _size(shape: tuple[int, ...]) -> str:
    return " × ".join(str(side) for side in reversed(shape))


def _invalid(name: str, detail: object) -> DataError:
    return DataError("coco_invalid", name=name, detail=str(detail)[:200])
