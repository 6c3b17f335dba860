"""What changes data sets, their samples and their frozen versions."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from contextlib import suppress

from django.db import transaction
from django.db.models import Max, Q
from django.utils import timezone

from segmentation.errors import DataError
from webapp.accounts.models import Clinic, User
from webapp.datasets.archives import archive_of
from webapp.datasets.imports import dataset_open, import_request, store_labels
from webapp.datasets.models import Dataset, DatasetVersion, Sample
from webapp.jobs.models import ENDED, Job, Lane, State
from webapp.jobs.services import job_create, jobs_create

__all__ = [
    "archive_of",
    "dataset_archive",
    "dataset_change",
    "dataset_create",
    "import_request",
    "labels_replace_request",
    "mask_request",
    "sample_change",
    "samples_review",
    "version_freeze",
]

MASK_DEADLINE_S = 30 * 60
FREEZE_DEADLINE_S = 3600
LEAST_GROUPS = 3
"""One for training, one for validation, one for the test: with fewer nothing can be divided."""
NAMES_SHOWN = 3


def dataset_create(
    *,
    clinic: Clinic,
    user: User | None,
    name: str,
    description: str = "",
    source: str = "",
    licence: str = "",
) -> Dataset:
    """An empty data set. Raises DataError where the clinic has one of that name."""
    return _dataset_save(
        Dataset(clinic=clinic, created_by=user),
        name=name,
        description=description,
        source=source,
        licence=licence,
    )


def dataset_change(
    *, dataset: Dataset, name: str, description: str = "", source: str = "", licence: str = ""
) -> Dataset:
    """Correct what was written of a data set; its frozen versions keep what they were frozen with."""
    return _dataset_save(dataset, name=name, description=description, source=source, licence=licence)


def dataset_archive(*, dataset: Dataset) -> Dataset:
    """Put it away: it takes no more pictures and freezes no more; what was frozen stays."""
    if dataset.archived_at is None:
        dataset.archived_at = timezone.now()
        dataset.save(update_fields=["archived_at"])
    return dataset


@transaction.atomic
def samples_review(*, user: User, sample_ids: Iterable[uuid.UUID | str], review: str) -> int:
    """Approve, reject or put back several samples of this person's clinic; all of them or none.

    Returns how many there were. Raises DataError where a sample without a mask would be approved.
    """
    if review not in Sample.Review.values:
        raise DataError("review_unknown", review=review)
    chosen = Sample.objects.of(user).filter(id__in=_uuids(sample_ids))
    if review == Sample.Review.APPROVED:
        bare = chosen.filter(labels=None).order_by("name")
        if count := bare.count():
            names = ", ".join(bare.values_list("name", flat=True)[:NAMES_SHOWN])
            raise DataError("review_needs_mask", count=count, names=names)
    decided = review != Sample.Review.WAITING
    return chosen.update(
        review=review,
        reviewed_by=user if decided else None,
        reviewed_at=timezone.now() if decided else None,
    )


def sample_change(
    *,
    sample: Sample,
    group: str | None = None,
    category: str | None = None,
    specimen: str | None = None,
    stain: str | None = None,
) -> Sample:
    """Correct what is known of a sample; None leaves it as it is."""
    given = {"group": group, "category": category, "specimen": specimen, "stain": stain}
    changes = {field: value.strip() for field, value in given.items() if value is not None}
    if changes.get("group") == "":
        raise DataError("no_group", name=sample.name)
    for field, value in changes.items():
        setattr(sample, field, value)
    if changes:
        sample.full_clean(exclude={f.name for f in Sample._meta.fields} - changes.keys())
        sample.save(update_fields=list(changes))
    return sample


@transaction.atomic
def mask_request(*, sample: Sample, user: User | None) -> Job:
    """Have the pixel filters draw this sample's mask, also anew; asked twice while it runs, it is one job.

    Raises DataError for an approved sample: put it back first.
    """
    sample = _maskable(sample)
    job = Job.objects.filter(mask_sample=sample).exclude(state__in=ENDED).first()
    if job is None:
        payload = {"sample_id": str(sample.pk)}
        (job,) = mask_jobs(clinic_id=sample.clinic_id, payloads=[payload], user=user)
        sample.mask_job = job
        sample.save(update_fields=["mask_job"])
    return job


@transaction.atomic
def labels_replace_request(
    *, sample: Sample, user: User | None, chunks: Iterable[bytes], size_hint: int | None = None
) -> Job:
    """Put a label picture drawn elsewhere in place of a sample's mask; a job looks at it first.

    Raises DataError for an approved sample or a file that is no PNG or TIFF; the job fails, and the mask
    stays, where the labels are of another size or cannot be read.
    """
    sample = _maskable(sample)
    labels = store_labels(clinic_id=sample.clinic_id, chunks=chunks, size_hint=size_hint)
    # What runs by now will find that the sample waits for another job.
    (sample.mask_job,) = mask_jobs(
        clinic_id=sample.clinic_id,
        payloads=[{"sample_id": str(sample.pk), "labels_id": str(labels.pk)}],
        user=user,
    )
    sample.save(update_fields=["mask_job"])
    return sample.mask_job


def mask_jobs(*, clinic_id: int, payloads: Iterable[dict[str, str]], user: User | None) -> list[Job]:
    """The jobs that draw or take over the masks of samples."""
    return jobs_create(
        kind="mask",
        lane=Lane.PICTURES,
        clinic_id=clinic_id,
        payloads=payloads,
        requested_by=user,
        deadline_s=MASK_DEADLINE_S,
    )


def _maskable(sample: Sample) -> Sample:
    """The sample, locked; raises DataError where its mask may not change."""
    sample = Sample.objects.select_for_update().select_related("dataset").get(pk=sample.pk)
    dataset_open(sample.dataset)
    if sample.review == Sample.Review.APPROVED:
        raise DataError("mask_of_approved", name=sample.name)
    return sample


@transaction.atomic
def version_freeze(*, dataset: Dataset, user: User | None, seed: int = 0) -> DatasetVersion:
    """Freeze the approved samples of this moment: a row now, its manifest and split by a job.

    Asked again while one is being frozen, it is the same row. Raises DataError where nothing is approved
    or the samples have too few groups to divide.
    """
    dataset = Dataset.objects.select_for_update().get(pk=dataset.pk)
    dataset_open(dataset)
    versions = DatasetVersion.objects.filter(dataset=dataset)
    pending = versions.filter(job__state__in=(State.QUEUED, State.RUNNING)).first()
    if pending is not None:
        return pending
    freezable(dataset)
    # What could not be frozen told its reason; its number is free again.
    versions.filter(digest="").delete()
    version_id = uuid.uuid4()
    job = job_create(
        kind="freeze",
        lane=Lane.PICTURES,
        clinic_id=dataset.clinic_id,
        payload={"version_id": str(version_id)},
        requested_by=user,
        deadline_s=FREEZE_DEADLINE_S,
    )
    return DatasetVersion.objects.create(
        id=version_id,
        clinic_id=dataset.clinic_id,
        dataset=dataset,
        number=(versions.aggregate(last=Max("number"))["last"] or 0) + 1,
        seed=seed,
        job=job,
        created_by=user,
    )


def freezable(dataset: Dataset) -> None:
    """Raises DataError, with what is missing, where the approved samples cannot be divided into parts."""
    approved = Q(dataset=dataset, review=Sample.Review.APPROVED)
    pictures = Sample.objects.filter(approved).count()
    if not pictures:
        raise DataError("nothing_approved", name=dataset.name)
    groups = Sample.objects.filter(approved).order_by().values("group").distinct().count()
    if groups < LEAST_GROUPS:
        raise DataError("too_few_groups", pictures=pictures, groups=groups, least=LEAST_GROUPS)


def _uuids(texts: Iterable[uuid.UUID | str]) -> list[uuid.UUID]:
    """Those that are ids at all; the others are nobody's."""
    found = []
    for text in texts:
        with suppress(ValueError):
            found.append(uuid.UUID(str(text)))
    return found


def _dataset_save(dataset: Dataset, **written: str) -> Dataset:
    for field, value in written.items():
        setattr(dataset, field, value.strip())
    dataset.full_clean(validate_constraints=False)
    with transaction.atomic():
        Clinic.objects.select_for_update().get(pk=dataset.clinic_id)
        same = Dataset.objects.filter(clinic_id=dataset.clinic_id, name=dataset.name).exclude(pk=dataset.pk)
        if same.exists():
            raise DataError("dataset_name_taken", name=dataset.name)
        dataset.save()
    return dataset
