"""A laboratory's batch, from the empty row to the table; the worker's part is written as it would be."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.webapp.rows import analyse, end_job, make_case, make_image, make_version, png, prepare
from webapp.analyses.batches import batch_add_picture, batch_create, prepared_analyses
from webapp.analyses.models import Analysis, Batch, BatchItem
from webapp.cases.models import BiopsyImage
from webapp.jobs.models import Job

Check = Callable[..., dict[str, Any]]
BOUNDARY = "b0undary"


def post(api: Client, path: str, body: dict[str, Any] | None = None, **headers: str) -> Any:
    return api.post(f"/api/v1/{path}", body or {}, content_type="application/json", headers=headers)


def send(api: Client, batch: Any, *files: tuple[str, bytes], **headers: str) -> Any:
    sent = [SimpleUploadedFile(name, content) for name, content in files]
    return api.post(f"/api/v1/batches/{batch}/files/", {"files": sent}, headers=headers)


@pytest.fixture
def batch(alice: Any) -> Batch:
    make_version()
    biopsy = make_case(alice.clinic).biopsies.get()
    return batch_create(biopsy=biopsy, user=alice, name="lunes")


def test_a_case_a_batch_and_its_pictures(api: Client, alice: Any) -> None:
    make_version()
    answer = post(api, "cases/", {"patient_code": "P-7", "title": "lunes", "stain": "giemsa"})
    assert answer.status_code == 201
    case = answer.json()
    assert answer["Location"].endswith(f"/api/v1/cases/{case['id']}/")
    answer = post(api, "batches/", {"biopsy": case["biopsies"][0]["id"], "name": "lunes"})
    assert answer.status_code == 201
    batch = answer.json()["id"]
    answer = send(api, batch, ("a.png", png(3)), ("b.txt", b"no picture"), ("c.png", png(4)))
    assert answer.status_code == 202
    assert answer["Location"].endswith(f"/api/v1/batches/{batch}/")
    told = answer.json()["files"]
    assert [file["state"] for file in told] == ["created", "refused", "created"]
    assert told[0]["sha256"] == hashlib.sha256(png(3)).hexdigest()
    assert told[1]["code"] == "unknown_format"
    progress = api.get(f"/api/v1/batches/{batch}/").json()["progress"]
    assert progress["states"]["queued"] == 2
    assert progress["states"]["refused"] == 1
    assert (progress["pictures"], progress["place"], progress["is_finished"]) == (2, 1, False)
    assert BiopsyImage.objects.filter(clinic=alice.clinic).count() == 2


def test_the_same_files_again_add_nothing(api: Client, batch: Batch) -> None:
    files = (("a.png", png(3)), ("b.txt", b"no picture"))
    send(api, batch.pk, *files)
    told = send(api, batch.pk, *files).json()["files"]
    assert [file["state"] for file in told] == ["duplicate", "refused"]
    assert batch.items.count() == 2
    assert Job.objects.filter(kind="prepare").count() == 1


def test_the_table_says_everything_of_every_picture(api: Client, batch: Batch) -> None:
    send(api, batch.pk, ("=a.png", png(3)), ("b.txt", b"no picture"), ("c.png", png(4)))
    first, second = BiopsyImage.objects.order_by("position")
    analysis = analyse(prepare(first), make_version(version=2, digest="d2", stage="candidate"))
    end_job(second.prepare_job, "failed", error_code="damaged")
    page = api.get(f"/api/v1/batches/{batch.pk}/table/", {"limit": 2}).json()
    rows = page["results"] + api.get(page["next"]).json()["results"]
    assert [row["state"] for row in rows] == ["succeeded", "refused", "failed"]
    assert rows[0]["sha256"] == hashlib.sha256(png(3)).hexdigest()
    assert (rows[0]["nuclei"], rows[0]["model"], rows[0]["model_sha256"]) == (2, "nuclei 2", "d2")
    assert rows[0]["analysis"] == str(analysis.pk)
    assert "damaged" in rows[2]["reason"]
    answer = api.get(f"/api/v1/batches/{batch.pk}/table.csv")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    table = list(csv.DictReader(io.StringIO(text)))
    assert [row["name"] for row in table] == ["'=a.png", "b.txt", "c.png"]
    assert list(table[0]) == list(rows[0])


def test_failed_and_cancelled_pictures_are_tried_again(api: Client, batch: Batch, alice: Any) -> None:
    send(api, batch.pk, ("a.png", png(3)), ("b.png", png(4)), ("c.png", png(5)), ("d.txt", b"x"))
    one, two, three = BiopsyImage.objects.order_by("position")
    end_job(one.prepare_job, "failed", error_code="damaged")
    prepare(two)
    prepared_analyses(image=two, user=alice, family="nuclei")
    end_job(Analysis.objects.get(image=two).job, "cancelled")
    prepare(three)
    answer = post(api, f"batches/{batch.pk}/retry/")
    assert (answer.status_code, answer.json()) == (202, {"retried": 3})
    progress = api.get(f"/api/v1/batches/{batch.pk}/").json()["progress"]
    assert (progress["states"]["queued"], progress["states"]["refused"]) == (3, 1)
    assert post(api, f"batches/{batch.pk}/retry/").json() == {"retried": 0}


def test_a_batch_is_analysed_by_the_version_it_names(alice: Any, api: Client, batch: Batch) -> None:
    other = make_version(version=2, digest="d2", stage="candidate")
    body = {"biopsy": str(batch.biopsy_id), "name": "dos", "model_version": str(other.pk)}
    second = post(api, "batches/", body).json()["id"]
    send(api, second, ("a.png", png(3)))
    image = BiopsyImage.objects.get()
    prepared_analyses(image=prepare(image), user=alice, family="nuclei")
    assert [analysis.model_version for analysis in image.analyses.all()] == [other]
    send(api, batch.pk, ("a.png", png(3)))
    assert image.analyses.count() == 1  # whatever read it counts where no version is named


def test_a_picture_that_was_here_joins_and_its_analysis_counts(api: Client, batch: Batch) -> None:
    image = make_image(batch.biopsy.case, content=png(3))
    analyse(prepare(image), make_version(version=2, digest="d2", stage="candidate"))
    assert send(api, batch.pk, ("a.png", png(3))).json()["files"][0]["state"] == "created"
    progress = api.get(f"/api/v1/batches/{batch.pk}/").json()["progress"]
    assert progress["states"]["succeeded"] == 1
    assert progress["is_finished"]
    assert image.analyses.count() == 1


def test_a_picture_read_by_another_version_is_read_by_the_batchs_own(alice: Any, batch: Batch) -> None:
    image = make_image(batch.biopsy.case, content=png(3))
    analyse(prepare(image), batch_version := make_version(version=2, digest="d2", stage="candidate"))
    third = make_version(version=3, digest="d3", stage="candidate")
    own = batch_create(biopsy=batch.biopsy, user=alice, name="x", model_version=third)
    batch_add_picture(batch=own, name="a.png", chunks=[png(3)], user=alice)
    assert {a.model_version for a in image.analyses.all()} == {batch_version, third}


def test_a_zip_is_kept_as_it_came_and_its_work_is_queued(api: Client, batch: Batch) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.png", png())
    raw = buffer.getvalue()
    address = f"/api/v1/batches/{batch.pk}/files/"
    answer = api.post(address, raw, content_type="application/zip")
    assert answer.status_code == 202
    assert answer.json()["files"][0]["state"] == "queued"
    again = send(api, batch.pk, ("otro.zip", raw)).json()["files"][0]
    assert again["sha256"] == hashlib.sha256(raw).hexdigest()
    item = BatchItem.objects.get()
    assert item.archive is not None and item.archive.sha256 == hashlib.sha256(raw).hexdigest()
    assert item.job is not None and (item.job.kind, item.job.lane) == ("unpack", "pictures")


def test_no_file_at_all_is_said(api: Client, batch: Batch, problem: Check) -> None:
    address = f"/api/v1/batches/{batch.pk}/files/"
    problem(api.post(address, {"other": "x"}), 400, "no_file")
    problem(api.post(address, {}, content_type="application/json"), 415, "media_type_unsupported")


def test_a_cut_form_keeps_nothing(api: Client, batch: Batch, problem: Check) -> None:
    whole = (
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="files"; filename="a.png"\r\n\r\n'.encode()
        + png(40, 40)
        + f"\r\n--{BOUNDARY}--\r\n".encode()
    )
    kind = f"multipart/form-data; boundary={BOUNDARY}"
    address = f"/api/v1/batches/{batch.pk}/files/"
    for cut in (30, len(whole) - 60, len(whole) - 4):
        problem(api.post(address, whole[:cut], content_type=kind), 400, "body_incomplete")
    assert not batch.items.exists()
    assert api.post(address, whole, content_type=kind).status_code == 202


def test_a_body_of_another_length_than_declared_keeps_nothing(
    api: Client, batch: Batch, problem: Check
) -> None:
    address = f"/api/v1/batches/{batch.pk}/files/"
    raw = b"PK\x03\x04" + bytes(500)
    for kind in ("application/zip", f"multipart/form-data; boundary={BOUNDARY}"):
        stream: Any = {"wsgi.input": io.BytesIO(raw)}
        answer = api.generic("POST", address, raw, content_type=kind, CONTENT_LENGTH="900", **stream)
        problem(answer, 400, "body_incomplete")
    assert not batch.items.exists()


def test_a_body_too_large_is_refused_before_it_is_read(
    api: Client, batch: Batch, problem: Check, settings: Any
) -> None:
    settings.MEDULA_MAX_UPLOAD_BYTES = 2000
    address = f"/api/v1/batches/{batch.pk}/files/"
    for kind in ("application/zip", f"multipart/form-data; boundary={BOUNDARY}"):
        problem(api.post(address, bytes(3000), content_type=kind), 413, "body_too_large")
    assert not batch.items.exists()


def test_too_many_files_in_one_form_are_refused(api: Client, batch: Batch, problem: Check) -> None:
    files = [(f"{n}.png", png(n + 1)) for n in range(101)]
    problem(send(api, batch.pk, *files), 413, "too_many_files")
    assert not batch.items.exists()


def test_files_carry_their_digest(api: Client, alice: Any) -> None:
    analysis = analyse(prepare(make_image(make_case(alice.clinic))), make_version())
    for what in ("labels/", "overlay/", "nuclei.csv", "nuclei.json", "outlines.json"):
        answer = api.get(f"/api/v1/analyses/{analysis.pk}/{what}")
        digest = base64.b64encode(hashlib.sha256(answer.content).digest()).decode()
        assert answer["Repr-Digest"] == f"sha-256=:{digest}:", what
    answer = api.get(f"/api/v1/images/{analysis.image_id}/original/")
    content = b"".join(answer.streaming_content)
    assert hashlib.sha256(content).hexdigest() == analysis.image.original.sha256


def test_an_analysis_is_asked_again_with_another_version(api: Client, alice: Any, problem: Check) -> None:
    image = make_image(make_case(alice.clinic))
    version, other = make_version(), make_version(version=2, digest="d2", stage="candidate")
    problem(post(api, "analyses/", {"image": str(image.pk)}), 409, "state_conflict")
    analyse(prepare(image), version)
    body = {"image": str(image.pk), "model_version": str(other.pk)}
    answers = [post(api, "analyses/", body) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [202, 202]
    assert answers[0].json()["id"] == answers[1].json()["id"]
    assert answers[0].json()["model"] == "nuclei 2"
    assert image.analyses.count() == 2
