"""Data sets, samples and versions for tests, written by the services that write them in life."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterable
from typing import Any

from django.test import Client

from tests.webapp.rows import OUTLINES, end_job, png
from webapp.accounts.models import Clinic, User
from webapp.common.storage import Stored, store_bytes
from webapp.datasets.models import Dataset, DatasetImport, DatasetVersion, Sample
from webapp.datasets.recording import Mask, NewSample, Outcome, import_record, version_record
from webapp.datasets.services import dataset_create, import_request, samples_review, version_freeze

PARTS = ("train", "validation", "test")


def make_person(clinic: Clinic | None, role: str = "curator", **changes: Any) -> User:
    name = changes.pop("username", f"{role}-{clinic.slug if clinic else 'nowhere'}")
    return User.objects.create_user(name, password="correct-horse-9", clinic=clinic, role=role, **changes)


def client_of(user: User, language: str = "en") -> Client:
    client = Client(headers={"accept-language": language})
    client.force_login(user)
    return client


def zipped(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def make_dataset(user: User, name: str = "Nuclei", **changes: Any) -> Dataset:
    assert user.clinic is not None
    return dataset_create(clinic=user.clinic, user=user, name=name, **changes)


def make_import(dataset: Dataset, user: User, **changes: Any) -> DatasetImport:
    return import_request(
        dataset=dataset, user=user, chunks=[zipped({"a.png": b"a"})], **{"name": "a.zip", **changes}
    )


def make_samples(
    dataset: Dataset,
    user: User,
    names: Iterable[str],
    *,
    masked: bool = True,
    media_type: str = "image/png",
    category: str = "",
    problems: list[dict[str, Any]] | None = None,
) -> list[Sample]:
    """What the worker's import would have written: each a group of its own, with two nuclei."""
    row = make_import(dataset, user)
    names = list(names)

    def stored(content: bytes, kind: str, ext: str) -> Stored:
        return store_bytes(clinic_id=dataset.clinic_id, content=content, media_type=kind, ext=ext)

    def found(name: str) -> NewSample:
        mask = Mask(
            labels=stored(png(3, 3), "image/png", ".png"),
            outlines=stored(json.dumps(OUTLINES).encode(), "application/json", ".json"),
            nuclei_count=2,
        )
        return NewSample(
            name=name,
            picture=stored(f"{dataset.name} {name}".encode(), media_type, ".png"),
            thumbnail=stored(f"thumbnail {name}".encode(), "image/jpeg", ".jpg"),
            width=64,
            height=48,
            modality="fluorescence-dark",
            group=f"group of {name}",
            category=category,
            mask=mask if masked else None,
        )

    outcome = Outcome(layout="kaggle", problems=problems or [])
    import_record(import_id=row.pk, found=[found(name) for name in names], outcome=outcome)
    end_job(row.job)
    return list(Sample.objects.filter(dataset=dataset, name__in=names).order_by("name"))


def make_version(dataset: Dataset, user: User) -> DatasetVersion:
    """Every sample of the data set approved and frozen, part after part in the order of their names."""
    samples = list(Sample.objects.filter(dataset=dataset).exclude(labels=None).order_by("name"))
    samples_review(user=user, sample_ids=[sample.pk for sample in samples], review="approved")
    version = version_freeze(dataset=dataset, user=user)
    lines = [(sample, PARTS[i % 3]) for i, sample in enumerate(samples)]
    manifest = store_bytes(
        clinic_id=dataset.clinic_id, content=b"name,part\n", media_type="text/csv", ext=".csv"
    )
    version_record(version_id=version.pk, lines=lines, manifest=manifest, statistics={})
    end_job(version.job)
    version.refresh_from_db()
    return version
