"""What the curator's pages ask: counts of a data set, samples that a filter finds, neighbours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Max, Q, QuerySet

from webapp.accounts.models import User
from webapp.datasets.models import Dataset, DatasetImport, DatasetVersion, Sample
from webapp.datasets.selectors import datasets_of, imports_of, samples_of, versions_of
from webapp.portal.progress import JobView, job_views

WAITING, APPROVED, REJECTED = Sample.Review.values
THUMBNAILS = 4
IMPORTS_SHOWN = 20
SKIPPED_SHOWN = 200


@dataclass(frozen=True)
class DatasetRow:
    """One line of the list of data sets."""

    dataset: Dataset
    samples: int
    waiting: int
    approved: int
    newest_version: int | None
    thumbnails: list[tuple[Any, str]]


def dataset_rows(user: User) -> list[DatasetRow]:
    """The clinic's data sets that are not archived, newest first, with their counts."""
    found = list(datasets_of(user).filter(archived_at=None).order_by("-created_at"))
    counts = {
        row["dataset"]: row
        for row in samples_of(user)
        .order_by()
        .values("dataset")
        .annotate(
            samples=Count("pk"),
            waiting=Count("pk", filter=Q(review=WAITING)),
            approved=Count("pk", filter=Q(review=APPROVED)),
        )
    }
    versions = dict(
        versions_of(user).order_by().exclude(digest="").values_list("dataset").annotate(Max("number"))
    )
    nothing = {"samples": 0, "waiting": 0, "approved": 0}
    rows = []
    for dataset in found:
        count = counts.get(dataset.pk, nothing)
        shown = samples_of(user).filter(dataset=dataset).exclude(thumbnail=None)[:THUMBNAILS]
        rows.append(
            DatasetRow(
                dataset=dataset,
                samples=count["samples"],
                waiting=count["waiting"],
                approved=count["approved"],
                newest_version=versions.get(dataset.pk),
                thumbnails=list(shown.values_list("pk", "thumbnail__sha256")),
            )
        )
    return rows


def review_counts(samples: QuerySet[Sample]) -> dict[str, int]:
    """How many wait, are approved, are rejected, have no mask; and all of them."""
    return samples.order_by().aggregate(
        all=Count("pk"),
        waiting=Count("pk", filter=Q(review=WAITING)),
        approved=Count("pk", filter=Q(review=APPROVED)),
        rejected=Count("pk", filter=Q(review=REJECTED)),
        unmasked=Count("pk", filter=Q(labels=None)),
    )


def imports_shown(user: User, dataset: Dataset) -> list[tuple[DatasetImport, JobView]]:
    """The newest hand-ins with how their jobs stand."""
    rows = list(
        imports_of(user).filter(dataset=dataset).select_related("job").order_by("-created_at")[:IMPORTS_SHOWN]
    )
    views = job_views(row.job for row in rows)
    return [(row, views[row.job_id]) for row in rows]


def versions_shown(user: User, dataset: Dataset) -> list[tuple[DatasetVersion, JobView]]:
    rows = list(versions_of(user).filter(dataset=dataset).select_related("job").order_by("-number"))
    views = job_views(row.job for row in rows)
    return [(row, views[row.job_id]) for row in rows]


@dataclass(frozen=True)
class SampleFilter:
    """What the address asks for. Unknown words ask for everything."""

    review: str = ""
    origin: str = ""
    category: str = ""

    @classmethod
    def read(cls, query: Any) -> SampleFilter:
        review, origin = query.get("review", ""), query.get("origin", "")
        return cls(
            review=review if review in Sample.Review.values else "",
            origin=origin if origin in Sample.Origin.values else "",
            category=query.get("category", "").replace("\x00", "")[:80],
        )

    def apply(self, samples: QuerySet[Sample]) -> QuerySet[Sample]:
        wanted = {"review": self.review, "origin": self.origin, "category": self.category}
        return samples.filter(**{name: value for name, value in wanted.items() if value})

    @property
    def query(self) -> str:
        """The filter as it stands in an address, without the question mark."""
        wanted = {"review": self.review, "origin": self.origin, "category": self.category}
        return urlencode({name: value for name, value in wanted.items() if value})


def categories_of(samples: QuerySet[Sample]) -> list[str]:
    found = samples.order_by("category").exclude(category="").values_list("category", flat=True)
    return list(found.distinct())


def sample_neighbours(sample: Sample, among: QuerySet[Sample]) -> tuple[Sample | None, Sample | None]:
    """The samples before and after this one in the order of the review page."""
    earlier = Q(created_at__lt=sample.created_at)
    later = Q(created_at__gt=sample.created_at)
    same = {"created_at": sample.created_at}
    earlier |= Q(**same, name__lt=sample.name) | Q(**same, name=sample.name, pk__lt=sample.pk)
    later |= Q(**same, name__gt=sample.name) | Q(**same, name=sample.name, pk__gt=sample.pk)
    before = among.filter(earlier).order_by("-created_at", "-name", "-pk").first()
    after = among.filter(later).order_by("created_at", "name", "pk").first()
    return before, after
