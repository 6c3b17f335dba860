"""What changes a tuning: asked for, and its trials written as they end."""

from __future__ import annotations

import uuid
from typing import Any

from django.db import transaction

from segmentation.spec import Architecture
from webapp.accounts.models import Clinic, User
from webapp.datasets.models import DatasetVersion
from webapp.jobs.models import ENDED, Lane
from webapp.jobs.services import job_cancel, job_checkpoint, job_create, job_retry
from webapp.registry.estimates import START_S, seconds_a_view, work_of
from webapp.registry.models import Trial, TuningStudy
from webapp.registry.training import deadline_of, version_check
from webapp.registry.training_settings import search_read, settings_read


@transaction.atomic
def study_request(
    *, version: DatasetVersion, user: User | None, config: dict[str, Any], search: dict[str, Any]
) -> TuningStudy:
    """A search for settings on this version, queued; while the same search waits or runs, it is that one."""
    version_check(version)
    settings, tried = settings_read(config).to_dict(), search_read(search).to_dict()
    Clinic.objects.select_for_update().get(pk=version.clinic_id)
    for present in TuningStudy.objects.filter(dataset_version=version).exclude(job__state__in=ENDED):
        if plain(settings) == present.config and plain(tried) == present.search:
            return present
    study_id = uuid.uuid4()
    job = job_create(
        kind="tune",
        lane=Lane.TRAINING,
        clinic_id=version.clinic_id,
        payload={"study_id": str(study_id)},
        requested_by=user,
        deadline_s=deadline_of(study_estimate_s(config=config, search=search)),
    )
    return TuningStudy.objects.create(
        id=study_id,
        clinic_id=version.clinic_id,
        dataset_version=version,
        config=settings,
        search=tried,
        job=job,
        requested_by=user,
    )


def study_estimate_s(*, config: dict[str, Any], search: dict[str, Any]) -> int:
    """Seconds a search takes if no trial is stopped early."""
    settings, tried = settings_read(config), search_read(search)
    sizes = tried.batch_size
    epoch = {**settings.to_dict(), "steps_per_epoch": tried.steps_per_epoch}
    epoch["batch_size"] = round(sum(sizes) / len(sizes))
    work = work_of(settings_read(epoch))
    return round(START_S + tried.trials * tried.epochs * work * seconds_a_view())


def plain(values: Any) -> Any:
    """As the database gives it back: lists for tuples, all the way down."""
    if isinstance(values, dict):
        return {name: plain(value) for name, value in values.items()}
    return [plain(value) for value in values] if isinstance(values, list | tuple) else values


def config_of(*, study: TuningStudy, trial: Trial) -> dict[str, Any]:
    """The settings of a whole training with what this trial tried."""
    found, params = dict(study.config), dict(trial.params)
    first = params.pop("first_filters", None)
    if first is not None:
        found["architecture"] = Architecture.from_dict(found["architecture"]).widened(int(first)).to_dict()
    return found | params


def study_cancel(*, study: TuningStudy) -> bool:
    return job_cancel(job=study.job)


def study_retry(*, study: TuningStudy) -> bool:
    """Go on with a failed or cancelled search; its trials so far are kept."""
    return job_retry(job=study.job)


@transaction.atomic
def trials_record(
    *, study_id: uuid.UUID, job_id: uuid.UUID, attempt: int, trials: list[dict[str, Any]]
) -> bool:
    """Write trials that have ended. False, and nothing written: the job is another attempt's now."""
    if not job_checkpoint(job_id=job_id, attempt=attempt, checkpoint=len(trials)):
        return False
    for trial in trials:
        facts = {name: trial[name] for name in ("params", "value", "epochs", "seconds", "outcome")}
        Trial.objects.update_or_create(study_id=study_id, number=trial["number"], defaults=facts)
    return True
