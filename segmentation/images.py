"""Bytes of an untrusted file -> uint8 RGB, or a refusal with a reason; and label pictures in and out.

Size, format and wholeness are read from headers before a pixel is decoded, so that a hostile file is
refused in milliseconds. Whatever a decoder throws, the caller sees PictureRefused; only lack of memory
(MemoryError) and trouble with the disk itself (OSError with an errno) pass through, because trying
those again may help.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import Image, ImageFile

from segmentation import formats, pillow_reader, pixel_size, structure, tiff_reader
from segmentation.errors import PictureRefused
from segmentation.label_files import read_labels, write_labels

__all__ = ["Limits", "Picture", "decode", "read_labels", "write_labels"]

# Our own limits, checked from the header below, replace Pillow's bound (which warns, then raises).
Image.MAX_IMAGE_PIXELS = None
ImageFile.LOAD_TRUNCATED_IMAGES = False

_PILLOW_NAMES = {"png": "PNG", "jpeg": "JPEG", "tiff": "TIFF", "bmp": "BMP", "webp": "WEBP"}
_ORIENTATION_TAG, _BITS_TAG, _PHOTOMETRIC_TAG, _PLANAR_TAG = 274, 258, 262, 284
_TILE_WIDTH_TAG, _TILE_LENGTH_TAG = 322, 323


@dataclass(frozen=True)
class Limits:
    """What we accept: pixels in all, bytes of the file, pixels of the shorter side at least."""

    max_pixels: int = 200_000_000
    max_bytes: int = 2 * 1024**3
    min_side: int = 16


@dataclass(frozen=True)
class Picture:
    """A decoded picture: `rgb` HxWx3 uint8, and what its file said.

    `bit_depth` of a sample in the file, `format` one of formats.ACCEPTED, `um_per_px` or None where
    the file says nothing believable, `notes` codes of formats.NOTES for what was done to the pixels.
    """

    rgb: np.ndarray
    bit_depth: int
    format: str
    um_per_px: float | None
    notes: tuple[str, ...]


_DEFAULT_LIMITS = Limits()


def decode(source: bytes | Path, limits: Limits = _DEFAULT_LIMITS) -> Picture:
    """Decode a PNG, JPEG, TIFF, BMP or WebP to uint8 RGB.

    Deep pixels are stretched between percentiles, transparency is laid on white, the orientation that
    the file states is applied, the first page of several is taken. Raises PictureRefused with the codes
    empty_file, too_many_bytes, unknown_format, svg, animated, damaged, too_many_pixels, too_small or
    unsupported_pixels.
    """
    with _opened(source) as file, _refusing():
        size = file.seek(0, io.SEEK_END)
        file.seek(0)
        head = file.read(formats.HEAD_BYTES)
        kind = formats.sniff(head)
        if refused := formats.refusal(head, size, limits.max_bytes):
            raise _gif_refusal(file) if kind == "gif" else refused
        assert kind is not None
        notes: list[str] = []
        if kind == "tiff":
            rgb, bit_depth, um_per_px = _decode_tiff(file, limits, notes)
        else:
            rgb, bit_depth, um_per_px = _decode_plain(file, size, kind, limits, notes)
    return Picture(rgb, bit_depth, kind, um_per_px, tuple(notes))


def _decode_plain(
    file: BinaryIO, size: int, kind: str, limits: Limits, notes: list[str]
) -> tuple[np.ndarray, int, float | None]:
    """PNG, JPEG, BMP or WebP: size from the header, then the container, then the pixels."""
    image = _open(file, kind)
    _check_size(image.width, image.height, limits)
    bit_depth, um_per_px = (1 if image.mode == "1" else 8), None
    if kind == "png":
        facts = structure.check_png(file, size)
        bit_depth, um_per_px = facts.bit_depth, pixel_size.from_png(facts.pixels_per_metre)
    elif kind == "jpeg":
        structure.check_jpeg(file)
    elif kind == "webp":
        structure.check_webp(file, size)
    image = _open(file, kind)  # the walk above moved the file under the first one
    if pillow_reader.is_deep_colour(image, bit_depth):
        rgb = pillow_reader.read_deep_colour(image, file, notes)
    else:
        rgb = pillow_reader.read(image, inverted=False, notes=notes)
    return _oriented(rgb, _orientation(image), notes), bit_depth, um_per_px


def _decode_tiff(file: BinaryIO, limits: Limits, notes: list[str]) -> tuple[np.ndarray, int, float | None]:
    """The first page of a TIFF: by Pillow, or by tifffile where Pillow does not know its pixels."""
    if structure.check_tiff(file, file.seek(0, io.SEEK_END)):
        notes.append("first_page")
    try:
        image = _open(file, "tiff")
    except Exception as error:
        if isinstance(error, MemoryError):
            raise
        return _decode_odd_tiff(file, limits, notes)
    tags = dict(image.tag_v2)  # type: ignore[attr-defined]
    _check_size(image.width, image.height, limits)
    _check_size(max(_tag(tags, _TILE_WIDTH_TAG), 16), max(_tag(tags, _TILE_LENGTH_TAG), 16), limits)
    bit_depth = _tag(tags, _BITS_TAG, 1)
    if bit_depth > 8 and _tag(tags, _PLANAR_TAG, 1) == 2:
        return _decode_odd_tiff(file, limits, notes)
    if pillow_reader.is_deep_colour(image, bit_depth):
        rgb = pillow_reader.read_deep_colour(image, file, notes)
    else:
        rgb = pillow_reader.read(image, inverted=_tag(tags, _PHOTOMETRIC_TAG, 1) == 0, notes=notes)
    if _tag(tags, _ORIENTATION_TAG, 1) in range(2, 9):  # Pillow turns TIFFs itself while it loads them
        notes.append("oriented")
    return rgb, bit_depth, pixel_size.from_tiff(tags)


def _decode_odd_tiff(
    file: BinaryIO, limits: Limits, notes: list[str]
) -> tuple[np.ndarray, int, float | None]:
    page = tiff_reader.open_page(file)
    _check_size(page.imagewidth, page.imagelength, limits)
    _check_size(max(page.tilewidth, 16), max(page.tilelength, 16), limits)
    tags = {tag.code: tag.value for tag in page.tags.values()}
    rgb = tiff_reader.read(page, file, notes)
    rgb = _oriented(rgb, _tag(tags, _ORIENTATION_TAG, 1), notes)
    return rgb, page.bitspersample, pixel_size.from_tiff(tags)


@contextmanager
def _opened(source: bytes | Path) -> Iterator[BinaryIO]:
    if isinstance(source, (bytes, bytearray, memoryview)):
        yield io.BytesIO(source)
    else:
        with open(source, "rb") as file:
            yield file


@contextmanager
def _refusing() -> Iterator[None]:
    """Turn whatever a decoder throws at a broken file into PictureRefused "damaged"; keep it quiet."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            yield
        except (PictureRefused, MemoryError):
            raise
        except Exception as error:
            if isinstance(error, OSError) and error.errno is not None:
                raise
            raise PictureRefused("damaged") from error


def _open(file: BinaryIO, kind: str) -> Image.Image:
    """Header only, and only by the reader of the format that the first bytes show."""
    file.seek(0)
    return Image.open(file, formats=[_PILLOW_NAMES[kind]])


def _check_size(width: int, height: int, limits: Limits) -> None:
    if width * height > limits.max_pixels:
        megapixels = limits.max_pixels // 1_000_000
        raise PictureRefused("too_many_pixels", width=width, height=height, max_megapixels=megapixels)
    if min(width, height) < limits.min_side:
        raise PictureRefused("too_small", width=width, height=height, minimum=limits.min_side)


def _gif_refusal(file: BinaryIO) -> PictureRefused:
    file.seek(0)
    image = Image.open(file, formats=["GIF"])
    return PictureRefused("animated" if getattr(image, "is_animated", False) else "unknown_format")


def _orientation(image: Image.Image) -> int:
    try:
        return int(image.getexif().get(_ORIENTATION_TAG, 1))
    except Exception:  # a broken EXIF block says nothing; the pixels are fine without it
        return 1


def _oriented(rgb: np.ndarray, orientation: int, notes: list[str]) -> np.ndarray:
    """Apply the EXIF/TIFF orientation 1..8 (anything else: as it is) to HxWx3."""
    turns = {
        2: lambda a: a[:, ::-1],
        3: lambda a: a[::-1, ::-1],
        4: lambda a: a[::-1],
        5: lambda a: a.transpose(1, 0, 2),
        6: lambda a: np.rot90(a, -1),
        7: lambda a: a[::-1, ::-1].transpose(1, 0, 2),
        8: lambda a: np.rot90(a, 1),
    }
    if orientation not in turns:
        return rgb
    notes.append("oriented")
    return np.ascontiguousarray(turns[orientation](rgb))


def _tag(tags: dict, code: int, default: int = 0) -> int:
    """A TIFF tag as an integer, the first of several."""
    value = tags.get(code, default)
    if isinstance(value, (tuple, list)):
        value = value[0] if value else default
    return int(value)
