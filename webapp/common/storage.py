"""Files of a clinic: written under an attempt's path, hashed on the way, named by their sha256.

A file appears under its final name complete or not at all; its row is written afterwards, in the
transaction that needs it. A file without a row is waste, a row without a file is impossible unless the
disk lost it, and then the digest tells.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import time
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TypeVar

from django.conf import settings

from segmentation.errors import PictureRefused
from webapp.common.models import StoredFile

T = TypeVar("T")
CHUNK_BYTES = 1 << 20
LEFTOVER_S = 72 * 3600
ROWS_AT_ONCE = 500
_EXTENSION = re.compile(r"(\.[a-z0-9]{1,8}){1,2}")


class OutsideStorage(ValueError):
    """A path that leads out of the storage root."""


@dataclass(frozen=True)
class Stored:
    """A file under its final name that has no row yet."""

    sha256: str
    bytes: int
    path: str
    media_type: str


def root() -> Path:
    return Path(settings.MEDULA_STORAGE)


def absolute(path: str) -> Path:
    """Where a stored path lies on this machine; refuses whatever leaves the root, links included."""
    base = root().resolve()
    full = (base / path).resolve()
    if not path or full == base or not full.is_relative_to(base):
        raise OutsideStorage(f"{path!r} leaves the storage root")
    return full


def store_stream(
    *, clinic_id: int, chunks: Iterable[bytes], media_type: str, ext: str, max_bytes: int | None = None
) -> Stored:
    """Write the chunks, hash them, and rename the file to its digest. More than `max_bytes` is refused."""
    if not _EXTENSION.fullmatch(ext):
        raise ValueError(f"{ext!r} is no file extension")
    temporary = scratch(f"write-{uuid.uuid4().hex}")
    digest = hashlib.sha256()
    size = 0
    try:
        with temporary.open("xb") as file:
            for chunk in chunks:
                size += len(chunk)
                if max_bytes is not None and size > max_bytes:
                    raise PictureRefused("too_many_bytes", max_megabytes=max_bytes // 1_000_000)
                digest.update(chunk)
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        name = digest.hexdigest()
        path = f"files/{clinic_id}/{name[:2]}/{name}{ext}"
        final = absolute(path)
        final.parent.mkdir(parents=True, exist_ok=True)
        # Also when the name is taken: the same bytes again heal a file the disk has damaged.
        os.replace(temporary, final)
        _sync_folder(final.parent)
    finally:
        temporary.unlink(missing_ok=True)
    return Stored(sha256=name, bytes=size, path=path, media_type=media_type)


def store_file(
    *, clinic_id: int, source: Path, media_type: str, ext: str, max_bytes: int | None = None
) -> Stored:
    """Store a copy of a file; the source stays where it is."""
    return store_stream(
        clinic_id=clinic_id, chunks=_chunks(source), media_type=media_type, ext=ext, max_bytes=max_bytes
    )


def store_bytes(*, clinic_id: int, content: bytes, media_type: str, ext: str) -> Stored:
    return store_stream(clinic_id=clinic_id, chunks=(content,), media_type=media_type, ext=ext)


def file_row(*, clinic_id: int, stored: Stored) -> StoredFile:
    """The row of a stored file; the same bytes of the same clinic share one."""
    row, _ = StoredFile.objects.get_or_create(
        clinic_id=clinic_id,
        sha256=stored.sha256,
        defaults={"bytes": stored.bytes, "media_type": stored.media_type, "path": stored.path},
    )
    return row


def file_rows(*, clinic_id: int, stored: Iterable[Stored]) -> dict[str, uuid.UUID]:
    """The rows of many stored files in a few statements: sha256 -> the row's id."""
    files = {one.sha256: one for one in stored}
    found = _row_ids(clinic_id, files)
    missing = [one for digest, one in files.items() if digest not in found]
    for start in range(0, len(missing), ROWS_AT_ONCE):
        rows = [
            StoredFile(
                clinic_id=clinic_id,
                sha256=one.sha256,
                bytes=one.bytes,
                media_type=one.media_type,
                path=one.path,
            )
            for one in missing[start : start + ROWS_AT_ONCE]
        ]
        StoredFile.objects.bulk_create(rows, ignore_conflicts=True)
    # Another may have been first with some of them: the rows that are there count.
    return found | _row_ids(clinic_id, [one.sha256 for one in missing])


def batched(values: Iterable[T], most: int) -> Iterator[list[T]]:
    """So many at a time: a database takes only so many values in one question."""
    rest = iter(values)
    while some := list(islice(rest, most)):
        yield some


def _row_ids(clinic_id: int, digests: Iterable[str]) -> dict[str, uuid.UUID]:
    found: dict[str, uuid.UUID] = {}
    wanted = sorted(digests)
    for start in range(0, len(wanted), ROWS_AT_ONCE):
        rows = StoredFile.objects.filter(clinic_id=clinic_id, sha256__in=wanted[start : start + ROWS_AT_ONCE])
        found.update(rows.values_list("sha256", "id"))
    return found


def scratch(name: str) -> Path:
    """A path for work in progress, on the same disk as the files so that a rename is atomic."""
    folder = root() / "tmp"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / name


def scratch_clear(*, older_than_s: float = LEFTOVER_S) -> int:
    """Remove what attempts that were killed left behind. Returns how many things went."""
    folder = root() / "tmp"
    if not folder.is_dir():
        return 0
    removed = 0
    for leftover in folder.iterdir():
        try:
            if time.time() - leftover.lstat().st_mtime <= older_than_s:
                continue
            if leftover.is_dir() and not leftover.is_symlink():
                shutil.rmtree(leftover)
            else:
                leftover.unlink()
        except FileNotFoundError:  # its owner removed it first
            continue
        removed += 1
    return removed


def _chunks(source: Path) -> Iterator[bytes]:
    with source.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            yield chunk


def _sync_folder(folder: Path) -> None:
    # A rename survives a power cut only once the folder itself has reached the disk.
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
