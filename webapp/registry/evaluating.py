"""The test part read by one network: asked for once, written once."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from segmentation.errors import DataError
from webapp.accounts.models import Clinic, User
from webapp.common.storage import Stored, file_row
from webapp.datasets.models import DatasetVersion
from webapp.jobs.models import Lane
from webapp.jobs.services import job_create, job_retry
from webapp.registry.gate import evaluation_finished
from webapp.registry.models import Evaluation, EvaluationPanel, ModelVersion, TrainingRun

DEADLINE_S = 6 * 3600


@dataclass(frozen=True)
class Panel:
    """One picture's strip, stored, with its figures."""

    name: str
    modality: str
    picture: Stored
    figures: dict[str, Any]


@transaction.atomic
def evaluation_request(
    *,
    model_version: ModelVersion,
    version: DatasetVersion,
    user: User | None = None,
    run: TrainingRun | None = None,
) -> Evaluation:
    """The evaluation of this network on this frozen version's test part: one, whoever asks, however often.

    One that failed or was cancelled is tried again.
    """
    if not version.is_frozen:
        raise DataError("version_not_frozen", name=str(version))
    if model_version.clinic_id not in (None, version.clinic_id):
        raise DataError("start_unknown")
    Clinic.objects.select_for_update().get(pk=version.clinic_id)
    present = Evaluation.objects.filter(
        clinic=version.clinic_id, model_version=model_version, dataset_version=version
    ).first()
    if present is not None:
        job_retry(job=present.job)
        present.job.refresh_from_db()
        return present
    evaluation_id = uuid.uuid4()
    job = job_create(
        kind="evaluate",
        lane=Lane.TRAINING,
        clinic_id=version.clinic_id,
        payload={"evaluation_id": str(evaluation_id)},
        requested_by=user,
        deadline_s=DEADLINE_S,
    )
    return Evaluation.objects.create(
        id=evaluation_id,
        clinic_id=version.clinic_id,
        model_version=model_version,
        dataset_version=version,
        job=job,
        run=run,
        requested_by=user,
    )


def evaluation_record(*, evaluation_id: uuid.UUID, report: dict[str, Any], panels: list[Panel]) -> bool:
    """The figures and panels. Called inside the fenced transaction that ends the job; then the gate is asked.

    True where the network takes the figures as its own accuracy: those of the test part that belongs to its
    training. One that came with the installation keeps what it was shipped with: that is everybody's.
    """
    evaluation = Evaluation.objects.select_related("model_version").get(pk=evaluation_id)
    evaluation.report = report
    evaluation.save(update_fields=["report"])
    EvaluationPanel.objects.filter(evaluation=evaluation).delete()
    for position, panel in enumerate(panels):
        EvaluationPanel.objects.create(
            evaluation=evaluation,
            position=position,
            name=panel.name,
            modality=panel.modality,
            picture=file_row(clinic_id=evaluation.clinic_id, stored=panel.picture),
            figures=panel.figures,
        )
    own = TrainingRun.objects.filter(
        model_version=evaluation.model_version_id, dataset_version=evaluation.dataset_version_id
    ).exists()
    if own:
        ModelVersion.objects.filter(pk=evaluation.model_version_id).update(test_report=report)
        evaluation.model_version.test_report = report
    evaluation_finished(evaluation=evaluation)
    return own
