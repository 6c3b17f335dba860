from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from pytest_django.fixtures import Settings

from segmentation.errors import PictureRefused
from tests.webapp.rows import TILES_INFO, make_case, make_image, png, prepare
from webapp.accounts.models import Clinic
from webapp.cases.models import Biopsy, BiopsyImage, Patient
from webapp.cases.services import demo_case_create, image_create
from webapp.common.storage import absolute
from webapp.jobs.models import Job, State


def biopsy_of(clinic: Clinic) -> Biopsy:
    return make_case(clinic).biopsies.get()


def test_a_case_brings_its_patient_and_its_first_biopsy(clinic: Clinic, alice: Any) -> None:
    case = make_case(clinic, user=alice, patient_code=" P-0042 ", stain="giemsa", um_per_px=0.25)
    assert case.patient.code == "P-0042"
    assert case.created_by == alice
    biopsy = case.biopsies.get()
    assert (biopsy.stain, biopsy.um_per_px, biopsy.clinic_id) == ("giemsa", 0.25, clinic.pk)


def test_a_second_case_of_a_patient_finds_the_patient(clinic: Clinic) -> None:
    assert make_case(clinic).patient == make_case(clinic).patient
    assert Patient.objects.count() == 1


def test_the_same_code_in_two_clinics_is_two_patients(clinic: Clinic, other_clinic: Clinic) -> None:
    assert make_case(clinic).patient != make_case(other_clinic).patient


@pytest.mark.parametrize("wrong", [{"diagnosis": "flu"}, {"stain": "ink"}, {"um_per_px": -1.0}])
def test_a_case_with_a_wrong_value_leaves_nothing_behind(clinic: Clinic, wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        make_case(clinic, **wrong)
    assert Patient.objects.count() == 0


def test_a_picture_is_kept_byte_for_byte_under_its_digest(clinic: Clinic) -> None:
    content = png(30, 20)
    pieces = [content[i : i + 7] for i in range(0, len(content), 7)]
    image, created = image_create(biopsy=biopsy_of(clinic), name="campo 1.png", chunks=iter(pieces))
    assert created
    assert image.original.sha256 == hashlib.sha256(content).hexdigest()
    assert absolute(image.original.path).read_bytes() == content
    assert image.original.media_type == "image/png"


def test_a_picture_comes_with_the_job_that_prepares_it(clinic: Clinic, alice: Any) -> None:
    image, _ = image_create(biopsy=biopsy_of(clinic), name="a.png", chunks=[png()], user=alice)
    job = image.prepare_job
    assert job is not None
    assert (job.kind, job.lane, job.state, job.payload) == (
        "prepare",
        "pictures",
        State.QUEUED,
        {"image_id": str(image.pk)},
    )
    assert job.requested_by == alice


def test_the_bell_waits_for_the_commit(clinic: Clinic, django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks() as rings:
        image_create(biopsy=biopsy_of(clinic), name="a.png", chunks=[png()])
    assert len(rings) == 1


def test_the_same_bytes_in_a_biopsy_are_one_picture(clinic: Clinic) -> None:
    biopsy = biopsy_of(clinic)
    first, created = image_create(biopsy=biopsy, name="a.png", chunks=[png()])
    again, created_again = image_create(biopsy=biopsy, name="b.png", chunks=[png()])
    assert (created, created_again) == (True, False)
    assert again == first
    assert again.original_name == "a.png"
    assert Job.objects.count() == 1


def test_the_same_bytes_in_another_biopsy_are_another_picture_of_one_file(clinic: Clinic) -> None:
    first = make_image(make_case(clinic))
    second = make_image(make_case(clinic))
    assert first != second
    assert first.original == second.original


def test_pictures_stand_in_the_order_they_came(clinic: Clinic) -> None:
    case = make_case(clinic)
    names = [make_image(case, name=f"{n}.png", content=png(grey=n)).original_name for n in range(4)]
    assert [image.original_name for image in case.biopsies.get().images.all()] == names


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty_file"),
        (b"only words, whatever the name says", "unknown_format"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "svg"),
        (b"GIF89a" + b"\x00" * 7 + b"!\xff\x0bNETSCAPE2.0", "animated"),
    ],
)
def test_what_is_no_picture_is_refused_at_the_door(clinic: Clinic, content: bytes, code: str) -> None:
    with pytest.raises(PictureRefused) as caught:
        image_create(biopsy=biopsy_of(clinic), name="campo.png", chunks=[content])
    assert caught.value.code == code
    assert BiopsyImage.objects.count() == Job.objects.count() == 0


@pytest.mark.parametrize("size_hint", [None, 10, 5000])
def test_a_file_over_the_limit_is_refused_whatever_it_announced(
    clinic: Clinic, settings: Settings, installation: Path, size_hint: int | None
) -> None:
    settings.MEDULA_MAX_UPLOAD_BYTES = 2000

    def endless() -> Iterator[bytes]:
        yield png()
        while True:
            yield b"\x00" * 500

    with pytest.raises(PictureRefused) as caught:
        image_create(biopsy=biopsy_of(clinic), name="a.png", chunks=endless(), size_hint=size_hint)
    assert caught.value.code == "too_many_bytes"
    assert list(installation.rglob("*.png")) == []


def test_what_decoding_told_is_written_down(clinic: Clinic) -> None:
    image = prepare(make_image(make_case(clinic)))
    assert (image.width, image.height, image.bit_depth) == (64, 48, 8)
    assert image.tiles_info == TILES_INFO
    assert image.tiles is not None and absolute(image.tiles.path).is_file()


def test_what_a_person_wrote_goes_before_what_the_file_says(clinic: Clinic) -> None:
    image = make_image(make_case(clinic))
    image.um_per_px_file = 0.5
    assert image.um_per_px == 0.5
    image.biopsy.um_per_px = 0.25
    assert image.um_per_px == 0.25


def test_the_demo_case_is_made_once_with_one_job(clinic: Clinic) -> None:
    case = demo_case_create(clinic=clinic, user=None)
    assert demo_case_create(clinic=clinic, user=None) == case
    job = Job.objects.get()
    assert job.kind == "demo"
    ids = {str(pk) for pk in case.biopsies.values_list("pk", flat=True)}
    assert set(job.payload["biopsy_ids"].values()) == ids
