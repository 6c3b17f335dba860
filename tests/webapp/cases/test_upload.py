"""The door of pictures, as a browser knocks on it."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from tests.webapp.rows import make_case, make_image, png, prepare
from webapp.accounts.models import Clinic
from webapp.cases.models import BiopsyImage
from webapp.jobs.models import Job


def upload(client: Client, case: Any, *files: tuple[str, bytes], **headers: str) -> Any:
    biopsy = case.biopsies.get()
    sent = [SimpleUploadedFile(name, content, "image/png") for name, content in files]
    return client.post(
        reverse("images_upload", args=[biopsy.pk]),
        {"files": sent},
        headers={"accept": "application/json", **headers},
    )


def test_a_picture_is_taken(alice_client: Client, clinic: Clinic, alice: Any) -> None:
    answer = upload(alice_client, make_case(clinic), ("campo 7.png", png()))
    assert answer.json() == {"files": [{"name": "campo 7.png", "state": "created"}]}
    image = BiopsyImage.objects.get()
    assert image.uploaded_by == alice
    assert image.clinic == clinic


@pytest.mark.parametrize(
    ("language", "words"),
    [("es", "Esto no es una imagen que podamos leer."), ("en", "This is not a picture we can read.")],
)
def test_what_is_no_picture_is_refused_in_the_readers_language(
    alice_client: Client, clinic: Clinic, language: str, words: str
) -> None:
    answer = upload(
        alice_client, make_case(clinic), ("campo.png", b"just words"), **{"accept-language": language}
    )
    (file,) = answer.json()["files"]
    assert (file["state"], file["name"]) == ("refused", "campo.png")
    assert words in file["sentence"]
    assert not BiopsyImage.objects.exists()


def test_the_same_picture_again_is_told_by_the_name_it_has_here(alice_client: Client, clinic: Clinic) -> None:
    case = make_case(clinic)
    upload(alice_client, case, ("first.png", png()))
    (file,) = upload(alice_client, case, ("second.png", png())).json()["files"]
    assert file["state"] == "duplicate"
    assert "first.png" in file["sentence"]
    assert Job.objects.count() == 1


def test_good_and_bad_together_are_each_told(alice_client: Client, clinic: Clinic) -> None:
    answer = upload(alice_client, make_case(clinic), ("a.png", png()), ("b.png", b""), ("c.svg", b"<svg/>"))
    assert [file["state"] for file in answer.json()["files"]] == ["created", "refused", "refused"]


@pytest.mark.parametrize(
    ("sent", "kept"), [("../../etc/campo.png", "campo.png"), ("..\\..\\campo 🔬.png", "campo 🔬.png")]
)
def test_a_name_with_a_path_loses_it(alice_client: Client, clinic: Clinic, sent: str, kept: str) -> None:
    upload(alice_client, make_case(clinic), (sent, png()))
    assert BiopsyImage.objects.get().original_name == kept


def test_nothing_sent_is_told(alice_client: Client, clinic: Clinic) -> None:
    answer = upload(alice_client, make_case(clinic))
    assert answer.status_code == 400
    assert answer.json()["sentence"]


def test_a_body_that_is_no_form_is_no_fault_of_ours(alice_client: Client, clinic: Clinic) -> None:
    address = reverse("images_upload", args=[make_case(clinic).biopsies.get().pk])
    broken = {"data": b"--x\r\nbroken", "content_type": "multipart/form-data; boundary=x"}
    assert alice_client.post(address, **broken).status_code in {302, 400}  # type: ignore[arg-type]
    no_boundary = {"data": b"xx", "content_type": "multipart/form-data"}
    assert alice_client.post(address, **no_boundary).status_code == 400  # type: ignore[arg-type]


def test_more_files_than_one_request_may_hold_are_refused_whole(alice_client: Client, clinic: Clinic) -> None:
    files = [(f"{n}.png", png(grey=n)) for n in range(101)]
    assert upload(alice_client, make_case(clinic), *files).status_code == 400
    assert not BiopsyImage.objects.exists()


def test_a_file_over_the_limit_is_refused_with_the_limit(
    alice_client: Client, clinic: Clinic, settings: Settings
) -> None:
    settings.MEDULA_MAX_UPLOAD_BYTES = 2_000_000
    (file,) = upload(alice_client, make_case(clinic), ("a.png", png() + bytes(2_000_000))).json()["files"]
    assert file["state"] == "refused"
    assert "2 MB" in file["sentence"]


def test_a_full_disk_is_told_and_leaves_no_row(
    alice_client: Client, clinic: Clinic, installation: Any, caplog: pytest.LogCaptureFixture
) -> None:
    case = make_case(clinic)
    (installation / "storage").write_text("a file where the folder should be")
    (file,) = upload(alice_client, case, ("a.png", png())).json()["files"]
    assert file["state"] == "failed"
    assert "could not store" in file["sentence"]
    assert not BiopsyImage.objects.exists()


def test_without_scripts_a_plain_form_works_too(alice_client: Client, clinic: Clinic) -> None:
    case = make_case(clinic)
    answer = alice_client.post(
        reverse("images_upload", args=[case.biopsies.get().pk]),
        {"files": [SimpleUploadedFile("a.png", png()), SimpleUploadedFile("b.txt", b"words")]},
        follow=True,
    )
    page = answer.content.decode()
    assert "a.png" in page
    assert "b.txt: This is not a picture we can read." in page


def test_thumbnail_and_tiles_may_be_kept_by_the_browser_only(alice_client: Client, clinic: Clinic) -> None:
    image = prepare(make_image(make_case(clinic)))
    assert image.thumbnail is not None and image.tiles is not None
    thumbnail = alice_client.get(reverse("image_thumbnail", args=[image.pk, image.thumbnail.sha256]))
    tile = alice_client.get(reverse("image_tile", args=[image.pk, image.tiles.sha256, 0, 0, 0, "jpeg"]))
    assert b"".join(thumbnail.streaming_content).startswith(b"\xff\xd8\xff")
    assert tile.content == b"tile of the picture"
    for answer in (thumbnail, tile):
        assert answer["Content-Type"] == "image/jpeg"
        assert answer["Cache-Control"].startswith("private,")
        assert answer["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("where", [(1, 0, 0, "jpeg"), (0, 1, 0, "jpeg"), (0, 0, 0, "png"), (0, 0, 0, "zip")])
def test_a_tile_that_is_not_there_is_not_found(
    alice_client: Client, clinic: Clinic, where: tuple[int, int, int, str]
) -> None:
    image = prepare(make_image(make_case(clinic)))
    assert image.tiles is not None
    assert (
        alice_client.get(reverse("image_tile", args=[image.pk, image.tiles.sha256, *where])).status_code
        == 404
    )
    other = reverse("image_tile", args=[image.pk, "0" * 64, 0, 0, 0, "jpeg"])
    assert alice_client.get(other).status_code == 404


def test_an_original_is_saved_under_its_name_and_never_shown(alice_client: Client, clinic: Clinic) -> None:
    image = make_image(make_case(clinic), name='campo "7" ñ.png')
    answer = alice_client.get(reverse("image_original", args=[image.pk]))
    assert answer["Content-Disposition"].startswith('attachment; filename="campo 7 .png"')
    assert b"".join(answer.streaming_content) == png()
