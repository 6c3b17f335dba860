"""What the worker's jobs write when they end: each is called inside the transaction that ends its job."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from webapp.common.storage import Stored, file_row
from webapp.datasets.models import Dataset, DatasetImport, DatasetVersion, Sample, VersionSample
from webapp.datasets.services import mask_job

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
    """The samples of an import, those the data set has not got already; returns how many were new."""
    row = DatasetImport.objects.select_related("dataset", "created_by").get(pk=import_id)
    Dataset.objects.select_for_update().get(pk=row.dataset_id)
    added = masks = without = 0
    known = outcome.known
    for new in found:
        picture = file_row(clinic_id=row.clinic_id, stored=new.picture)
        if Sample.objects.filter(dataset_id=row.dataset_id, picture=picture).exists():
            known += 1
            continue
        sample = _sample(row, new, picture_id=picture.pk)
        added += 1
        masks += sample.labels_id is not None
        if sample.labels_id is None:
            without += 1
            if row.settings.get("draw_masks"):
                sample.mask_job = mask_job(sample=sample, user=row.created_by)
                sample.save(update_fields=["mask_job"])
    row.report = {
        "layout": outcome.layout,
        "added": added,
        "known": known,
        "with_masks": masks,
        "without_masks": without,
        "ignored": outcome.ignored,
        "skipped": outcome.problems[:PROBLEMS_KEPT],
        "skipped_count": len(outcome.problems),
    }
    row.save(update_fields=["report"])
    return added


def mask_record(*, sample_id: uuid.UUID | str, job_id: uuid.UUID, mask: Mask) -> bool:
    """The mask that the pixel filters drew; not over one that was approved or asked for anew meanwhile."""
    sample = Sample.objects.select_for_update().get(pk=sample_id)
    if sample.review == Sample.Review.APPROVED or sample.mask_job_id != job_id:
        return False
    _put_mask(sample, mask, Sample.Origin.PIPELINE)
    sample.save(update_fields=["labels", "outlines", "nuclei_count", "origin"])
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


def _sample(row: DatasetImport, new: NewSample, *, picture_id: uuid.UUID) -> Sample:
    settings = row.settings
    sample = Sample(
        clinic_id=row.clinic_id,
        dataset_id=row.dataset_id,
        dataset_import=row,
        name=new.name,
        picture_id=picture_id,
        thumbnail=file_row(clinic_id=row.clinic_id, stored=new.thumbnail),
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
        _put_mask(sample, new.mask, Sample.Origin.IMPORTED)
    sample.save()
    return sample


def _put_mask(sample: Sample, mask: Mask, origin: str) -> None:
    sample.labels = file_row(clinic_id=sample.clinic_id, stored=mask.labels)
    sample.outlines = file_row(clinic_id=sample.clinic_id, stored=mask.outlines)
    sample.nuclei_count = mask.nuclei_count
    sample.origin = origin
