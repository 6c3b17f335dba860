"""unpack: a stored ZIP becomes the pictures of its batch: all of it, or, where it is hostile, nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path, PurePosixPath

from segmentation.errors import DataError, PictureRefused
from webapp.analyses.batches import Taken, batch_join, item_of
from webapp.cases.services import picture_store
from webapp.common.storage import CHUNK_BYTES, absolute, file_rows
from worker.imported_archives import Archive, ArchiveLimits
from worker.work import Finish, Work

LIMITS = ArchiveLimits(names=10_000)
# What computers put beside pictures without anybody asking.
LITTER = frozenset({".ds_store", "thumbs.db", "desktop.ini"})
LITTER_FOLDERS = frozenset({"__macosx"})


def handle(work: Work) -> Finish:
    item = item_of(work.payload["item_id"])
    assert item.archive is not None
    work.progress("reading")
    with Archive(absolute(item.archive.path), LIMITS) as archive:
        names = sorted(name for name in archive.names if not is_litter(name))
        if not names:
            raise DataError("archive_empty")
        promise_check(archive, names, item.archive.bytes)
        taken = []
        for done, name in enumerate(names):
            tick = partial(work.progress, "saving", done, len(names))
            tick()
            taken.append(_take(work, archive, name, tick))

    # Ahead of the end: ten thousand rows more at once would shut others out of the ledger.
    file_rows(clinic_id=work.clinic_id, stored=(one.stored for one in taken if one.stored is not None))

    def finish() -> None:
        batch_join(batch=item.batch, taken=taken, user=item.job.requested_by if item.job else None)

    return finish


def promise_check(archive: Archive, names: list[str], packed_bytes: int) -> None:
    """Refuse an open bomb before any of it is stored; one that lies is caught while it unfolds."""
    promised = sum(archive.size(name) for name in names)
    if promised > min(LIMITS.total_bytes, LIMITS.allowance_bytes + LIMITS.ratio * packed_bytes):
        largest = max(names, key=archive.size)
        raise DataError("import_bomb", name=PurePosixPath(largest).name[:80])


def is_litter(name: str) -> bool:
    """A file that no person put there."""
    parts = [part.lower() for part in PurePosixPath(name).parts]
    return parts[-1] in LITTER or parts[-1].startswith("._") or bool(LITTER_FOLDERS & set(parts))


def _take(work: Work, archive: Archive, name: str, tick: Callable[[], None]) -> Taken:
    """Store one picture, or say why it is none; a hostile archive ends the whole."""
    member = work.scratch / "member"
    try:
        archive.extract(name, member, tick)
        size = member.stat().st_size
        stored = picture_store(clinic_id=work.clinic_id, chunks=_chunks(member, tick), size_hint=size)
    except PictureRefused as refusal:
        return Taken(name, refusal=refusal)
    finally:
        member.unlink(missing_ok=True)
    return Taken(name, stored=stored)


def _chunks(path: Path, tick: Callable[[], None]) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            tick()
            yield chunk
