"""A ZIP becomes its pictures, or, where it is hostile, nothing at all."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from segmentation.errors import DataError
from tests.webapp.rows import make_case, make_version, png
from webapp.analyses.batches import archive_keep, batch_create
from webapp.analyses.models import Batch
from webapp.cases.models import BiopsyImage
from webapp.common.models import StoredFile
from webapp.common.storage import store_bytes
from worker.handlers import unpack as handler
from worker.handlers.unpack import handle
from worker.imported_archives import ArchiveLimits
from worker.work import Work


@pytest.fixture
def batch(alice: Any) -> Batch:
    make_version()
    return batch_create(biopsy=make_case(alice.clinic).biopsies.get(), user=alice, name="lunes")


def packed(entries: dict[str, bytes], how: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", how) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return buffer.getvalue()


@pytest.fixture
def unpack(batch: Batch, tmp_path: Path) -> Callable[[bytes], Batch]:
    def unpacked(content: bytes) -> Batch:
        stored = store_bytes(
            clinic_id=batch.clinic_id, content=content, media_type="application/zip", ext=".zip"
        )
        item = archive_keep(batch=batch, name="a.zip", stored=stored, user=None)
        work = Work(
            id=item.job.id,  # type: ignore[union-attr]
            kind="unpack",
            clinic_id=batch.clinic_id,
            attempt=1,
            payload={"item_id": item.pk},
            scratch=tmp_path,
            progress=lambda step, done=0, total=0: None,
        )
        finish = handle(work)
        assert batch.items.count() == 1  # nothing before the job's end
        with transaction.atomic():
            finish()
        return batch

    return unpacked


def refused(unpack: Callable[[bytes], Batch], content: bytes, batch: Batch) -> str:
    with pytest.raises(DataError) as caught:
        unpack(content)
    assert batch.items.count() == 1
    assert not BiopsyImage.objects.exists()
    for language in ("es", "en"):
        assert len(caught.value.sentence(language)) > 20
    return caught.value.code


def test_pictures_in_folders_become_items_and_other_files_say_why_not(
    unpack: Callable[[bytes], Batch],
) -> None:
    entries = {
        "b/dos.png": png(4),
        "a/uno.png": png(3),
        "a/notas.txt": b"nothing to see",
        "a/vacio.png": b"",
        "c/uno otra vez.png": png(3),
        "__MACOSX/a/._uno.png": b"litter",
        "a/.DS_Store": b"litter",
        "carpeta/": b"",
    }
    batch = unpack(packed(entries))
    items = list(batch.items.order_by("position"))
    assert [item.position for item in items] == [1, 2, 3, 4, 5]
    found = {item.name: item.error_code or "kept" for item in items[1:]}
    assert found == {
        "notas.txt": "unknown_format", "uno.png": "kept", "vacio.png": "empty_file", "dos.png": "kept",
    }  # fmt: skip
    assert BiopsyImage.objects.count() == 2


def test_unpacked_again_it_adds_nothing(unpack: Callable[[bytes], Batch], batch: Batch, alice: Any) -> None:
    unpack(packed({"a.png": png(3), "b.txt": b"x"}))
    count = batch.items.count()
    from webapp.analyses.batches import Taken, batch_join
    from webapp.cases.services import picture_store

    stored = picture_store(clinic_id=batch.clinic_id, chunks=[png(3)])
    batch_join(batch=batch, taken=[Taken("a.png", stored=stored)], user=alice)
    assert batch.items.count() == count


@pytest.mark.parametrize(
    "name", ["../a.png", "a/../../b.png", "/etc/a.png", "C:\\a.png", "..\\a.png", "\\\\host\\a.png"]
)
def test_a_name_that_leads_outside_refuses_the_whole(
    unpack: Callable[[bytes], Batch], batch: Batch, name: str
) -> None:
    assert refused(unpack, packed({"good.png": png(3), name: png(4)}), batch) == "archive_path"


def test_a_bomb_is_refused_before_anything_is_stored(
    unpack: Callable[[bytes], Batch], batch: Batch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handler, "LIMITS", ArchiveLimits(names=10_000, allowance_bytes=1_000_000))
    content = packed({"good.png": png(3), "bomb.png": png(3) + bytes(30_000_000)})
    assert len(content) < 60_000
    assert refused(unpack, content, batch) == "import_bomb"
    assert StoredFile.objects.count() == 1  # the archive itself


def test_a_bomb_that_lies_about_its_size_is_caught_while_it_unfolds(
    unpack: Callable[[bytes], Batch], batch: Batch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handler, "promise_check", lambda *_: None)
    monkeypatch.setattr(handler, "LIMITS", ArchiveLimits(names=10_000, allowance_bytes=1_000_000))
    content = packed({"a.png": png(3), "bomb.png": png(3) + bytes(30_000_000)})
    assert refused(unpack, content, batch) == "import_bomb"


def test_more_than_ten_thousand_names_are_too_many(unpack: Callable[[bytes], Batch], batch: Batch) -> None:
    assert refused(unpack, packed({f"{n}.png": b"" for n in range(10_001)}), batch) == "import_names"


def test_one_with_a_password_is_refused(unpack: Callable[[bytes], Batch], batch: Batch) -> None:
    content = bytearray(packed({"a.png": png()}))
    at = content.index(b"PK\x01\x02") + 8
    content[at : at + 2] = struct.pack("<H", 1)
    assert refused(unpack, bytes(content), batch) == "import_encrypted"


def test_a_link_is_refused(unpack: Callable[[bytes], Batch], batch: Batch) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        link = zipfile.ZipInfo("a.png")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    assert refused(unpack, buffer.getvalue(), batch) == "import_link"


def test_a_picture_damaged_inside_its_archive_keeps_none_of_the_others_out(
    unpack: Callable[[bytes], Batch],
) -> None:
    good = packed({"a.png": png(3), "b.png": png(4, 4)}, zipfile.ZIP_STORED)
    flipped = bytearray(good)
    flipped[good.rindex(b"IDAT") + 6] ^= 0xFF
    batch = unpack(bytes(flipped))
    assert [item.error_code for item in batch.items.order_by("position")[1:]] == ["", "damaged"]


@pytest.mark.parametrize("content", [b"PK\x03\x04 no more", b"PK", packed({"a.png": png(9)})[:-30]])
def test_a_cut_one_is_refused(unpack: Callable[[bytes], Batch], batch: Batch, content: bytes) -> None:
    assert refused(unpack, content, batch) == "archive_unreadable"


def test_one_without_any_file_is_refused(unpack: Callable[[bytes], Batch], batch: Batch) -> None:
    assert refused(unpack, packed({}), batch) == "archive_empty"
