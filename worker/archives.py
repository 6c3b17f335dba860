"""A ZIP from a stranger: what its directory says is checked before a single byte is unpacked."""

from __future__ import annotations

import re
import stat
import zipfile
from pathlib import Path, PurePosixPath

from django.conf import settings

from segmentation.errors import DataError

NAMES_MOST = 10_000
# A picture of one colour shrinks far; 200 times and still more than this is made to fill a disk.
RATIO_MOST = 200
RATIO_FROM_BYTES = 10_000_000
TIMES_THE_UPLOAD = 4
LOCAL_HEADER_BYTES = 30
DIRECTORY_ENTRY_BYTES = 2048  # far more than a path of any computer needs
READABLE = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_ENCRYPTED = 0x1
_DRIVE = re.compile(r"^[A-Za-z]:")


def directory_check(path: Path) -> None:
    """Refuse a table of contents too long to be read into memory, whatever number of names it claims."""
    with path.open("rb") as file:
        end = zipfile._EndRecData(file)  # type: ignore[attr-defined]  # the one that ZipFile itself goes by
    if end is None:
        raise zipfile.BadZipFile
    names, size = int(end[4]), int(end[5])
    if names > NAMES_MOST or size > NAMES_MOST * DIRECTORY_ENTRY_BYTES:
        counted = max(names, size // DIRECTORY_ENTRY_BYTES)
        raise DataError("archive_names", names=counted, most=NAMES_MOST)


def entries_checked(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """The archive's files in the order of their names; raises DataError where it is hostile or too much."""
    entries = archive.infolist()
    if len(entries) > NAMES_MOST:
        raise DataError("archive_names", names=len(entries), most=NAMES_MOST)
    for entry in entries:
        _entry_check(entry)
    _sizes_check(entries)
    return sorted((entry for entry in entries if not entry.is_dir()), key=lambda entry: entry.filename)


def _entry_check(entry: zipfile.ZipInfo) -> None:
    name = entry.orig_filename.replace("\\", "/")
    outside = name.startswith("/") or _DRIVE.match(name) or ".." in PurePosixPath(name).parts
    if outside or "\x00" in name or not name:
        raise DataError("archive_outside", name=shown(name))
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise DataError("archive_link", name=shown(name))
    if entry.flag_bits & _ENCRYPTED:
        raise DataError("archive_encrypted", name=shown(name))
    if entry.compress_type not in READABLE:
        raise DataError("archive_compression", name=shown(name))
    if entry.file_size > RATIO_FROM_BYTES and entry.file_size > RATIO_MOST * max(entry.compress_size, 1):
        raise DataError("archive_bomb", name=shown(name))


def _sizes_check(entries: list[zipfile.ZipInfo]) -> None:
    """All together, and that no two entries share bytes, as bombs without ratio do."""
    most = TIMES_THE_UPLOAD * settings.MEDULA_MAX_UPLOAD_BYTES
    total = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries)
    if total > most:
        raise DataError("archive_too_large", max_megabytes=most // 1_000_000)
    if total > RATIO_FROM_BYTES and total > RATIO_MOST * max(packed, 1):
        raise DataError("archive_bomb", name="*")
    ends, before = 0, ""
    for entry in sorted(entries, key=lambda entry: entry.header_offset):
        if entry.header_offset < ends:
            raise DataError("archive_bomb", name=shown(before))
        ends = entry.header_offset + LOCAL_HEADER_BYTES + entry.compress_size
        before = entry.filename


def shown(name: str) -> str:
    """A name fit to stand in a sentence."""
    kept = "".join(c if c.isprintable() else "·" for c in name)
    return kept if len(kept) <= 80 else f"{kept[:79]}…"
