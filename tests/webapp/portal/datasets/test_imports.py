"""Files on their way in, and what came of them."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.urls import reverse

from tests.webapp.curation import (
    make_import,
    make_samples,
    zipped,
)
from tests.webapp.portal.datasets.reading import text
from tests.webapp.rows import end_job
from webapp.accounts.models import User
from webapp.common.storage import absolute
from webapp.datasets.models import Dataset, DatasetImport
from webapp.jobs.models import Job, State
from webapp.portal.datasets.uploads import CONTENT_TYPE

GOOD = {"layout": "auto", "group_from": "auto"}


def body_of(files: dict[str, bytes]) -> bytes:
    return b"".join(
        json.dumps({"path": path, "size": len(content)}).encode() + b"\n" + content
        for path, content in files.items()
    )


def send(page: Client, dataset: Dataset, body: bytes, **query: str) -> Any:
    address = reverse("dataset_import", args=[dataset.pk]) + "?" + urlencode({**GOOD, **query})
    return page.generic("POST", address, body, content_type=CONTENT_TYPE)


def test_a_zip_is_kept_as_it_came(page: Client, dataset: Dataset) -> None:
    content = zipped({"a/images/a.png": b"picture"})
    answer = send(page, dataset, body_of({"set.zip": content}), single="1", name="set.zip", draw_masks="on")
    assert answer.status_code == 201
    assert answer.json() == {"url": reverse("dataset", args=[dataset.pk])}
    row = DatasetImport.objects.get()
    assert (row.name, row.layout, row.job.kind) == ("set.zip", "auto", "import")
    assert row.settings["draw_masks"] is True
    assert absolute(row.archive.path).read_bytes() == content


def test_a_folder_becomes_an_archive_with_its_paths(page: Client, dataset: Dataset) -> None:
    files = {"fold/all/1.bmp": b"one" * 1000, "fold/hem/2.bmp": b"", "fold/ñ 3.bmp": b"three\n"}
    answer = send(page, dataset, body_of(files), name="fold", layout="classes", specimen="moon")
    assert answer.status_code == 400  # a specimen nobody knows
    answer = send(page, dataset, body_of(files), name="fold", layout="classes")
    assert answer.status_code == 201
    row = DatasetImport.objects.get()
    with zipfile.ZipFile(absolute(row.archive.path)) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == files
    assert (row.name, row.layout, row.settings["draw_masks"]) == ("fold", "classes", False)


@pytest.mark.parametrize(
    "body",
    [
        b"\n",
        b"no line of ours",
        b'{"path": "a.png"}\n',
        b'{"path": "a.png", "size": -1}\n',
        b'{"path": "a.png", "size": true}\n',
        b'{"path": 7, "size": 1}\na',
        b'["a.png", 1]\na',
        b'{"path": "a.png", "size": 10}\nshort',
        b'{"path": "a.png", "size": 1}\nabc',
    ],
)
def test_a_body_that_is_not_what_it_says_leaves_nothing(page: Client, dataset: Dataset, body: bytes) -> None:
    answer = send(page, dataset, body)
    assert answer.status_code == 400
    assert answer.json()["sentence"].startswith("The upload broke off before its end.")
    assert not DatasetImport.objects.exists() and not Job.objects.exists()


def test_what_is_no_zip_is_refused_in_words(page: Client, dataset: Dataset) -> None:
    answer = send(page, dataset, body_of({"set.zip": b"not a zip at all"}), single="1")
    assert answer.status_code == 400
    assert answer.json()["sentence"].startswith("The file is not a ZIP we can read")


def test_a_second_file_behind_a_single_zip_is_refused(page: Client, dataset: Dataset) -> None:
    body = body_of({"set.zip": zipped({"a.png": b"a"}), "b.png": b"b"})
    assert send(page, dataset, body, single="1").status_code == 400
    assert not DatasetImport.objects.exists()


def test_an_archived_data_set_takes_nothing(page: Client, dataset: Dataset) -> None:
    page.post(reverse("dataset_archive", args=[dataset.pk]))
    answer = send(page, dataset, body_of({"a.png": b"a"}))
    assert answer.status_code == 400 and "archived" in answer.json()["sentence"]


def test_without_scripts_a_plain_form_brings_files_too(page: Client, dataset: Dataset) -> None:
    files = [io.BytesIO(zipped({"a.png": b"a"}))]
    files[0].name = "set.zip"
    address = reverse("dataset_import", args=[dataset.pk])
    assert page.post(address, {**GOOD, "files": files})["Location"] == reverse("dataset", args=[dataset.pk])
    assert DatasetImport.objects.get().name == "set.zip"
    assert "No file arrived." in text(page.post(address, GOOD))


def test_an_import_shows_its_place_and_what_came_of_it(page: Client, dataset: Dataset, curator: User) -> None:
    address = reverse("dataset", args=[dataset.pk])
    row = make_import(dataset, curator)
    shown = text(page.get(address))
    assert "In the queue, number 1" in shown and 'hx-trigger="every 2s"' in shown
    page.post(reverse("import_act", args=[row.pk, "cancel"]))
    shown = text(page.get(address, headers={"hx-request": "true"}))
    assert "Cancelled" in shown and "every 2s" not in shown and "<html" not in shown
    page.post(reverse("import_act", args=[row.pk, "retry"]), headers={"hx-request": "true"})
    assert Job.objects.get(pk=row.job_id).state == State.QUEUED
    end_job(row.job, State.FAILED, error_code="archive_unreadable")
    assert "The file is not a ZIP we can read" in text(page.get(address))


def test_skipped_files_are_told_one_by_one_in_words(page: Client, dataset: Dataset, curator: User) -> None:
    problems = [
        {"name": "x.png", "code": "masks_overlap", "params": {"pixels": 7}},
        {"name": "y.png", "code": "a code of tomorrow", "params": {}},
        {"name": "z.png", "code": "mask_size", "params": {}},
    ]
    make_samples(dataset, curator, ["a.png"], problems=problems)
    shown = text(page.get(reverse("dataset", args=[dataset.pk])))
    assert "1 picture added · 3 skipped" in shown
    assert "The masks overlap: 7 px belong to more than one nucleus." in shown
