"""A picture that Pillow opened, as uint8 RGB: every mode, alpha on white, deep pixels stretched.

Works in bands of rows: beside Pillow's own copy and the result, only one band is in memory.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import BinaryIO

import numpy as np
from PIL import Image

from segmentation.depth import stretch
from segmentation.errors import PictureRefused

_BAND_PIXELS = 4_000_000
_ALPHA_MODES = frozenset({"LA", "PA", "La", "RGBA", "RGBa"})
_DEEP_MODES = frozenset({"I;16", "I;16B", "I;16L", "I;16N", "I", "F"})
_PLAIN_MODES = frozenset({"1", "L", "P", "RGB", "RGBX", "CMYK", "YCbCr", "HSV"})
_LOW_BYTE_MODE = {"B": "L", "L": "B", "N": "B" if sys.byteorder == "little" else "L"}


def is_deep_colour(image: Image.Image, bit_depth: int) -> bool:
    """Whether this is a colour picture of 16 bits, of which Pillow itself keeps only the high bytes."""
    return bit_depth == 16 and image.mode in ("RGB", "RGBA") and _low_byte_tiles(image) is not None


def read(image: Image.Image, inverted: bool, notes: list[str]) -> np.ndarray:
    """HxWx3 uint8 of an opened Pillow picture; appends the codes of what was done to `notes`.

    `inverted`: deep grey where 0 means white (Pillow turns only 8-bit ones over itself).
    """
    image.load()
    if image.mode in _DEEP_MODES:
        notes.append("scaled")
        grey = stretch(lambda: _grey_bands(image), (image.height, image.width))
        if inverted:
            np.subtract(255, grey, out=grey)
        return np.repeat(grey[..., None], 3, axis=2)
    if image.mode in _ALPHA_MODES or "transparency" in image.info:
        return _read_alpha(image, notes)
    if image.mode not in _PLAIN_MODES:
        raise PictureRefused("unsupported_pixels", detail=image.mode)
    if image.mode == "CMYK":
        notes.append("cmyk")
    return _read_plain(image)


def read_deep_colour(image: Image.Image, file: BinaryIO, notes: list[str]) -> np.ndarray:
    """HxWx3 uint8 of a 16-bit RGB(A) picture, stretched over all its channels jointly.

    Pillow decodes such files to their high bytes. The file is opened a second time with the byte
    orders exchanged, which gives the low bytes through the same strict decoder.
    """
    image.load()
    file.seek(0)
    low = Image.open(file, formats=[image.format or ""])
    tiles = _low_byte_tiles(low)
    if tiles is None:
        raise PictureRefused("unsupported_pixels", detail=image.mode)
    low.tile = tiles
    low.load()

    def bands() -> Iterator[tuple[int, np.ndarray]]:
        for top, box in _boxes(image):
            high = np.asarray(image.crop(box))[..., :3].astype(np.uint16)
            yield top, (high << 8) | np.asarray(low.crop(box))[..., :3]

    rgb = stretch(bands, (image.height, image.width, 3))
    notes.append("scaled")
    if image.mode == "RGBA":
        _lay_on_white(rgb, lambda box: np.asarray(image.crop(box))[..., 3], image, notes)
    return rgb


def _read_plain(image: Image.Image) -> np.ndarray:
    rgb = np.empty((image.height, image.width, 3), dtype=np.uint8)
    for top, box in _boxes(image):
        rgb[top : box[3]] = np.asarray(image.crop(box).convert("RGB"))
    return rgb


def _read_alpha(image: Image.Image, notes: list[str]) -> np.ndarray:
    rgb = np.empty((image.height, image.width, 3), dtype=np.uint8)
    for top, box in _boxes(image):
        rgb[top : box[3]] = _rgba(image, box)[..., :3]
    _lay_on_white(rgb, lambda box: _rgba(image, box)[..., 3], image, notes)
    return rgb


def _rgba(image: Image.Image, box: tuple[int, int, int, int]) -> np.ndarray:
    band = image.crop(box)
    if "transparency" in image.info:
        band.info["transparency"] = image.info["transparency"]
    if band.mode in ("PA", "La"):
        band = band.convert("LA") if band.mode == "La" else band
    return np.asarray(band.convert("RGBA"))


def _lay_on_white(rgb: np.ndarray, alpha_of: object, image: Image.Image, notes: list[str]) -> None:
    """Composite `rgb` on white in place. A picture that would vanish wholly keeps its colours instead."""
    assert callable(alpha_of)
    extrema = [(a.min(), a.max()) for a in (alpha_of(box) for _, box in _boxes(image))]
    if max(high for _, high in extrema) == 0:
        notes.append("alpha_ignored")
        return
    if min(low for low, _ in extrema) == 255:
        return
    notes.append("alpha_on_white")
    for top, box in _boxes(image):
        alpha = alpha_of(box)[..., None].astype(np.uint32)
        band = rgb[top : box[3]]
        band[:] = (band * alpha + 255 * (255 - alpha) + 127) // 255


def _grey_bands(image: Image.Image) -> Iterator[tuple[int, np.ndarray]]:
    for top, box in _boxes(image):
        band = np.asarray(image.crop(box))
        yield top, band.astype(band.dtype.newbyteorder("="), copy=False)


def _boxes(image: Image.Image) -> Iterator[tuple[int, tuple[int, int, int, int]]]:
    rows = max(1, _BAND_PIXELS // image.width)
    for top in range(0, image.height, rows):
        yield top, (0, top, image.width, min(top + rows, image.height))


def _low_byte_tiles(image: Image.Image) -> list | None:
    """The picture's decoder instructions with the byte order of its samples exchanged; None: not 16-bit."""
    tiles = []
    for tile in getattr(image, "tile", []):
        rawmode = tile.args if isinstance(tile.args, str) else tile.args[0]
        if not rawmode.endswith((";16B", ";16L", ";16N")) or not rawmode.startswith("RGB"):
            return None
        rawmode = rawmode[:-1] + _LOW_BYTE_MODE[rawmode[-1]]
        tiles.append(tile._replace(args=rawmode if isinstance(tile.args, str) else (rawmode, *tile.args[1:])))
    return tiles or None
