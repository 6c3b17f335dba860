"""What the worker's jobs write when they end: each is called inside the transaction that ends its job."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from webapp.common.storage import Stored, file_row, file_rows
from webapp.datasets.imports import dataset_open
from webapp.datasets.models import Dataset, DatasetImport, DatasetVersion, Sample, VersionSample
from webapp.datasets.services import mask_jobs

PROBLEMS_KEPT = 500


@dataclass(frozen=True)
class Mask:
    """Instance labels in storage, their outlines, and how many nuclei."""

    labels: Stored
    outlines: Stored
    nuclei_count: int


@dataclass(frozen=True)
class NewSample:
    """A picture that came in, looked at and stored."""

    name: str
    picture: Stored
    thumbnail: Stored
    width: int
    height: int
    modality: str
    group: str
    category: str = ""
    mask: Mask | None = None


@dataclass(frozen=True)
class Outcome:
    """What an import found besides: the layout, the pictures the set knew, what was left out and why."""

    layout: str
    known: int = 0
    ignored: int = 0
    problems: list[dict[str, Any]] = field(default_factory=list)


def import_record(*, import_id: uuid.UUID | str, found: Iterable[NewSample], outcome: Outcome) -> int:
    """The samples of an import, those the data set has not got already; returns how many were new.

    Thousands in a few statements: while they are written, nobody else writes to an embedded database.
    """
    row = DatasetImport.objects.select_related("dataset", "created_by").get(pk=import_id)
    dataset_open(Dataset.objects.select_for_update().get(pk=row.dataset_id))
    present = Sample.objects.filter(dataset_id=row.dataset_id).order_by()
    taken = set(present.values_list("picture__sha256", flat=True))
    new: dict[str, NewSample] = {}
    known = outcome.known
    for one in found:
        if one.picture.sha256 in taken or one.picture.sha256 in new:
            known += 1
        else:
            new[one.picture.sha256] = one
    files = file_rows(clinic_id=row.clinic_id, stored=new_files(new.values()))
    samples = [_sample(row, one, files) for one in new.values()]
    bare = [sample for sample in samples if sample.labels_id is None]
    if row.settings.get("draw_masks"):
        payloads = [{"sample_id": str(sample.pk)} for sample in bare]
        jobs = mask_jobs(clinic_id=row.clinic_id, payloads=payloads, user=row.created_by)
        for sample, job in zip(bare, jobs, strict=True):
            sample.mask_job = job
    Sample.objects.bulk_create(samples)
    row.report = {
        "layout": outcome.layout,
        "added": len(samples),
        "known": known,
        "with_masks": len(samples) - len(bare),
        "without_masks": len(bare),
        "ignored": outcome.ignored,
        "skipped": outcome.problems[:PROBLEMS_KEPT],
        "skipped_count": len(outcome.problems),
    }
    row.save(update_fields=["report"])
    return len(samples)


def mask_record(
    *, sample_id: uuid.UUID | str, job_id: uuid.UUID, mask: Mask, origin: str = Sample.Origin.PIPELINE
) -> bool:
    """A mask that a job drew or looked at; not over one that was approved or asked for anew meanwhile."""
    sample = Sample.objects.select_for_update().get(pk=sample_id)
    if sample.review == Sample.Review.APPROVED or sample.mask_job_id != job_id:
        return False
    files = file_rows(clinic_id=sample.clinic_id, stored=(mask.labels, mask.outlines))
    _put_mask(sample, mask, files, origin)
    # Whoever rejected the sample rejected the mask it had.
    sample.review, sample.reviewed_by, sample.reviewed_at = Sample.Review.WAITING, None, None
    sample.save()
    return True


def version_record(
    *,
    version_id: uuid.UUID | str,
    lines: Iterable[tuple[Sample, str]],
    manifest: Stored,
    statistics: Mapping[str, Any],
) -> DatasetVersion:
    """A frozen version: its samples (as they were when the manifest was written) with their parts."""
    version = DatasetVersion.objects.select_for_update().get(pk=version_id)
    dataset_open(Dataset.objects.select_for_update().get(pk=version.dataset_id))
    lines = list(lines)
    VersionSample.objects.bulk_create(
        VersionSample(
            version=version,
            sample=sample,
            name=sample.name,
            picture_id=sample.picture_id,
            labels=sample.labels,
            group=sample.group,
            modality=sample.modality,
            nuclei_count=sample.nuclei_count or 0,
            part=part,
        )
        for sample, part in lines
    )
    version.manifest = file_row(clinic_id=version.clinic_id, stored=manifest)
    version.digest = manifest.sha256
    version.statistics = dict(statistics)
    version.save(update_fields=["manifest", "digest", "statistics"])
    return version


def new_files(samples: Iterable[NewSample]) -> Iterator[Stored]:
    """Every stored file of these samples."""
    for sample in samples:
        yield sample.picture
        yield sample.thumbnail
        if sample.mask is not None:
            yield sample.mask.labels
            yield sample.mask.outlines


def _sample(row: DatasetImport, new: NewSample, files: Mapping[str, uuid.UUID]) -> Sample:
    settings = row.settings
    sample = Sample(
        clinic_id=row.clinic_id,
        dataset_id=row.dataset_id,
        dataset_import=row,
        name=new.name,
        picture_id=files[new.picture.sha256],
        thumbnail_id=files[new.thumbnail.sha256],
        width=new.width,
        height=new.height,
        modality=new.modality,
        group=new.group,
        category=new.category,
        source=settings.get("source", ""),
        licence=settings.get("licence", ""),
        specimen=settings.get("specimen", ""),
        stain=settings.get("stain", ""),
    )
    if new.mask is not None:
        _put_mask(sample, new.mask, files, Sample.Origin.IMPORTED)
    return sample


def _put_mask(sample: Sample, mask: Mask, files: Mapping[str, uuid.UUID], origin: str) -> None:
    sample.labels_id = files[mask.labels.sha256]
    sample.outlines_id = files[mask.outlines.sha256]
    sample.nuclei_count = mask.nuclei_count
    sample.origin = origin
