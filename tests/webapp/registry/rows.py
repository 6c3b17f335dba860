"""A frozen version, a run that made a candidate, and readings of its test part, as the worker leaves them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.webapp.rows import end_job, png
from webapp.accounts.models import Clinic, User
from webapp.common.storage import absolute, file_row, store_bytes
from webapp.datasets.models import Dataset, DatasetVersion, Sample, VersionSample
from webapp.jobs.models import Job, State
from webapp.jobs.services import job_create
from webapp.registry.models import Evaluation, ModelVersion, RetrainingRule, TrainingRun

Figures = tuple[float, float, float]


def rows(
    network: Figures,
    *,
    images: int = 10,
    kinds: dict[str, tuple[int, float, float]] | None = None,
    otsu: float = 0.4,
    background: float = 0.0,
) -> list[dict[str, Any]]:
    """Rows of a report. `network`: AP@0.5, mean AP, Dice; `kinds`: images, AP@0.5, mean AP."""

    def row(name: str, kind: str, n: int, ap50: float, mean: float, dice: float) -> dict[str, Any]:
        figures = {"ap50": ap50, "map": mean, "dice": dice, "pq": 0.5, "pixel_accuracy": 0.9}
        return {"name": name, "modality": kind, "images": n, "nuclei": 20 * n, **figures}

    found = [
        row("U-Net", "all", images, *network),
        row("Otsu + watershed", "all", images, otsu, otsu / 2, 0.6),
        row("All background", "all", images, background, background, 0.0),
    ]
    for kind, (n, ap50, mean) in (kinds or {}).items():
        found.append(row("U-Net", kind, n, ap50, mean, network[2]))
        found.append(row("Otsu + watershed", kind, n, otsu, otsu / 2, 0.6))
    return found


def job_of(clinic: Clinic, kind: str, state: str = State.SUCCEEDED) -> Job:
    job = job_create(kind=kind, lane="training", clinic_id=clinic.pk, payload={})
    if state != State.QUEUED:
        end_job(job, state)
    return job


def make_dataset(clinic: Clinic, name: str = "Frotis", samples: int = 0) -> Dataset:
    dataset = Dataset.objects.create(clinic=clinic, name=name)
    for number in range(samples):
        add_sample(dataset, f"{name} {number}")
    return dataset


def add_sample(dataset: Dataset, name: str, review: str = Sample.Review.APPROVED) -> Sample:
    def stored(content: bytes) -> Any:
        kept = store_bytes(clinic_id=dataset.clinic_id, content=content, media_type="image/png", ext=".png")
        return file_row(clinic_id=dataset.clinic_id, stored=kept)

    size = 2 + Sample.objects.count()
    return Sample.objects.create(
        clinic=dataset.clinic,
        dataset=dataset,
        name=name,
        group=name,
        width=size,
        height=2,
        picture=stored(png(size, 2)),
        labels=stored(png(size, 3)),
        review=review,
    )


def freeze(dataset: Dataset) -> DatasetVersion:
    """What the job `freeze` would have left of the approved samples."""
    number = dataset.versions.count() + 1
    version = DatasetVersion.objects.create(
        clinic=dataset.clinic,
        dataset=dataset,
        number=number,
        job=job_of(dataset.clinic, "freeze"),
        digest="f" * 64,
    )
    thaw_into(version)
    return version


def thaw_into(version: DatasetVersion) -> None:
    for sample in version.dataset.samples.filter(review=Sample.Review.APPROVED):
        VersionSample.objects.create(
            version=version,
            sample=sample,
            name=sample.name,
            picture=sample.picture,
            labels=sample.labels,
            group=sample.group,
            part=VersionSample.Part.TRAIN,
        )


def make_run(
    version: DatasetVersion, *, rule: RetrainingRule | None = None, digest: str = "r" * 64, **facts: Any
) -> TrainingRun:
    return TrainingRun.objects.create(
        clinic=version.clinic,
        dataset_version=version,
        rule=rule,
        request_digest=digest,
        job=job_of(version.clinic, "train"),
        **facts,
    )


def make_candidate(
    version: DatasetVersion, number: int, *, rule: RetrainingRule | None = None, **facts: Any
) -> ModelVersion:
    """A candidate with its bundle on the disk, made by a run of its own."""
    name = f"c{version.clinic_id}/models/nuclei-{number}"
    folder = absolute(name)
    write_bundle(folder)
    made = ModelVersion.objects.create(
        clinic=version.clinic,
        family="nuclei",
        version=number,
        digest=f"{version.clinic_id}-{number}".ljust(64, "d"),
        bundle=name,
        **facts,
    )
    make_run(version, rule=rule, digest=str(number).rjust(64, "r"), model_version=made)
    return made


def write_bundle(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "spec.json").write_text(json.dumps({"family": "nuclei"}))


def make_evaluation(
    model_version: ModelVersion,
    version: DatasetVersion,
    found: list[dict[str, Any]] | None,
    state: str = State.SUCCEEDED,
) -> Evaluation:
    run = TrainingRun.objects.filter(model_version=model_version).first()
    return Evaluation.objects.create(
        clinic=version.clinic,
        model_version=model_version,
        dataset_version=version,
        run=run,
        job=job_of(version.clinic, "evaluate", state),
        report={} if found is None else {"rows": found},
    )


def person(clinic: Clinic, role: str, name: str = "") -> User:
    return User.objects.create_user(name or role, password="correct-horse-9", clinic=clinic, role=role)
