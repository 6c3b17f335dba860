"""TIFFs that Pillow cannot read: float64, 32-bit integers, separate 16-bit planes, many channels.

Only plain, PackBits and deflate compression; each piece is unpacked with a bound first, so that a
small file cannot unfold into memory it does not deserve.
"""

from __future__ import annotations

import logging
import zlib
from collections.abc import Iterator
from typing import BinaryIO

import numpy as np
import tifffile

from segmentation.depth import stretch
from segmentation.errors import PictureRefused

# tifffile logs every oddity of a broken file; the caller hears of them by the refusal.
logging.getLogger("tifffile").setLevel(logging.CRITICAL)

_DEFLATE = frozenset({8, 32946})
_READABLE = _DEFLATE | {1, 32773}
_MINISWHITE, _PALETTE, _SEPARATED = 0, 3, 5
_BAND_ROWS = 256
_ALPHA_EXTRAS = (1, 2)


def open_page(file: BinaryIO) -> tifffile.TiffPage:
    """The first page of a TIFF, header only."""
    file.seek(0)
    page = tifffile.TiffFile(file).pages[0]
    if not isinstance(page, tifffile.TiffPage) or not page.dataoffsets or not page.dtype:
        raise PictureRefused("damaged")
    return page


def read(page: tifffile.TiffPage, file: BinaryIO, notes: list[str]) -> np.ndarray:
    """HxWx3 uint8 of a page whose size was found acceptable; appends what was done to `notes`.

    One channel is grey, two are the first alone, three or more the first three. Raises PictureRefused
    "unsupported_pixels" for other compressions, palettes, CMYK and pixels that are not real numbers.
    """
    if page.compression not in _READABLE or page.photometric in (_PALETTE, _SEPARATED):
        raise PictureRefused("unsupported_pixels", detail=_names(page))
    _check_pieces(page, file)
    pixels = page.asarray(maxworkers=1)
    if page.axes == "SYX":
        pixels = np.moveaxis(pixels, 0, -1)
    elif page.axes == "YX":
        pixels = pixels[..., None]
    elif page.axes != "YXS":
        raise PictureRefused("unsupported_pixels", detail=_names(page))
    if pixels.dtype.kind not in "uifb":
        raise PictureRefused("unsupported_pixels", detail=_names(page))
    colours = pixels.shape[2] - (1 if page.extrasamples[-1:] in [(1,), (2,)] else 0)
    if colours not in (1, 3):
        notes.append("first_channels")
    pixels = pixels[..., : 3 if colours >= 3 else 1]
    rgb = _to_uint8(pixels, notes)
    if page.photometric == _MINISWHITE:
        np.subtract(255, rgb, out=rgb)
    return np.ascontiguousarray(np.broadcast_to(rgb, (*rgb.shape[:2], 3)))


def _to_uint8(pixels: np.ndarray, notes: list[str]) -> np.ndarray:
    if pixels.dtype == bool:
        return pixels.astype(np.uint8) * np.uint8(255)
    if pixels.dtype == np.uint8:
        return pixels

    def bands() -> Iterator[tuple[int, np.ndarray]]:
        for top in range(0, pixels.shape[0], _BAND_ROWS):
            band = pixels[top : top + _BAND_ROWS]
            yield top, band.astype(band.dtype.newbyteorder("="), copy=False)

    notes.append("scaled")
    return stretch(bands, pixels.shape)


def _check_pieces(page: tifffile.TiffPage, file: BinaryIO) -> None:
    """Every strip or tile must lie in the file and unfold to no more than its share of the picture."""
    size = file.seek(0, 2)
    rows = page.tilelength if page.is_tiled else page.rowsperstrip
    columns = page.tilewidth if page.is_tiled else page.imagewidth
    samples = 1 if page.planarconfig == 2 else page.samplesperpixel
    share = (min(rows, max(page.imagelength, 16)) * columns * samples * page.bitspersample + 7) // 8
    if share > 2 * page.nbytes + (1 << 24):
        raise PictureRefused("damaged")
    for offset, length in zip(page.dataoffsets, page.databytecounts, strict=True):
        if offset + length > size:
            raise PictureRefused("damaged")
        if page.compression in _DEFLATE:
            file.seek(offset)
            unfolder = zlib.decompressobj()
            unfolder.decompress(file.read(length), share + 1)
            if unfolder.unconsumed_tail.strip(b"\x00"):
                raise PictureRefused("damaged")


def _names(page: tifffile.TiffPage) -> str:
    compression = getattr(page.compression, "name", page.compression)
    photometric = getattr(page.photometric, "name", page.photometric)
    return f"TIFF, {photometric}, {page.samplesperpixel} × {page.dtype}, {compression}"
