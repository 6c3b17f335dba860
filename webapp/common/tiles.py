"""One tile out of a picture's zip of tiles. The members are stored uncompressed: a tile is a slice."""

from __future__ import annotations

import struct
import zipfile
from functools import lru_cache
from pathlib import Path

_LOCAL_HEADER = 30


def tile_bytes(archive: Path, member: str) -> bytes | None:
    """The bytes of a member such as `12/3_4.jpeg`; None where there is no such tile."""
    place = _places(archive).get(member)
    if place is None:
        return None
    offset, length = place
    with archive.open("rb") as file:
        file.seek(offset)
        head = file.read(_LOCAL_HEADER)
        # The name and extra field of the local header may differ in length from the directory's.
        name_length, extra_length = struct.unpack("<HH", head[26:30])
        file.seek(offset + _LOCAL_HEADER + name_length + extra_length)
        return file.read(length)


@lru_cache(maxsize=64)
def _places(archive: Path) -> dict[str, tuple[int, int]]:
    """Where each member lies. Kept: the path is named by the digest of its bytes, so it never changes."""
    with zipfile.ZipFile(archive) as file:
        return {
            entry.filename: (entry.header_offset, entry.file_size)
            for entry in file.infolist()
            if entry.compress_type == zipfile.ZIP_STORED
        }
