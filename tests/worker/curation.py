"""A data set, what is handed in to it, and the worker's turn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests import drawn
from webapp.accounts.models import Clinic, User
from webapp.datasets.models import Dataset, DatasetImport, DatasetVersion, Sample
from webapp.datasets.services import dataset_create, import_request, samples_review, version_freeze
from webapp.jobs.models import Job
from worker.runner import run_next


def curator(slug: str = "norte") -> User:
    clinic, _ = Clinic.objects.get_or_create(slug=slug, defaults={"name": slug})
    user, _ = User.objects.get_or_create(username=f"curator-{slug}", clinic=clinic, role="curator")
    return user


def new_dataset(name: str = "Frotis", **written: str) -> Dataset:
    user = curator()
    assert user.clinic is not None
    return dataset_create(clinic=user.clinic, user=user, name=name, **written)


def hand_in(
    dataset: Dataset, files: Mapping[str, bytes] | bytes, layout: str = "auto", **settings: Any
) -> DatasetImport:
    """Import files and let the worker take the archive apart; the import as it is afterwards."""
    content = files if isinstance(files, bytes) else drawn.zipped(files)
    row = import_request(
        dataset=dataset, user=curator(), name="lote.zip", chunks=[content], layout=layout, settings=settings
    )
    assert run_next("pictures")
    return DatasetImport.objects.select_related("job").get(pk=row.pk)


def codes(row: DatasetImport) -> dict[str, str]:
    """What was left out and why."""
    return {problem["name"]: problem["code"] for problem in row.report["skipped"]}


def approve_all(dataset: Dataset) -> int:
    ids = dataset.samples.exclude(labels=None).values_list("id", flat=True)
    return samples_review(user=curator(), sample_ids=ids, review=Sample.Review.APPROVED)


def freeze(dataset: Dataset, seed: int = 0) -> tuple[DatasetVersion, Job]:
    version = version_freeze(dataset=dataset, user=curator(), seed=seed)
    assert run_next("pictures")
    return DatasetVersion.objects.get(pk=version.pk), Job.objects.get(pk=version.job_id)
