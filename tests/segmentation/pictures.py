"""Builders of files that laboratories and attackers send: whole, odd, and broken. All drawn here."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import tifffile
from PIL import Image

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def field(height: int = 48, width: int = 64) -> np.ndarray:
    """HxWx3 uint8 with smooth gradients and one bright corner, so that turns and swaps of channels show."""
    rows, columns = np.mgrid[:height, :width]
    rgb = np.stack([rows * 4 % 256, columns * 3 % 256, (rows + columns) * 2 % 256], axis=-1)
    rgb[:8, :8] = 250
    return rgb.astype(np.uint8)


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    """The bytes of a Pillow picture saved as `kind`."""
    file = io.BytesIO()
    image.save(file, format=kind, **options)
    return file.getvalue()


def tiff(pixels: np.ndarray, **options: object) -> bytes:
    """The bytes of a TIFF written by tifffile."""
    file = io.BytesIO()
    tifffile.imwrite(file, pixels, **options)
    return file.getvalue()


def png_chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png(
    width: int, height: int, depth: int, colour: int, rows: bytes, extra: tuple[bytes, ...] = ()
) -> bytes:
    """A PNG by hand: colour 0 grey, 2 RGB, 6 RGBA; `rows` the raw scan lines with their filter bytes."""
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    chunks = [png_chunk(b"IHDR", header), *extra, png_chunk(b"IDAT", zlib.compress(rows, 9))]
    return PNG_SIGNATURE + b"".join(chunks) + png_chunk(b"IEND", b"")


def png16(pixels: np.ndarray, extra: tuple[bytes, ...] = ()) -> bytes:
    """A 16-bit PNG of HxW, HxWx3 or HxWx4 uint16 (Pillow writes only the grey one)."""
    height, width = pixels.shape[:2]
    colour = {2: 0, 3: {3: 2, 4: 6}.get(pixels.shape[-1], 2)}[pixels.ndim]
    lines = pixels.astype(">u2").reshape(height, -1)
    return png(width, height, 16, colour, b"".join(b"\x00" + line.tobytes() for line in lines), extra)


def png_bomb(width: int = 20_000, height: int = 20_000) -> bytes:
    """A white 1-bit PNG of 400 MP in about 50 KB."""
    packer = zlib.compressobj(9)
    line = b"\x00" + b"\xff" * ((width + 7) // 8)
    body = b"".join(packer.compress(line) for _ in range(height)) + packer.flush()
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return PNG_SIGNATURE + png_chunk(b"IHDR", header) + png_chunk(b"IDAT", body) + png_chunk(b"IEND", b"")


def without_adobe_marker(jpeg: bytes) -> bytes:
    """The JPEG without its APP14 segment."""
    start = jpeg.index(b"\xff\xee")
    length = int.from_bytes(jpeg[start + 2 : start + 4], "big")
    return jpeg[:start] + jpeg[start + 2 + length :]


def gif(frames: int = 1) -> bytes:
    images = [Image.new("RGB", (32, 32), (60 * index, 0, 0)) for index in range(frames)]
    if frames == 1:
        return saved(images[0], "GIF")
    return saved(images[0], "GIF", save_all=True, append_images=images[1:], loop=0)


def animated(kind: str) -> bytes:
    """A PNG or WebP of three frames."""
    images = [Image.new("RGB", (32, 32), (60 * index, 0, 0)) for index in range(3)]
    return saved(images[0], kind, save_all=True, append_images=images[1:], duration=100)


SVG = b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"><rect width="9" height="9"/></svg>\n'
TEXT = "Paciente: Peña. Esto no es una imagen.\n".encode()
