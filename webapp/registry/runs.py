"""What others ask about trainings, tunings and evaluations, held to the asker's clinic."""

from __future__ import annotations

from django.db.models import QuerySet

from webapp.accounts.models import User
from webapp.registry.models import Evaluation, TrainingRun, TuningStudy


def runs_of(user: User) -> QuerySet[TrainingRun]:
    return (
        TrainingRun.objects.of(user)
        .select_related(
            "job", "dataset_version__dataset", "start_version", "model_version", "rule", "requested_by"
        )
        .prefetch_related("epochs")
    )


def studies_of(user: User) -> QuerySet[TuningStudy]:
    return (
        TuningStudy.objects.of(user)
        .select_related("job", "dataset_version__dataset", "requested_by")
        .prefetch_related("trials")
    )


def evaluations_of(user: User) -> QuerySet[Evaluation]:
    return Evaluation.objects.of(user).select_related(
        "job", "dataset_version__dataset", "model_version", "run"
    )
