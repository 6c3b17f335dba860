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


class LabelledPng:
    """The PNG with the chunk behind its header, in pieces. Closed by whoever sends it, read or not."""

    def __init__(self, file: BinaryIO, chunk: bytes) -> None:
        self.file = file
        self.chunk = chunk

    def __iter__(self) -> Iterator[bytes]:
        yield self.file.read(_SIGNATURE_AND_HEADER) + self.chunk
        while piece := self.file.read(_CHUNK_BYTES):
            yield piece

    def close(self) -> None:
        self.file.close()
