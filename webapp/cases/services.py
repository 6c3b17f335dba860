"""What changes cases and pictures."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import chain
from typing import Any

from django.conf import settings
from django.db import transaction

from segmentation import formats
from segmentation.errors import PictureRefused
from webapp.accounts.models import Clinic, User
from webapp.cases.models import Biopsy, BiopsyImage, Case, Patient
from webapp.cases.names import clean_name
from webapp.common.storage import ROWS_AT_ONCE, Stored, batched, file_row, file_rows, store_stream
from webapp.jobs.models import Lane
from webapp.jobs.services import job_create, jobs_create

# Reading and cutting into tiles; 200 megapixels take a few minutes on two cores.
PREPARE_DEADLINE_S = 30 * 60
DEMO_PATIENT = "DEMO"


@transaction.atomic
def patient_create(*, clinic: Clinic, code: str, birth_year: int | None = None) -> Patient:
    """The clinic's patient of this code, new or known; a known one keeps what was written of it."""
    patient, _ = Patient.objects.get_or_create(
        clinic=clinic, code=code.strip(), defaults={"birth_year": birth_year}
    )
    return patient


@transaction.atomic
def case_create(
    *,
    clinic: Clinic,
    user: User | None,
    patient_code: str,
    diagnosis: str = Case.Diagnosis.UNKNOWN,
    specimen: str = Biopsy.Specimen.ASPIRATE_SMEAR,
    stain: str = Biopsy.Stain.UNKNOWN,
    um_per_px: float | None = None,
    title: str = "",
    notes: str = "",
    taken_on: date | None = None,
    magnification: float | None = None,
    is_demo: bool = False,
) -> Case:
    """A case with its first biopsy; the patient is the clinic's own of that code, new or known."""
    patient = patient_create(clinic=clinic, code=patient_code)
    case = Case(
        clinic=clinic,
        patient=patient,
        title=title.strip(),
        diagnosis=diagnosis,
        notes=notes.strip(),
        created_by=user,
        is_demo=is_demo,
    )
    case.full_clean()
    case.save()
    biopsy_create(
        case=case,
        specimen=specimen,
        stain=stain,
        um_per_px=um_per_px,
        taken_on=taken_on,
        magnification=magnification,
    )
    return case


@transaction.atomic
def biopsy_create(
    *,
    case: Case,
    specimen: str,
    stain: str,
    um_per_px: float | None = None,
    taken_on: date | None = None,
    magnification: float | None = None,
) -> Biopsy:
    """One sample of a case, with what its pictures have in common."""
    biopsy = Biopsy(
        clinic_id=case.clinic_id,
        case=case,
        specimen=specimen,
        stain=stain,
        um_per_px=um_per_px,
        taken_on=taken_on,
        magnification=magnification,
    )
    biopsy.full_clean()
    biopsy.save()
    return biopsy


@transaction.atomic
def biopsy_change(
    *, biopsy: Biopsy, specimen: str, stain: str, um_per_px: float | None, taken_on: date | None
) -> Biopsy:
    """Correct what was written of a sample; sizes shown in µm follow the calibration."""
    biopsy.specimen, biopsy.stain = specimen, stain
    biopsy.um_per_px, biopsy.taken_on = um_per_px, taken_on
    biopsy.full_clean()
    biopsy.save()
    return biopsy


def image_create(
    *,
    biopsy: Biopsy,
    name: str,
    chunks: Iterable[bytes],
    size_hint: int | None = None,
    user: User | None = None,
) -> tuple[BiopsyImage, bool]:
    """Store a picture and queue its preparation; the same bytes again return the row that is there.

    Looks at size and first bytes only (raises PictureRefused): decoding is the worker's business.
    """
    stored = picture_store(clinic_id=biopsy.clinic_id, chunks=chunks, size_hint=size_hint)
    return image_keep(biopsy=biopsy, name=name, stored=stored, user=user)


def picture_store(*, clinic_id: int, chunks: Iterable[bytes], size_hint: int | None = None) -> Stored:
    """The bytes of a picture in storage, without a row yet; raises PictureRefused for what is none."""
    head, all_chunks = _peek(chunks)
    most = settings.MEDULA_MAX_UPLOAD_BYTES
    refused = formats.refusal(head, len(head) if size_hint is None else size_hint, most)
    if refused is not None:
        raise refused
    kind = formats.sniff(head)
    if kind not in formats.ACCEPTED:  # also where `size_hint` lied about an empty file
        raise PictureRefused("unknown_format")
    return store_stream(
        clinic_id=clinic_id,
        chunks=all_chunks,
        media_type=formats.MEDIA_TYPES[kind],
        ext=formats.EXTENSIONS[kind],
        max_bytes=most,
    )


@transaction.atomic
def image_keep(
    *, biopsy: Biopsy, name: str, stored: Stored, user: User | None = None
) -> tuple[BiopsyImage, bool]:
    """The row of a stored picture in its biopsy, and the job that prepares it; True: it is new here."""
    images, new = images_keep(biopsy=biopsy, pictures=[(name, stored)], user=user)
    return images[0], bool(new)


@transaction.atomic
def images_keep(
    *, biopsy: Biopsy, pictures: Sequence[tuple[str, Stored]], user: User | None = None
) -> tuple[list[BiopsyImage], set[uuid.UUID]]:
    """The rows of many stored pictures, one a picture handed in, and which of them are new here.

    In a few statements: while thousands are written, nobody else writes to an embedded database.
    """
    # The lock makes the look before the insert safe; SQLite's IMMEDIATE transaction does the same.
    Biopsy.objects.select_for_update().get(pk=biopsy.pk)
    files = file_rows(clinic_id=biopsy.clinic_id, stored=(stored for _, stored in pictures))
    images: dict[uuid.UUID, BiopsyImage] = {}
    for some in batched(files.values(), ROWS_AT_ONCE):
        here = BiopsyImage.objects.filter(biopsy=biopsy, original__in=some)
        images |= {image.original_id: image for image in here}
    new = {
        files[stored.sha256]: BiopsyImage(
            clinic_id=biopsy.clinic_id, biopsy=biopsy, original_name=clean_name(name), uploaded_by=user
        )
        for name, stored in reversed(pictures)  # of the same bytes under two names, the first counts
        if files[stored.sha256] not in images
    }
    jobs = jobs_create(
        kind="prepare",
        lane=Lane.PICTURES,
        clinic_id=biopsy.clinic_id,
        payloads=[{"image_id": str(image.pk)} for image in reversed(new.values())],
        requested_by=user,
        deadline_s=PREPARE_DEADLINE_S,
    )
    last = biopsy.images.count()
    for number, (original_id, job) in enumerate(zip(reversed(new), jobs, strict=True), start=1):
        image = new[original_id]
        image.position, image.original_id, image.prepare_job = last + number, original_id, job
    BiopsyImage.objects.bulk_create(reversed(new.values()))
    images |= new
    return [images[files[stored.sha256]] for _, stored in pictures], {image.pk for image in new.values()}


def image_prepared(
    *,
    image_id: uuid.UUID | str,
    width: int,
    height: int,
    bit_depth: int,
    um_per_px_file: float | None,
    notes: list[str],
    tiles: Stored,
    tiles_info: dict[str, Any],
    thumbnail: Stored,
) -> BiopsyImage:
    """What decoding told. Called inside the transaction that ends the preparing job."""
    image = BiopsyImage.objects.get(pk=image_id)
    image.width, image.height, image.bit_depth = width, height, bit_depth
    image.um_per_px_file = um_per_px_file
    image.notes = list(notes)
    image.tiles = file_row(clinic_id=image.clinic_id, stored=tiles)
    image.tiles_info = dict(tiles_info)
    image.thumbnail = file_row(clinic_id=image.clinic_id, stored=thumbnail)
    image.save()
    return image


@transaction.atomic
def demo_case_create(*, clinic: Clinic, user: User | None) -> Case:
    """The clinic's demo case and the job that draws its pictures; asked twice, it is the same case."""
    present = Case.objects.filter(clinic=clinic, is_demo=True).first()
    if present is not None:
        return present
    case = case_create(
        clinic=clinic,
        user=user,
        patient_code=DEMO_PATIENT,
        stain=Biopsy.Stain.FLUORESCENCE,
        specimen=Biopsy.Specimen.CULTURE,
        is_demo=True,
    )
    stained = biopsy_create(case=case, specimen=Biopsy.Specimen.ASPIRATE_SMEAR, stain=Biopsy.Stain.GIEMSA)
    tissue = biopsy_create(case=case, specimen=Biopsy.Specimen.OTHER, stain=Biopsy.Stain.IHC)
    first = case.biopsies.get(stain=Biopsy.Stain.FLUORESCENCE)
    job_create(
        kind="demo",
        lane=Lane.PICTURES,
        clinic_id=clinic.pk,
        payload={
            "case_id": str(case.pk),
            "biopsy_ids": {"fluorescence": str(first.pk), "stained": str(stained.pk), "ihc": str(tissue.pk)},
        },
        requested_by=user,
        deadline_s=PREPARE_DEADLINE_S,
    )
    return case


def _peek(chunks: Iterable[bytes]) -> tuple[bytes, Iterator[bytes]]:
    """The first bytes, and all chunks again from the start."""
    source = iter(chunks)
    read: list[bytes] = []
    length = 0
    for chunk in source:
        read.append(bytes(chunk))
        length += len(chunk)
        if length >= formats.HEAD_BYTES:
            break
    return b"".join(read)[: formats.HEAD_BYTES], chain(read, source)
