"""A stored file is whole, named by its digest, inside the root, and heals when it is stored again."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from segmentation.errors import PictureRefused
from webapp.common.models import StoredFile
from webapp.common.storage import (
    OutsideStorage,
    absolute,
    file_row,
    file_rows,
    scratch,
    scratch_clear,
    store_bytes,
    store_file,
    store_stream,
)

CONTENT = b"nuclei" * 1000
SHA256 = hashlib.sha256(CONTENT).hexdigest()


def store(chunks: Any = (CONTENT,), **changes: Any) -> Any:
    return store_stream(
        **{"clinic_id": 7, "chunks": chunks, "media_type": "image/png", "ext": ".png", **changes}
    )


def everything(var: Path) -> list[str]:
    storage = var / "storage"
    return sorted(str(path.relative_to(storage)) for path in storage.rglob("*") if path.is_file())


def test_a_stream_becomes_one_file_named_by_its_digest(installation: Path) -> None:
    stored = store(chunks=(CONTENT[:10], b"", CONTENT[10:]))
    assert (stored.sha256, stored.bytes, stored.media_type) == (SHA256, 6000, "image/png")
    assert stored.path == f"files/7/{SHA256[:2]}/{SHA256}.png"
    assert absolute(stored.path).read_bytes() == CONTENT
    assert everything(installation) == [stored.path]


def test_two_clinics_never_share_a_file(installation: Path) -> None:
    assert store(clinic_id=7).path != store(clinic_id=8).path


def test_a_stream_that_breaks_leaves_nothing(installation: Path) -> None:
    def broken() -> Iterator[bytes]:
        yield CONTENT
        raise ConnectionResetError("the browser went away")

    with pytest.raises(ConnectionResetError):
        store(chunks=broken())
    assert everything(installation) == []


def test_more_bytes_than_allowed_are_refused_before_they_are_all_read(installation: Path) -> None:
    read = []

    def endless() -> Iterator[bytes]:
        while True:
            read.append(1)
            yield bytes(1_000_000)

    with pytest.raises(PictureRefused) as refused:
        store(chunks=endless(), max_bytes=3_000_000)
    assert (refused.value.code, refused.value.params) == ("too_many_bytes", {"max_megabytes": 3})
    assert len(read) == 4
    assert everything(installation) == []


def test_exactly_the_bytes_allowed_are_taken(installation: Path) -> None:
    assert store(max_bytes=len(CONTENT)).bytes == len(CONTENT)


def test_storing_the_bytes_again_heals_a_damaged_file(installation: Path) -> None:
    stored = store()
    absolute(stored.path).write_bytes(b"rot")
    assert store() == stored
    assert absolute(stored.path).read_bytes() == CONTENT


def test_a_stored_copy_leaves_its_source_in_place(installation: Path, tmp_path: Path) -> None:
    source = tmp_path / "labels.png"
    source.write_bytes(CONTENT)
    stored = store_file(clinic_id=7, source=source, media_type="image/png", ext=".png")
    assert stored.sha256 == SHA256 and source.read_bytes() == CONTENT


def test_an_empty_file_is_a_file(installation: Path) -> None:
    stored = store_bytes(clinic_id=7, content=b"", media_type="text/csv", ext=".csv")
    assert stored.bytes == 0 and absolute(stored.path).read_bytes() == b""


@pytest.mark.parametrize(
    "path", ["../secret_key", "files/../../secret_key", "/etc/passwd", "", ".", "files/.."]
)
def test_no_path_leads_out_of_the_root(installation: Path, path: str) -> None:
    with pytest.raises(OutsideStorage):
        absolute(path)


def test_no_link_leads_out_of_the_root(installation: Path, tmp_path: Path) -> None:
    (installation / "storage").mkdir()
    (installation / "storage" / "door").symlink_to(tmp_path)
    with pytest.raises(OutsideStorage):
        absolute("door/anything")


@pytest.mark.parametrize("ext", ["png", ".p/ng", "/../x.png", "", ".PNG", ".tar.gz.x"])
def test_only_an_extension_is_an_extension(installation: Path, ext: str) -> None:
    with pytest.raises(ValueError, match="extension"):
        store(ext=ext)


def test_the_same_bytes_of_a_clinic_share_one_row(installation: Path, clinic: Any, other_clinic: Any) -> None:
    stored = store(clinic_id=clinic.id)
    row = file_row(clinic_id=clinic.id, stored=stored)
    assert file_row(clinic_id=clinic.id, stored=stored) == row
    theirs = file_row(clinic_id=other_clinic.id, stored=store(clinic_id=other_clinic.id))
    assert theirs != row and theirs.sha256 == row.sha256
    assert StoredFile.objects.count() == 2
    assert absolute(row.path).stat().st_size == row.bytes


def test_many_files_get_their_rows_at_once_and_known_ones_keep_theirs(
    installation: Path, clinic: Any, other_clinic: Any
) -> None:
    stored = [
        store_bytes(clinic_id=clinic.id, content=bytes([n]), media_type="image/png", ext=".png")
        for n in range(5)
    ]
    known = file_row(clinic_id=clinic.id, stored=stored[2])
    foreign = file_rows(clinic_id=other_clinic.id, stored=stored[:1])
    rows = file_rows(clinic_id=clinic.id, stored=[*stored, stored[0]])
    assert set(rows) == {one.sha256 for one in stored}
    assert rows[known.sha256] == known.id
    assert rows[stored[0].sha256] != foreign[stored[0].sha256]
    assert file_rows(clinic_id=clinic.id, stored=stored) == rows
    assert StoredFile.objects.count() == 6


def test_only_leftovers_of_long_ago_are_cleared(installation: Path) -> None:
    assert scratch_clear() == 0
    old_file, old_folder, fresh = scratch("write-1"), scratch("work-1"), scratch("work-2")
    old_file.write_bytes(b"half a pict")
    old_folder.mkdir()
    (old_folder / "picture.npy").write_bytes(b"x")
    fresh.mkdir()
    for path in (old_file, old_folder):
        os.utime(path, (time.time() - 100 * 3600,) * 2)
    assert scratch_clear() == 2
    assert fresh.is_dir() and not old_file.exists() and not old_folder.exists()
