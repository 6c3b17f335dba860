"""A hand-in of files: the archive is stored as it comes and a job takes it apart."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from itertools import chain
from typing import Any

from django.conf import settings as installation
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from segmentation import formats
from segmentation.errors import DataError, PictureRefused
from webapp.accounts.models import User
from webapp.cases.models import Biopsy
from webapp.cases.names import clean_name
from webapp.common.models import StoredFile
from webapp.common.storage import Stored, file_row, store_stream
from webapp.datasets.models import Dataset, DatasetImport
from webapp.jobs.models import Lane
from webapp.jobs.services import job_create

MAX_ARCHIVE_BYTES = 16 * 1000**3
IMPORT_DEADLINE_S = 4 * 3600
_ZIP_HEADS = (b"PK\x03\x04", b"PK\x05\x06")
_TEXTS = {"source": 300, "licence": 120}


class GroupFrom(models.TextChoices):
    """Where a picture's group comes from when no table names it."""

    AUTO = "auto", _("The patient in the file name where we know the set, else each picture by itself")
    PICTURE = "picture", _("Each picture is a group of its own")
    NAME = "name", _("The file name: pictures of the same name belong together")
    PREFIX = "prefix", _("The file name up to the last _ or -")
    FOLDER = "folder", _("The folder")
    TABLE = "table", _("Only the table: a picture it does not name is not taken")


def import_request(
    *,
    dataset: Dataset,
    user: User | None,
    name: str,
    chunks: Iterable[bytes],
    size_hint: int | None = None,
    layout: str = DatasetImport.Layout.AUTO,
    settings: dict[str, Any] | None = None,
) -> DatasetImport:
    """Store a ZIP and queue the job that takes it apart.

    `settings` is what all its samples have in common: source, licence, specimen, stain, group_from (one
    of GroupFrom), groups (picture's name -> group), draw_masks. What is not given of source and licence is
    the data set's. Raises DataError for what is no ZIP or a setting we do not know.
    """
    dataset_open(dataset)
    if layout not in DatasetImport.Layout.values:
        raise DataError("import_setting", setting="layout", value=layout)
    checked = settings_checked(dataset, settings or {})
    if size_hint is not None and size_hint > MAX_ARCHIVE_BYTES:
        raise DataError("import_too_large", max_gigabytes=MAX_ARCHIVE_BYTES // 1000**3)
    stored = store_stream(
        clinic_id=dataset.clinic_id,
        chunks=_zip_only(chunks),
        media_type="application/zip",
        ext=".zip",
        max_bytes=MAX_ARCHIVE_BYTES,
    )
    return _import_row(
        dataset=dataset, user=user, name=clean_name(name), layout=layout, settings=checked, stored=stored
    )


def dataset_open(dataset: Dataset) -> None:
    """Raises DataError for a data set that was put away."""
    if dataset.archived_at is not None:
        raise DataError("dataset_archived", name=dataset.name)


def settings_checked(dataset: Dataset, given: dict[str, Any]) -> dict[str, Any]:
    """The settings of an import, each of them known and whole; raises DataError for the first that is not."""
    found: dict[str, Any] = {
        field: str(given.get(field) or getattr(dataset, field))[:longest] for field, longest in _TEXTS.items()
    }
    allowed = {
        "group_from": (GroupFrom.AUTO, GroupFrom.values),
        "specimen": ("", ["", *Biopsy.Specimen.values]),
        "stain": ("", ["", *Biopsy.Stain.values]),
    }
    for field, (usual, values) in allowed.items():
        value = str(given.get(field) or usual)
        if value not in values:
            raise DataError("import_setting", setting=field, value=value)
        found[field] = value
    groups = given.get("groups") or {}
    if not isinstance(groups, dict):
        raise DataError("import_setting", setting="groups", value=type(groups).__name__)
    found["groups"] = {str(picture): str(group).strip() for picture, group in groups.items()}
    found["draw_masks"] = bool(given.get("draw_masks"))
    return found


def store_labels(*, clinic_id: int, chunks: Iterable[bytes], size_hint: int | None = None) -> StoredFile:
    """Store a label picture as it comes; raises DataError for what is no PNG or TIFF."""
    head, whole = _peek(chunks, formats.HEAD_BYTES)
    kind = formats.sniff(head)
    if kind not in ("png", "tiff"):
        raise DataError("labels_format")
    most = installation.MEDULA_MAX_UPLOAD_BYTES
    if size_hint is not None and size_hint > most:
        raise PictureRefused("too_many_bytes", max_megabytes=most // 1_000_000)
    stored = store_stream(
        clinic_id=clinic_id,
        chunks=whole,
        media_type=formats.MEDIA_TYPES[kind],
        ext=formats.EXTENSIONS[kind],
        max_bytes=most,
    )
    return file_row(clinic_id=clinic_id, stored=stored)


def _zip_only(chunks: Iterable[bytes]) -> Iterable[bytes]:
    head, whole = _peek(chunks, 4)
    if head[:4] not in _ZIP_HEADS:
        raise DataError("archive_unreadable")
    return whole


def _peek(chunks: Iterable[bytes], least: int) -> tuple[bytes, Iterable[bytes]]:
    """At least so many first bytes, where there are as many, and the whole stream again."""
    iterator = iter(chunks)
    head = b""
    for chunk in iterator:
        head += chunk
        if len(head) >= least:
            break
    return head, chain((head,), iterator)


@transaction.atomic
def _import_row(
    *, dataset: Dataset, user: User | None, name: str, layout: str, settings: dict[str, Any], stored: Stored
) -> DatasetImport:
    import_id = uuid.uuid4()
    job = job_create(
        kind="import",
        lane=Lane.PICTURES,
        clinic_id=dataset.clinic_id,
        payload={"import_id": str(import_id)},
        requested_by=user,
        deadline_s=IMPORT_DEADLINE_S,
    )
    return DatasetImport.objects.create(
        id=import_id,
        clinic_id=dataset.clinic_id,
        dataset=dataset,
        archive=file_row(clinic_id=dataset.clinic_id, stored=stored),
        name=name,
        layout=layout,
        settings=settings,
        job=job,
        created_by=user,
    )
