"""What is refused at the door, before a job is asked for; and archives made of loose files."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest

from segmentation.errors import DataError
from tests.webapp.datasets.rows import EMPTY_ZIP, make_dataset
from webapp.accounts.models import Clinic
from webapp.common.storage import absolute
from webapp.datasets.models import DatasetImport
from webapp.datasets.services import archive_of, import_request
from webapp.jobs.models import Job

pytestmark = pytest.mark.django_db


def test_an_import_is_stored_as_it_comes_and_asks_for_its_job(clinic: Clinic) -> None:
    dataset = make_dataset(clinic, source="BBBC038", licence="CC0")
    row = import_request(
        dataset=dataset,
        user=None,
        name="C:\\fotos\\lote.zip",
        chunks=[b"P", b"K\x05", b"\x06", bytes(18)],
        layout="pairs",
        settings={"group_from": "prefix", "licence": "CC BY", "groups": {"a": " P1 "}, "unknown": 1},
    )
    assert (row.name, row.layout) == ("lote.zip", "pairs")
    assert row.settings == {
        "source": "BBBC038", "licence": "CC BY", "specimen": "", "stain": "", "group_from": "prefix",
        "groups": {"a": "P1"}, "draw_masks": False,
    }  # fmt: skip
    assert absolute(row.archive.path).read_bytes() == EMPTY_ZIP
    assert (row.job.kind, row.job.payload) == ("import", {"import_id": str(row.pk)})


@pytest.mark.parametrize("content", [b"", b"PK", b"\x89PNG\r\n\x1a\n", b"Rar!\x1a\x07"])
def test_what_is_no_zip_is_refused_and_not_kept(clinic: Clinic, content: bytes) -> None:
    with pytest.raises(DataError) as caught:
        import_request(dataset=make_dataset(clinic), user=None, name="a.zip", chunks=[content], settings={})
    assert caught.value.code == "archive_unreadable"
    assert not DatasetImport.objects.exists()
    assert not Job.objects.exists()


@pytest.mark.parametrize(
    "changes",
    [
        {"layout": "coco"},
        {"settings": {"group_from": "regex"}},
        {"settings": {"stain": "green"}},
        {"settings": {"specimen": "moon"}},
        {"settings": {"groups": ["a"]}},
    ],
)
def test_a_setting_we_do_not_know_is_refused(clinic: Clinic, changes: dict[str, Any]) -> None:
    with pytest.raises(DataError) as caught:
        import_request(dataset=make_dataset(clinic), user=None, name="a", chunks=[EMPTY_ZIP], **changes)
    assert caught.value.code == "import_setting"
    assert caught.value.sentence("es") != caught.value.sentence("en")


def test_an_archive_that_says_it_is_too_large_is_refused_before_it_is_read(clinic: Clinic) -> None:
    with pytest.raises(DataError) as caught:
        import_request(
            dataset=make_dataset(clinic), user=None, name="a", chunks=[EMPTY_ZIP], size_hint=17 * 1000**3
        )
    assert caught.value.code == "import_too_large"


def test_loose_files_become_an_archive_with_their_paths() -> None:
    files = [("set/images/a.png", [b"12", b"3"]), ("b.png", [b""]), ("set\\c.png", iter([b"4"]))]
    content = b"".join(archive_of(files))
    assert content == b"".join(archive_of([*files[:2], ("set\\c.png", [b"4"])]))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        read = {name: archive.read(name) for name in archive.namelist()}
    assert read == {"set/images/a.png": b"123", "b.png": b"", "set/c.png": b"4"}


def test_names_that_lead_out_or_stand_twice_are_made_harmless() -> None:
    paths = ["../../etc/a.png", "/etc/a.png", "C:\\a.png", "a.png", "", ".."]
    content = b"".join(archive_of((path, [b"x"]) for path in paths))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.namelist() == ["etc/a.png", "etc/a-2.png", "a.png", "a-2.png", "file", "file-2"]


def test_an_archive_is_sent_before_its_last_file_is_read() -> None:
    read: list[str] = []

    def chunks(name: str) -> Any:
        read.append(name)
        yield b"x" * 1000

    sent = archive_of((name, chunks(name)) for name in "ab")
    assert b"x" * 100 in next(sent)
    assert read == ["a"]
