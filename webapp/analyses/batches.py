"""What changes a batch: its files come in, are taken apart, and those that failed are tried again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.db.models import Max

from segmentation.errors import DataError, MedulaError, PictureRefused
from webapp.accounts.models import User
from webapp.analyses.models import Analysis, Batch, BatchItem
from webapp.analyses.services import analysis_request
from webapp.analyses.tables import TRY_AGAIN, WAITING, items_found
from webapp.cases.models import Biopsy, BiopsyImage
from webapp.cases.names import clean_name
from webapp.cases.services import images_keep, picture_store
from webapp.common.storage import ROWS_AT_ONCE, Stored, batched, file_row, store_stream
from webapp.jobs.models import Job, Lane
from webapp.jobs.services import job_create, job_retry
from webapp.registry.models import ModelVersion

UNPACK_DEADLINE_S = 2 * 3600


@dataclass(frozen=True)
class Taken:
    """One picture out of an archive: stored and without a row yet, or refused and why."""

    name: str
    stored: Stored | None = None
    refusal: MedulaError | None = None


@transaction.atomic
def batch_create(
    *, biopsy: Biopsy, user: User | None, name: str, model_version: ModelVersion | None = None
) -> Batch:
    """An empty batch; its pictures become pictures of the biopsy."""
    return Batch.objects.create(
        clinic_id=biopsy.clinic_id,
        biopsy=biopsy,
        name=" ".join(name.split())[:200],
        model_version=model_version,
        created_by=user,
    )


def batch_add_picture(
    *, batch: Batch, name: str, chunks: Iterable[bytes], size_hint: int | None = None, user: User | None
) -> BatchItem:
    """Keep one picture; a file that is none becomes an item that says why. Asked twice, it is one item."""
    try:
        stored = picture_store(clinic_id=batch.clinic_id, chunks=chunks, size_hint=size_hint)
    except PictureRefused as refusal:
        return batch_join(batch=batch, taken=[Taken(name, refusal=refusal)], user=user)[0]
    return batch_join(batch=batch, taken=[Taken(name, stored=stored)], user=user)[0]


@transaction.atomic
def batch_join(*, batch: Batch, taken: Iterable[Taken], user: User | None) -> list[BatchItem]:
    """The items of stored pictures and of refused files, all of them or none, in a few statements."""
    Batch.objects.select_for_update().get(pk=batch.pk)
    taken = list(taken)
    pictures = [(one.name, one.stored) for one in taken if one.stored is not None]
    images, _ = images_keep(biopsy=batch.biopsy, pictures=pictures, user=user)
    known = _known(batch, taken, images)
    position = batch.items.aggregate(most=Max("position"))["most"] or 0
    items: list[BatchItem] = []
    new: list[BatchItem] = []
    kept = iter(images)
    for one in taken:
        image = next(kept) if one.stored is not None else None
        key = _key(one, image)
        if key not in known:
            position += 1
            known[key] = BatchItem(batch=batch, position=position, name=clean_name(one.name), image=image)
            if image is None:
                refusal = one.refusal or PictureRefused("unknown_format")
                known[key].error_code, known[key].error_params = refusal.code, refusal.params
            new.append(known[key])
        items.append(known[key])
    BatchItem.objects.bulk_create(new)
    _analyses_of_prepared(batch, [item.image for item in new if item.image is not None], user)
    return items


def batch_add_archive(*, batch: Batch, name: str, chunks: Iterable[bytes], user: User | None) -> BatchItem:
    """Store a ZIP as it comes and queue the job that takes it apart; the same ZIP again is the same item.

    Raises DataError where it is larger than what is taken at once.
    """
    most = settings.MEDULA_MAX_UPLOAD_BYTES
    try:
        stored = store_stream(
            clinic_id=batch.clinic_id, chunks=chunks, media_type="application/zip", ext=".zip", max_bytes=most
        )
    except PictureRefused as refusal:
        raise DataError("body_too_large", max_megabytes=most // 1_000_000) from refusal
    return archive_keep(batch=batch, name=name, stored=stored, user=user)


@transaction.atomic
def archive_keep(*, batch: Batch, name: str, stored: Stored, user: User | None) -> BatchItem:
    """The item of a stored archive and its job."""
    Batch.objects.select_for_update().get(pk=batch.pk)
    archive = file_row(clinic_id=batch.clinic_id, stored=stored)
    present = batch.items.filter(archive=archive).first()
    if present is not None:
        return present
    item = BatchItem.objects.create(
        batch=batch,
        position=(batch.items.aggregate(most=Max("position"))["most"] or 0) + 1,
        name=clean_name(name),
        archive=archive,
    )
    item.job = job_create(
        kind="unpack",
        lane=Lane.PICTURES,
        clinic_id=batch.clinic_id,
        payload={"item_id": item.pk},
        requested_by=user,
        deadline_s=UNPACK_DEADLINE_S,
    )
    item.save(update_fields=["job"])
    return item


@transaction.atomic
def batch_retry(*, batch: Batch, user: User | None) -> int:
    """Queue anew what failed or was cancelled; refused files stay refused. Returns how many."""
    again = 0
    for item in items_found(batch).filter(state__in=[*TRY_AGAIN, WAITING]):
        if item.image is not None and item.state == WAITING:
            analysis_request(image=item.image, model_version=batch.model_version, user=user)
            again += 1
            continue
        job = Job.objects.filter(pk=item.last_job_id).first()
        again += job is not None and job_retry(job=job)
    return again


def prepared_analyses(*, image: BiopsyImage, user: User | None, family: str) -> None:
    """Ask for the analyses of a picture just prepared: the version each of its batches wants, or the one in
    use of the family that fits its stain. Called inside the transaction that ends the preparing job."""
    for version in versions_wanted(image):
        analysis_request(image=image, model_version=version, family=family, user=user)


def versions_wanted(image: BiopsyImage) -> list[ModelVersion | None]:
    """The versions that a picture is to be analysed by; None is the one in use."""
    batches = Batch.objects.filter(items__image=image).select_related("model_version")
    asked = {batch.model_version_id: batch.model_version for batch in batches} or {None: None}
    return list(asked.values())


def _key(one: Taken, image: BiopsyImage | None) -> tuple[str, str]:
    """What makes two files of a batch one: the picture, or the name and why it is none."""
    if image is not None:
        return "", str(image.pk)
    return clean_name(one.name), one.refusal.code if one.refusal else "unknown_format"


def _known(batch: Batch, taken: list[Taken], images: list[BiopsyImage]) -> dict[tuple[str, str], BatchItem]:
    """The batch's items of the same pictures, and of the same refused files handed in again."""
    found: dict[tuple[str, str], BatchItem] = {}
    for some in batched({image.pk for image in images}, ROWS_AT_ONCE):
        here = batch.items.filter(image__in=some).select_related("image")
        found |= {("", str(item.image_id)): item for item in here}
    for names in batched({clean_name(one.name) for one in taken if one.stored is None}, ROWS_AT_ONCE):
        here = batch.items.filter(image=None, name__in=names).exclude(error_code="")
        found |= {(item.name, item.error_code): item for item in here}
    return found


def _analyses_of_prepared(batch: Batch, images: list[BiopsyImage], user: User | None) -> None:
    """A picture that was here already is analysed at once; one being prepared, when that has ended.

    The lock orders this after a preparation that ends meanwhile: one of the two sees the other.
    """
    for some in batched((image.pk for image in images), ROWS_AT_ONCE):
        rows = BiopsyImage.objects.select_for_update().filter(pk__in=some, tiles__isnull=False)
        if batch.model_version is None:
            # Where it has been analysed, its newest analysis counts.
            rows = rows.exclude(pk__in=Analysis.objects.filter(image__in=some).values("image"))
        for row in rows.order_by("position"):
            analysis_request(image=row, model_version=batch.model_version, user=user)


def item_of(item_id: int | str) -> BatchItem:
    """For the worker: the archive's item with what unpacking needs."""
    return BatchItem.objects.select_related("batch__biopsy", "archive", "job__requested_by").get(pk=item_id)
