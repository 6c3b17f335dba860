"""A picture as a Deep Zoom pyramid in one stored zip, and as a thumbnail: what the browser is served.

One file instead of thousands keeps storage, backup and digests simple; stored (not deflated) members
can be sent as they lie. The same picture gives the same bytes.
"""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import cv2
import numpy as np

Format = Literal["jpeg", "png"]

_FORMATS = ("jpeg", "png")
_NO_DATE = (1980, 1, 1, 0, 0, 0)
_THUMBNAIL_QUALITY = 85


@dataclass(frozen=True)
class PyramidInfo:
    """What a Deep Zoom viewer must know. `levels` counts from 1x1 (level 0) to the whole picture.

    A tile's member name is `<level>/<column>_<row>.<format>`; tiles do not overlap.
    """

    width: int
    height: int
    tile: int
    levels: int
    format: str


def write_pyramid(
    path: Path | str, pixels: np.ndarray, tile: int = 512, format: Format = "jpeg", quality: int = 90
) -> PyramidInfo:
    """Write the pyramid of `pixels` (HxWx3 or, as PNG, HxWx4 uint8) to `path`.

    Each level is half the one above it, rounded up; of the picture itself only views are taken, so a
    memory-mapped one is never loaded whole. JPEG keeps full colour resolution: stains differ in hue.
    """
    if format not in _FORMATS:
        raise ValueError(f"no tiles of format {format!r}")
    if pixels.ndim != 3 or pixels.shape[2] not in ((3,) if format == "jpeg" else (3, 4)):
        raise ValueError(f"no {format} pyramid of shape {pixels.shape}")
    height, width = pixels.shape[:2]
    levels = max(1, int(max(width, height) - 1).bit_length() + 1)
    info = PyramidInfo(width, height, tile, levels, format)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for level in reversed(range(levels)):
            _write_level(archive, pixels, level, info, quality)
            pixels = _halved(pixels)
    return info


def thumbnail(rgb: np.ndarray, side: int = 320) -> bytes:
    """JPEG bytes of `rgb` (HxWx3 uint8) whose longer side is at most `side`; never enlarged."""
    height, width = rgb.shape[:2]
    scale = min(1.0, side / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA) if scale < 1 else rgb
    return _encoded(small, "jpeg", _THUMBNAIL_QUALITY)


def _write_level(
    archive: zipfile.ZipFile, pixels: np.ndarray, level: int, info: PyramidInfo, quality: int
) -> None:
    for row, top in enumerate(range(0, pixels.shape[0], info.tile)):
        for column, left in enumerate(range(0, pixels.shape[1], info.tile)):
            name = f"{level}/{column}_{row}.{info.format}"
            piece = pixels[top : top + info.tile, left : left + info.tile]
            archive.writestr(zipfile.ZipInfo(name, _NO_DATE), _encoded(piece, info.format, quality))


def _halved(pixels: np.ndarray) -> np.ndarray:
    """The mean of each 2x2 pixels, band by band; an odd last row or column is its own mean."""
    height, width, channels = pixels.shape
    out = np.empty(((height + 1) // 2, (width + 1) // 2, channels), dtype=np.uint8)
    rows = max(2, 2 * (4_000_000 // (2 * width)))
    for top in range(0, height, rows):
        band = pixels[top : top + rows]
        odd = (band.shape[0] % 2, width % 2)
        if any(odd):
            band = cv2.copyMakeBorder(band, 0, odd[0], 0, odd[1], cv2.BORDER_REPLICATE)
        size = (band.shape[1] // 2, band.shape[0] // 2)
        out[top // 2 : top // 2 + size[1]] = cv2.resize(band, size, interpolation=cv2.INTER_AREA)
    return out


def _encoded(pixels: np.ndarray, format: str, quality: int) -> bytes:
    swap = cv2.COLOR_RGBA2BGRA if pixels.shape[2] == 4 else cv2.COLOR_RGB2BGR
    options = [cv2.IMWRITE_PNG_COMPRESSION, 3]
    if format == "jpeg":
        full_colour = cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444
        options = [cv2.IMWRITE_JPEG_QUALITY, quality, cv2.IMWRITE_JPEG_SAMPLING_FACTOR, full_colour]
    done, data = cv2.imencode(f".{format}", cv2.cvtColor(np.ascontiguousarray(pixels), swap), options)
    if not done:
        raise OSError("OpenCV could not encode a tile")
    return data.tobytes()
