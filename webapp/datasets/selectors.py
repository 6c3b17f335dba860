"""What others ask about data sets. Rows of the asker's clinic only."""

from __future__ import annotations

from django.db.models import QuerySet

from webapp.accounts.models import User
from webapp.datasets.models import Dataset, DatasetImport, DatasetVersion, Sample


def datasets_of(user: User) -> QuerySet[Dataset]:
    """Newest first, those put away included (`archived_at`)."""
    return Dataset.objects.of(user)


def samples_of(user: User) -> QuerySet[Sample]:
    return Sample.objects.of(user).select_related(
        "dataset", "picture", "labels", "outlines", "thumbnail", "mask_job", "reviewed_by"
    )


def versions_of(user: User) -> QuerySet[DatasetVersion]:
    """Also those still being frozen, or that could not be: see `is_frozen` and the job."""
    return DatasetVersion.objects.of(user).select_related("dataset", "job", "manifest", "created_by")


def imports_of(user: User) -> QuerySet[DatasetImport]:
    return DatasetImport.objects.of(user).select_related("dataset", "job", "archive", "created_by")
