"""ZIP files written as a stream: what goes in is read as it is sent, nothing is held whole."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

_NO_DATE = (1980, 1, 1, 0, 0, 0)
_FILE_MODE = 0o100644 << 16


class _Outbox:
    """Where ZipFile writes: a file that cannot be sought, whose content is taken out as it comes."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._parts.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing waits."""

    def taken(self) -> bytes:
        content = b"".join(self._parts)
        self._parts.clear()
        return content


def zip_chunks(members: Iterable[tuple[str, Iterable[bytes]]]) -> Iterator[bytes]:
    """A ZIP of these members, stored uncompressed and without dates: the same members, the same bytes."""
    outbox = _Outbox()
    with zipfile.ZipFile(outbox, "w", zipfile.ZIP_STORED) as archive:  # type: ignore[call-overload]
        for name, chunks in members:
            entry = zipfile.ZipInfo(name, _NO_DATE)
            entry.external_attr = _FILE_MODE
            with archive.open(entry, "w", force_zip64=True) as member:
                for chunk in chunks:
                    member.write(chunk)
                    if content := outbox.taken():
                        yield content
    yield outbox.taken()


def archive_of(files: Iterable[tuple[str, Iterable[bytes]]]) -> Iterator[bytes]:
    """Loose files, or those of a dropped folder with their paths in it, as one ZIP."""
    taken: set[str] = set()

    def members() -> Iterator[tuple[str, Iterable[bytes]]]:
        for path, chunks in files:
            name = once(plain_path(path), taken)
            yield name, chunks

    return zip_chunks(members())


def plain_path(path: str) -> str:
    """A path as a browser sends it, held to the archive: no root, no drive, no way up.

    >>> plain_path("C:\\\\micro\\\\..\\\\a.png")
    'micro/a.png'
    """
    parts = re.split(r"[/\\]", path)
    kept = [part for part in parts if part not in ("", ".", "..") and not re.fullmatch(r"[A-Za-z]:", part)]
    return "/".join(kept) or "file"


def once(name: str, taken: set[str]) -> str:
    """`name`, or with a number before its ending where it is taken; marks it taken."""
    path, number, free = PurePosixPath(name), 1, name
    while free in taken:
        number += 1
        free = str(path.with_name(f"{path.stem}-{number}{path.suffix}"))
    taken.add(free)
    return free
