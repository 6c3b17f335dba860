"""Is a picture file whole, and is it one picture? Read from its container, before any pixel is decoded.

Pixel decoders are lenient in ways that hide damage: a JPEG without its tail, a PNG with a flipped bit.
These walks are cheap (a checksum over the file at most) and say no before a decoder allocates memory.
"""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass
from typing import BinaryIO, Literal

from segmentation.errors import PictureRefused

_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_JPEG_MARKER = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")
_SOI, _EOI, _SOS, _TEM = 0xD8, 0xD9, 0xDA, 0x01
_NOT_FRAMES = frozenset({0xC4, 0xC8, 0xCC})
_TIFF_TYPE_BYTES = {3: 2, 4: 4, 5: 8, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
_BLOCK_BYTES = 1 << 20
_MAX_CHUNKS = 1_000_000


@dataclass(frozen=True)
class PngFacts:
    """What a PNG's chunks say: bits a sample and, where stated, pixels per metre (x, y)."""

    bit_depth: int
    pixels_per_metre: tuple[int, int] | None


def check_png(file: BinaryIO, size: int) -> PngFacts:
    """Walk all chunks of a PNG of `size` bytes; checksums of critical chunks must hold.

    Raises PictureRefused "damaged" (bad signature or checksum, missing end) or "animated" (APNG).
    """
    file.seek(0)
    if file.read(8) != _PNG_SIGNATURE:
        raise PictureRefused("damaged")
    bit_depth, density, position = 0, None, 8
    for _ in range(_MAX_CHUNKS):
        header = file.read(8)
        length, name = int.from_bytes(header[:4], "big"), header[4:]
        if len(header) < 8 or position + 12 + length > size:
            raise PictureRefused("damaged")
        critical = not name[0] & 0x20
        start = _checked_chunk(file, name, length, check=critical)
        if name == b"IHDR" and length == 13:
            bit_depth = start[8]
        elif name == b"acTL" and int.from_bytes(start[:4], "big") > 1:
            raise PictureRefused("animated")
        elif name == b"pHYs" and length == 9 and start[8] == 1:
            density = (int.from_bytes(start[:4], "big"), int.from_bytes(start[4:8], "big"))
        elif name == b"IEND":
            return PngFacts(bit_depth, density)
        position += 12 + length
    raise PictureRefused("damaged")


def check_jpeg(file: BinaryIO) -> None:
    """Walk a JPEG's segments to its end marker.

    Raises PictureRefused "damaged" when the end never comes, "unsupported_pixels" above 8 bits.
    """
    file.seek(2)
    scans = 0
    while (marker := _next_marker(file)) is not None:
        if marker == _EOI:
            if scans:
                return
            break
        if marker in (_SOI, _TEM):
            continue
        header = file.read(3)
        length = int.from_bytes(header[:2], "big")
        if len(header) < 3 or length < 2:
            break
        if 0xC0 <= marker <= 0xCF and marker not in _NOT_FRAMES and header[2] != 8:
            raise PictureRefused("unsupported_pixels", detail=f"JPEG, {header[2]} bits")
        file.seek(length - 3, 1)
        scans += marker == _SOS
    raise PictureRefused("damaged")


def check_webp(file: BinaryIO, size: int) -> None:
    """A WebP's RIFF header must not promise more than the file holds; animations are refused."""
    file.seek(0)
    head = file.read(32)
    if len(head) < 30 or int.from_bytes(head[4:8], "little") + 8 > size:
        raise PictureRefused("damaged")
    if head[12:16] == b"VP8X" and head[20] & 0x02:
        raise PictureRefused("animated")


def check_tiff(file: BinaryIO, size: int) -> bool:
    """Whether a TIFF's first directory, which must lie wholly in the file, names another page.

    Raises PictureRefused "damaged" where the directory or one of its values is cut off.
    """
    file.seek(0)
    head = file.read(16)
    order: Literal["little", "big"] = "little" if head[:2] == b"II" else "big"
    big = 43 in (head[2], head[3])
    word, count_bytes, entry_bytes = (8, 8, 20) if big else (4, 2, 12)
    start = int.from_bytes(head[8:16] if big else head[4:8], order)
    file.seek(min(start, size))
    entries = int.from_bytes(file.read(count_bytes), order)
    end = start + count_bytes + entries * entry_bytes
    if entries == 0 or end + word > size:
        raise PictureRefused("damaged")
    table = file.read(entries * entry_bytes)
    for at in range(0, len(table), entry_bytes):
        kind = int.from_bytes(table[at + 2 : at + 4], order)
        length = int.from_bytes(table[at + 4 : at + 4 + word], order) * _TIFF_TYPE_BYTES.get(kind, 1)
        value = table[at + 4 + word : at + entry_bytes]
        if length > word and int.from_bytes(value, order) + length > size:
            raise PictureRefused("damaged")
    return any(file.read(word))


def _checked_chunk(file: BinaryIO, name: bytes, length: int, check: bool) -> bytes:
    """The first bytes of a chunk's body, after its checksum was verified; leaves the file behind it."""
    if not check:
        start = file.read(min(length, 64))
        file.seek(length - len(start) + 4, 1)
        return start
    checksum, start, left = zlib.crc32(name), b"", length
    while left:
        block = file.read(min(left, _BLOCK_BYTES))
        if not block:
            raise PictureRefused("damaged")
        start = start or block[:64]
        checksum = zlib.crc32(block, checksum)
        left -= len(block)
    if int.from_bytes(file.read(4), "big") != checksum:
        raise PictureRefused("damaged")
    return start


def _next_marker(file: BinaryIO) -> int | None:
    """Skip to the next JPEG marker, over entropy-coded bytes, and leave the file just behind it."""
    carried = b""
    while block := file.read(_BLOCK_BYTES):
        block = carried + block
        if found := _JPEG_MARKER.search(block):
            file.seek(found.end() - len(block), 1)
            return block[found.end() - 1]
        carried = block[-1:]
    return None
