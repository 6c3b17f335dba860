"""What changes a training: asked for, its epochs written while it runs, its network registered at the end."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections import Counter
from pathlib import Path
from typing import Any

from django.db import transaction

from segmentation.errors import DataError
from segmentation.spec import TrainConfig
from webapp.accounts.models import Clinic, User
from webapp.datasets.models import DatasetVersion, VersionSample
from webapp.jobs.models import Lane, State
from webapp.jobs.services import job_cancel, job_checkpoint, job_create, job_retry
from webapp.registry.bundles import bundle_keep
from webapp.registry.estimates import estimate_s
from webapp.registry.evaluating import evaluation_request
from webapp.registry.models import EpochMetric, ModelVersion, RetrainingRule, StageChange, TrainingRun
from webapp.registry.selectors import production_or_none
from webapp.registry.training_settings import settings_read

MINIMUM = {"train": 4, "validation": 1, "test": 1}
LONGEST_S = 14 * 24 * 3600
SHORTEST_S = 6 * 3600


def parts_of(version: DatasetVersion) -> dict[str, int]:
    """How many samples each part of a frozen version has. It counts and opens none."""
    counts = Counter(VersionSample.objects.filter(version=version).order_by().values_list("part", flat=True))
    return {part: counts.get(part, 0) for part in VersionSample.Part.values}


def version_check(version: DatasetVersion) -> None:
    """Refuse a version that cannot be trained on, before anything is asked for."""
    if not version.is_frozen:
        raise DataError("version_not_frozen", name=str(version))
    parts = parts_of(version)
    if any(parts[part] < least for part, least in MINIMUM.items()):
        least = {f"least_{part}": count for part, count in MINIMUM.items()}
        raise DataError("version_too_small", name=str(version), **parts, **least)


def start_check(*, clinic_id: int, start_version: ModelVersion | None) -> None:
    if start_version is not None and start_version.clinic_id not in (None, clinic_id):
        raise DataError("start_unknown")


def deadline_of(seconds: int) -> int:
    """A training may take several times what was thought, and ends all the same one day."""
    return min(LONGEST_S, max(SHORTEST_S, 5 * seconds))


@transaction.atomic
def run_request(
    *,
    version: DatasetVersion,
    user: User | None,
    config: dict[str, Any],
    start_version: ModelVersion | None = None,
    rule: RetrainingRule | None = None,
) -> TrainingRun:
    """The training of this version with these settings, asked now or before.

    Asked again after it failed or was cancelled, it goes on from its last checkpoint. Raises DataError in
    words when the version or a setting cannot be used; nothing is queued then.
    """
    version_check(version)
    start_check(clinic_id=version.clinic_id, start_version=start_version)
    settings = settings_read(config, start_version)
    digest = request_digest(version, settings)
    # The lock lets two askers at once find one row instead of one finding an error.
    Clinic.objects.select_for_update().get(pk=version.clinic_id)
    present = TrainingRun.objects.filter(clinic=version.clinic_id, request_digest=digest).first()
    if present is not None:
        run_retry(run=present)
        present.job.refresh_from_db()
        return present
    run_id, seconds = uuid.uuid4(), estimate_s(settings)
    job = job_create(
        kind="train",
        lane=Lane.TRAINING,
        clinic_id=version.clinic_id,
        payload={"run_id": str(run_id)},
        requested_by=user,
        deadline_s=deadline_of(seconds),
    )
    return TrainingRun.objects.create(
        id=run_id,
        clinic_id=version.clinic_id,
        dataset_version=version,
        start_version=start_version,
        rule=rule,
        config=settings.to_dict(),
        request_digest=digest,
        estimate_s=seconds,
        job=job,
        requested_by=user,
    )


def request_digest(version: DatasetVersion, settings: TrainConfig) -> str:
    """Of version, start (its digest is among the settings) and settings."""
    text = json.dumps([str(version.pk), settings.to_dict()], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def run_cancel(*, run: TrainingRun) -> bool:
    """Stop it; what it has learnt so far is kept. False: it had ended."""
    return job_cancel(job=run.job)


def run_retry(*, run: TrainingRun) -> bool:
    """Go on with a failed or cancelled training from its last whole epoch. False: it was neither."""
    return job_retry(job=run.job)


@transaction.atomic
def run_epochs_record(
    *, run_id: uuid.UUID, job_id: uuid.UUID, attempt: int, rows: list[dict[str, float]]
) -> bool:
    """Write epochs that the run's folder has saved. False, and nothing written: the job is another's now."""
    newest = max((int(row["epoch"]) for row in rows), default=0)
    if not job_checkpoint(job_id=job_id, attempt=attempt, checkpoint=newest):
        return False
    for row in rows:
        facts = {name: value for name, value in row.items() if name != "epoch"}
        EpochMetric.objects.update_or_create(run_id=run_id, epoch=int(row["epoch"]), defaults=facts)
    return True


def run_record(
    *, run_id: uuid.UUID, folder: Path, spec: dict[str, Any], best_epoch: int, device: str
) -> ModelVersion:
    """The network of a run that succeeded, as a candidate, and its evaluations asked for.

    Called inside the fenced transaction that ends the job, with the clinic's row locked.
    """
    run = TrainingRun.objects.select_related("dataset_version").get(pk=run_id)
    digest = str(spec["digest"])
    twin = ModelVersion.objects.filter(digest=digest).first()
    if twin is not None:
        raise DataError("training_learnt_nothing", name=str(twin))
    version = ModelVersion.objects.create(
        clinic_id=run.clinic_id,
        family=spec["family"],
        version=spec["version"],
        digest=digest,
        bundle=bundle_keep(folder=folder, digest=digest, weights=str(spec["weights"])),
        stage=ModelVersion.Stage.CANDIDATE,
        spec=spec,
    )
    StageChange.objects.create(
        clinic_id=run.clinic_id,
        model_version=version,
        kind=StageChange.Kind.REGISTERED,
        by=run.requested_by,
        rule=run.rule,
    )
    TrainingRun.objects.filter(pk=run.pk).update(
        model_version=version, best_epoch=best_epoch, device=device[:80]
    )
    in_use = production_or_none(run.clinic_id, version.family)
    # The one in use first: when the candidate's figures arrive, those they are held against are there.
    for judged in (in_use, version):
        if judged is not None:
            evaluation_request(
                model_version=judged, version=run.dataset_version, user=run.requested_by, run=run
            )
    return version


def clinic_lock(*, clinic_id: int) -> None:
    """Hold the clinic's row until the transaction ends: two trainings that end at once take two numbers."""
    Clinic.objects.select_for_update().get(pk=clinic_id)


def run_is_live(run: TrainingRun) -> bool:
    return run.job.state in (State.QUEUED, State.RUNNING)
