"""Archives that strangers send: what is refused whole, before or while it is taken out."""

from __future__ import annotations

import io
import stat
import struct
import zipfile
from pathlib import Path

import pytest

from segmentation.errors import DataError, PictureRefused
from tests import drawn
from worker.imported_archives import Archive, ArchiveLimits


def put(folder: Path, content: bytes) -> Path:
    path = folder / "sent.zip"
    path.write_bytes(content)
    return path


def refusal(path: Path, limits: ArchiveLimits | None = None) -> str:
    with pytest.raises(DataError) as caught, Archive(path, limits) as archive:
        for number, name in enumerate(archive.names):
            archive.extract(name, path.parent / f"out-{number}")
    return caught.value.code


def test_members_come_out_whole_and_folders_are_left_out(tmp_path: Path) -> None:
    path = put(tmp_path, drawn.zipped({"a/": b"", "a/b.txt": b"one", "c\\d.txt": b"two"}))
    with Archive(path) as archive:
        assert archive.names == ["a/b.txt", "c/d.txt"]
        assert archive.extract("c/d.txt", tmp_path / "out").read_bytes() == b"two"


@pytest.mark.parametrize(
    "name",
    ["../a.png", "a/../../b.png", "/etc/a.png", "C:/a.png", "c:a.png", "..\\a.png", "\\\\host\\a.png", ".."],
)
def test_a_way_out_of_the_archive_is_refused(tmp_path: Path, name: str) -> None:
    assert refusal(put(tmp_path, drawn.zipped({"a.png": b"x", name: b"x"}))) == "archive_path"


def test_a_link_is_refused(tmp_path: Path) -> None:
    entry = zipfile.ZipInfo("a.png")
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(entry, "/etc/passwd")
    assert refusal(put(tmp_path, file.getvalue())) == "import_link"


def test_a_locked_member_is_refused(tmp_path: Path) -> None:
    content = bytearray(drawn.zipped({"a.png": b"xyz"}))
    content[content.index(b"PK\x01\x02") + 8] |= 1
    assert refusal(put(tmp_path, bytes(content))) == "import_encrypted"


def test_a_name_that_stands_twice_is_refused(tmp_path: Path) -> None:
    path = put(tmp_path, drawn.zipped({"a.png": b"x", "b.png": b"y"}).replace(b"b.png", b"a.png"))
    assert refusal(path) == "archive_twice"


def test_too_many_names_are_refused(tmp_path: Path) -> None:
    path = put(tmp_path, drawn.zipped({f"{n}": b"" for n in range(12)}))
    assert refusal(path, ArchiveLimits(names=11)) == "import_names"


def test_a_directory_that_would_fill_the_memory_is_not_read(tmp_path: Path) -> None:
    content = drawn.zipped({f"{n:01000}": b"" for n in range(1200)})
    assert refusal(put(tmp_path, content), ArchiveLimits(directory_bytes=1_100_000)) == "import_names"


def test_a_bomb_is_refused_while_it_unfolds(tmp_path: Path) -> None:
    content = drawn.zipped({"a.bmp": bytes(3_000_000)}, zipfile.ZIP_DEFLATED)
    assert len(content) < 10_000
    assert refusal(put(tmp_path, content), ArchiveLimits(allowance_bytes=1_000_000)) == "import_bomb"
    assert (tmp_path / "out-0").stat().st_size <= 1_100_000


def test_a_bomb_that_lies_about_its_size_is_never_believed(tmp_path: Path) -> None:
    content = bytearray(drawn.zipped({"a.bmp": bytes(3_000_000)}, zipfile.ZIP_DEFLATED))
    real = struct.pack("<I", 3_000_000)
    while (place := content.find(real)) >= 0:
        content[place : place + 4] = struct.pack("<I", 100)
    with Archive(put(tmp_path, bytes(content))) as archive, pytest.raises(PictureRefused):
        archive.extract("a.bmp", tmp_path / "out")
    assert (tmp_path / "out").stat().st_size <= 100


def test_many_members_that_unfold_to_too_much_together_are_refused(tmp_path: Path) -> None:
    content = drawn.zipped({f"{n}.bmp": bytes(600_000) for n in range(4)}, zipfile.ZIP_DEFLATED)
    assert refusal(put(tmp_path, content), ArchiveLimits(allowance_bytes=1_000_000)) == "import_bomb"


def test_members_that_lie_over_each_other_are_refused(tmp_path: Path) -> None:
    content = bytearray(drawn.zipped({"a.png": bytes(500), "b.png": bytes(500)}))
    second = content.rindex(b"PK\x01\x02")
    content[second + 20 : second + 24] = struct.pack("<I", 5000)
    assert refusal(put(tmp_path, bytes(content))) == "import_bomb"


@pytest.mark.parametrize("cut", [10, 60])
def test_a_torn_archive_is_refused(tmp_path: Path, cut: int) -> None:
    whole = drawn.zipped({"a.png": drawn.picture(1)})
    assert refusal(put(tmp_path, whole[:-cut])) == "archive_unreadable"


def test_what_is_no_archive_is_refused(tmp_path: Path) -> None:
    for content in (b"", b"PK\x03\x04", drawn.picture(1)):
        assert refusal(put(tmp_path, content)) == "archive_unreadable"


def test_a_member_that_does_not_match_its_checksum_is_a_damaged_file(tmp_path: Path) -> None:
    content = drawn.zipped({"a.txt": b"hello world"}).replace(b"hello world", b"hello_world")
    with Archive(put(tmp_path, content)) as archive, pytest.raises(PictureRefused) as caught:
        archive.extract("a.txt", tmp_path / "out")
    assert caught.value.code == "damaged"
