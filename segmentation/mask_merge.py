"""Masks as they come with data sets -> labels HxW int32, one number 1..n a nucleus.

Runs where untrusted files are opened: sizes are read from headers before pixels are decoded.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import tifffile
from PIL import Image
from scipy import ndimage

from segmentation import formats
from segmentation.errors import DataError
from segmentation.label_files import read_labels

_EIGHT_NEIGHBOURS = np.ones((3, 3), dtype=bool)
_MASK_FORMATS = ("PNG", "TIFF", "BMP", "JPEG", "WEBP")
_GREY_MODES = frozenset({"1", "L", "I", "F", "I;16", "I;16B"})
_LOSSY = frozenset({"jpeg", "webp"})


def merge_masks(masks: Iterable[tuple[str, np.ndarray]], shape: tuple[int, int]) -> np.ndarray:
    """One binary mask (HxW bool) a nucleus, each with its name -> labels HxW int32, in their order.

    Raises DataError "mask_size" (a mask that is not `shape`), "mask_empty" (one without a pixel) and
    "masks_overlap" with the number of pixels that two or more nuclei claim. No mask at all gives an empty
    picture.

    >>> left = np.array([[1, 1, 0]], bool); right = np.array([[0, 0, 1]], bool)
    >>> merge_masks([("a", left), ("b", right)], (1, 3)).tolist()
    [[1, 1, 2]]
    """
    labels = np.zeros(shape, np.int32)
    twice = np.zeros(shape, bool)
    for number, (name, inside) in enumerate(masks, start=1):
        if inside.shape != shape:
            raise DataError("mask_size", name=name, mask=_size(inside.shape), picture=_size(shape))
        rows = np.flatnonzero(inside.any(axis=1))
        if not rows.size:
            raise DataError("mask_empty", name=name)
        band = slice(rows[0], rows[-1] + 1)  # a nucleus is a small part of its picture
        twice[band] |= inside[band] & (labels[band] > 0)
        labels[band][inside[band]] = number
    if overlap := int(np.count_nonzero(twice)):
        raise DataError("masks_overlap", pixels=overlap)
    return labels


def instances(values: np.ndarray) -> np.ndarray:
    """Numbers of a label picture (HxW int >= 0) -> the same nuclei numbered 1..n, int32.

    A picture with a single number in several pieces is a mask of foreground and background, as many sets
    publish it: each piece that hangs together (8 neighbours) becomes a nucleus.
    """
    numbers = np.unique(values)
    numbers = numbers[numbers > 0]
    if numbers.size == 1:
        labels, _ = ndimage.label(values > 0, structure=_EIGHT_NEIGHBOURS)
        return labels.astype(np.int32, copy=False)
    if numbers.size == 0 or numbers[-1] == numbers.size:
        return values.astype(np.int32, copy=False)
    return np.where(values > 0, np.searchsorted(numbers, values) + 1, 0).astype(np.int32)


def open_labels(path: Path, shape: tuple[int, int]) -> np.ndarray:
    """An untrusted label picture of a picture of `shape` -> labels HxW int32, 1..n.

    Raises DataError "labels_lossy", "labels_unreadable" or, before a pixel is decoded, "mask_size".
    """
    with path.open("rb") as file:
        kind = formats.sniff(file.read(formats.HEAD_BYTES))
    if kind in _LOSSY:
        raise DataError("labels_lossy", name=path.name)
    if kind not in formats.ACCEPTED:
        raise DataError("labels_unreadable", name=path.name, detail="PNG, TIFF, BMP")
    found = _header_size(path)
    if found != shape:
        raise DataError("mask_size", name=path.name, mask=_size(found), picture=_size(shape))
    return instances(read_labels(path))


def open_masks(paths: Iterable[tuple[str, Path]], shape: tuple[int, int]) -> np.ndarray:
    """Untrusted binary masks, a nucleus each, with their names -> labels HxW int32, 1..n.

    Raises DataError as `merge_masks`, or "mask_unreadable" with the name.
    """

    def opened() -> Iterable[tuple[str, np.ndarray]]:
        for name, path in paths:
            yield name, _read_mask(name, path, shape)

    return merge_masks(opened(), shape)


def _read_mask(name: str, path: Path, shape: tuple[int, int]) -> np.ndarray:
    """One binary mask -> HxW bool: brighter than half of its brightest, so that masks of 0 and 1, of 0 and
    255, and those saved as JPEG read alike."""
    try:
        with Image.open(path, formats=_MASK_FORMATS) as image:
            found = (image.height, image.width)
            if found != shape:
                raise DataError("mask_size", name=name, mask=_size(found), picture=_size(shape))
            grey = np.asarray(image if image.mode in _GREY_MODES else image.convert("L"))
    except (DataError, MemoryError):
        raise
    except Exception as error:
        raise DataError("mask_unreadable", name=name) from error
    return grey > grey.max() / 2


def _header_size(path: Path) -> tuple[int, int]:
    """Height and width as the file's header states them."""
    try:
        with Image.open(path) as image:
            return image.height, image.width
    except Exception as error:
        try:
            with tifffile.TiffFile(path) as file:
                page = file.pages[0]
                return int(page.imagelength), int(page.imagewidth)  # type: ignore[union-attr]
        except Exception:
            raise DataError("labels_unreadable", name=path.name, detail=str(error)) from error


def _size(shape: tuple) -> str:
    return f"{shape[1]} × {shape[0]}"
