"""unpack: a stored ZIP becomes the pictures of its batch: all of it, or, where it is hostile, nothing."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import PurePosixPath

from segmentation.errors import DataError, PictureRefused
from webapp.analyses.batches import Taken, batch_join, item_of
from webapp.cases.services import picture_store
from webapp.common.storage import CHUNK_BYTES, absolute
from worker.archives import directory_check, entries_checked
from worker.work import Finish, Work

# What computers put beside pictures without anybody asking.
LITTER = frozenset({".ds_store", "thumbs.db", "desktop.ini"})
LITTER_FOLDERS = frozenset({"__macosx"})
DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError)


def handle(work: Work) -> Finish:
    item = item_of(work.payload["item_id"])
    assert item.archive is not None
    work.progress("reading")
    path = absolute(item.archive.path)
    try:
        directory_check(path)
        with zipfile.ZipFile(path) as archive:
            taken = _take_all(work, archive)
    except DAMAGED as problem:
        raise DataError("archive_damaged") from problem

    def finish() -> None:
        batch_join(batch=item.batch, taken=taken, user=item.job.requested_by if item.job else None)

    return finish


def is_litter(name: str) -> bool:
    """A file that no person put there."""
    parts = [part.lower() for part in PurePosixPath(name).parts]
    return parts[-1] in LITTER or parts[-1].startswith("._") or bool(LITTER_FOLDERS & set(parts))


def _take_all(work: Work, archive: zipfile.ZipFile) -> list[Taken]:
    entries = [entry for entry in entries_checked(archive) if not is_litter(entry.filename)]
    if not entries:
        raise DataError("archive_empty")
    taken = []
    for done, entry in enumerate(entries):
        tick = partial(work.progress, "saving", done, len(entries))
        tick()
        taken.append(_take(work, archive, entry, tick))
    return taken


def _take(work: Work, archive: zipfile.ZipFile, entry: zipfile.ZipInfo, tick: Callable[[], None]) -> Taken:
    """Store one picture, or say why it is none; a fault of the archive itself ends the whole."""
    try:
        stored = picture_store(
            clinic_id=work.clinic_id, chunks=_chunks(archive, entry, tick), size_hint=entry.file_size
        )
    except PictureRefused as refusal:
        return Taken(entry.filename, refusal=refusal)
    return Taken(entry.filename, stored=stored)


def _chunks(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, tick: Callable[[], None]) -> Iterator[bytes]:
    """The entry as a stream; its checksum is checked at its end."""
    with archive.open(entry) as file:
        while chunk := file.read(CHUNK_BYTES):
            tick()
            yield chunk
