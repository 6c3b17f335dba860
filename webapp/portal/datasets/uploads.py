"""Files of an import on their way in: one archive, or loose files and folders that become one.

A folder may hold tens of thousands of masks, so the page sends them as one body: for every file a line of
JSON with its path and size, then its bytes. It is read as a stream; no file is kept on the way.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Protocol

from django.utils.translation import gettext_lazy as _

CONTENT_TYPE = "application/x-medula-files"
LINE_MAX = 8192
FILES_MAX = 50_000
CHUNK = 1 << 20
CUT = _("The upload broke off before its end. Nothing was kept; try it again.")


class UploadCut(Exception):
    """The body is not what it says it is."""


class Body(Protocol):
    """The parts of a request that are needed."""

    def read(self, size: int, /) -> bytes: ...
    def readline(self, size: int, /) -> bytes: ...


def files_of(body: Body) -> Iterator[tuple[str, Iterator[bytes]]]:
    """(path, chunks) of every file. The chunks of one are over when the next is asked for."""
    for _count in range(FILES_MAX):
        line = body.readline(LINE_MAX)
        if not line:
            return
        path, size = _header(line)
        left = [size]
        yield path, _chunks(body, left)
        for _rest in _chunks(body, left):  # whatever its reader left
            pass
    raise UploadCut


def _header(line: bytes) -> tuple[str, int]:
    try:
        header = json.loads(line)
        path, size = header["path"], header["size"]
    except (ValueError, KeyError, TypeError):
        raise UploadCut from None
    if not line.endswith(b"\n") or not isinstance(path, str) or type(size) is not int or size < 0:
        raise UploadCut
    return path, size


def _chunks(body: Body, left: list[int]) -> Iterator[bytes]:
    while left[0]:
        chunk = body.read(min(CHUNK, left[0]))
        if not chunk:
            raise UploadCut
        left[0] -= len(chunk)
        yield chunk


def drained(body: Body) -> None:
    """Read what is left: a browser that is still sending would not hear the answer."""
    while body.read(CHUNK):
        pass
