"""A line of text inside a PNG, added without decoding it: exports say what they are, whatever their name."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from typing import BinaryIO

_SIGNATURE_AND_HEADER = 8 + 25  # the signature, then IHDR, which always comes first and is 25 bytes
_CHUNK_BYTES = 1 << 16


def text_chunk(keyword: str, text: str) -> bytes:
    """A PNG chunk of UTF-8 text (iTXt, uncompressed)."""
    body = b"iTXt" + keyword.encode("latin-1") + b"\x00\x00\x00\x00\x00" + text.encode()
    return struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))


def labelled_png(file: BinaryIO, chunk: bytes) -> Iterator[bytes]:
    """The PNG with the chunk behind its header; closes the file."""
    with file:
        yield file.read(_SIGNATURE_AND_HEADER) + chunk
        while piece := file.read(_CHUNK_BYTES):
            yield piece
