"""Answers made of stored files."""

from __future__ import annotations

from pathlib import PurePosixPath
from urllib.parse import quote

from django.http import FileResponse, Http404, HttpResponse

from webapp.common.models import StoredFile
from webapp.common.storage import absolute
from webapp.common.tiles import tile_bytes

# The address carries the digest of the bytes, so the browser may keep them; a shared proxy may not.
KEEP = "private, max-age=31536000, immutable"
TILE_TYPES = {"jpeg": "image/jpeg", "png": "image/png"}


def named(stored: StoredFile | None, sha256: str) -> StoredFile:
    """The stored file if it is the one the address names."""
    if stored is None or stored.sha256 != sha256:
        raise Http404
    return stored


def file_response(stored: StoredFile, *, download_as: str | None = None) -> FileResponse:
    """The whole file; with `download_as` the browser saves it instead of showing it."""
    try:
        file = absolute(stored.path).open("rb")
    except FileNotFoundError:
        raise Http404 from None
    response = FileResponse(file, content_type=stored.media_type)
    response["Cache-Control"] = KEEP
    if download_as is not None:
        response["Content-Disposition"] = disposition(download_as)
    return response


def tile_response(stored: StoredFile, *, level: int, column: int, row: int, ext: str) -> HttpResponse:
    """One tile of the stored zip."""
    try:
        tile = tile_bytes(absolute(stored.path), f"{level}/{column}_{row}.{ext}")
    except FileNotFoundError:
        raise Http404 from None
    if tile is None or ext not in TILE_TYPES:
        raise Http404
    return HttpResponse(tile, content_type=TILE_TYPES[ext], headers={"Cache-Control": KEEP})


def disposition(name: str) -> str:
    """Content-Disposition of a download: the name in full for today's browsers, in ASCII for the others."""
    plain = name.encode("ascii", "ignore").decode().replace('"', "").replace("\\", "").strip()
    return f"attachment; filename=\"{plain or 'medula'}\"; filename*=UTF-8''{quote(name, safe='')}"


def stem(name: str) -> str:
    """A picture's name without its ending, for the names of what is made from it."""
    return PurePosixPath(name).stem or name
