"""The gate between a candidate and its use.

It is asked once both readings of the test part are there, whichever ended first, writes what it said into
the diary, tells the curators, and where a rule says so puts the candidate into use. Asked again it changes
nothing.
"""

from __future__ import annotations

from django.db import transaction
from django.db.models import F, QuerySet

from webapp.jobs.models import ENDED, State
from webapp.registry.models import Evaluation, ModelVersion, StageChange
from webapp.registry.notices import notice_create
from webapp.registry.promotion import version_promote
from webapp.registry.selectors import production_or_none
from webapp.registry.verdicts import Verdict, judge, reason, verdict

__all__ = ["Verdict", "candidates_waiting", "evaluation_finished", "judge", "missing_readings", "verdict"]

SETTLED = (StageChange.Kind.PASSED, StageChange.Kind.REFUSED)
# These say that there were no figures: when they are there after all, the gate is asked anew.
PROVISIONAL = frozenset({"gate_not_evaluated", "gate_not_compared"})


def evaluation_finished(*, evaluation: Evaluation) -> None:
    """Called inside the transaction that ends an evaluation, be it a candidate's or the other's."""
    waiting = _own_readings().filter(
        clinic=evaluation.clinic_id,
        dataset_version=evaluation.dataset_version_id,
        model_version__family=evaluation.model_version.family,
    )
    for candidate in waiting:
        _candidate_judge(candidate)


def candidates_waiting() -> list[Evaluation]:
    """Readings of candidates that the gate has said nothing about yet."""
    settled = StageChange.objects.filter(kind__in=SETTLED).values("evaluation_id")
    return list(_own_readings().exclude(pk__in=settled.filter(evaluation__isnull=False)))


def missing_readings(*, candidate: Evaluation) -> ModelVersion | None:
    """What the sweep asks for: the version in use, where it has not been asked to read this test part.

    Where a reading has ended badly nobody waits for it: the candidate is refused, and told why.
    """
    if candidate.job.state in ENDED and candidate.job.state != State.SUCCEEDED:
        _refuse(candidate, "gate_not_evaluated")
        return None
    if candidate.job.state != State.SUCCEEDED:
        return None
    in_use = production_or_none(candidate.clinic_id, candidate.model_version.family)
    reading = None if in_use is None else _reading(candidate, in_use)
    if in_use is not None and reading is None:
        return in_use
    if reading is not None and reading.job.state in ENDED and reading.job.state != State.SUCCEEDED:
        _refuse(candidate, "gate_not_compared", version=str(in_use))
    else:
        _candidate_judge(candidate)
    return None


def _own_readings() -> QuerySet[Evaluation]:
    """Candidates on the version that they were trained on: nobody looks for a test part that flatters."""
    return Evaluation.objects.filter(
        model_version__stage=ModelVersion.Stage.CANDIDATE,
        dataset_version=F("model_version__training_run__dataset_version"),
    ).select_related("model_version__training_run__rule", "job", "dataset_version")


def _reading(candidate: Evaluation, version: ModelVersion) -> Evaluation | None:
    """What this version made of the same test part."""
    same = Evaluation.objects.filter(clinic=candidate.clinic_id, dataset_version=candidate.dataset_version_id)
    return same.filter(model_version=version).select_related("model_version", "job").first()


@transaction.atomic
def _candidate_judge(candidate: Evaluation) -> None:
    """Writes the verdict, if both readings are there and none was written before."""
    if candidate.job.state != State.SUCCEEDED:
        return
    in_use = production_or_none(candidate.clinic_id, candidate.model_version.family)
    reading = None if in_use is None else _reading(candidate, in_use)
    if in_use is not None and (reading is None or reading.job.state != State.SUCCEEDED):
        return
    if _is_open(candidate):
        _write(candidate, verdict(candidate, reading))


@transaction.atomic
def _refuse(candidate: Evaluation, code: str, **params: str) -> None:
    settled = StageChange.objects.filter(evaluation=candidate, kind__in=SETTLED)
    if _is_open(candidate) and not settled.exists():
        _write(candidate, Verdict(False, [reason(code, **params)]))


def _is_open(candidate: Evaluation) -> bool:
    """Holds the candidate's row, so that of two evaluations that end together one writes the verdict."""
    version = ModelVersion.objects.select_for_update().get(pk=candidate.model_version_id)
    said = StageChange.objects.filter(evaluation=candidate, kind__in=SETTLED).first()
    provisional = said is not None and {why.get("code") for why in said.reasons} <= PROVISIONAL
    return version.stage == ModelVersion.Stage.CANDIDATE and (said is None or provisional)


def _write(candidate: Evaluation, said: Verdict) -> None:
    version = candidate.model_version
    run = version.training_run
    StageChange.objects.create(
        clinic_id=candidate.clinic_id,
        model_version=version,
        kind=StageChange.Kind.PASSED if said.passed else StageChange.Kind.REFUSED,
        evaluation=candidate,
        reasons=said.reasons,
        rule=run.rule,
    )
    notice_create(
        clinic_id=candidate.clinic_id,
        code="notice_passed" if said.passed else "notice_refused",
        params={"version": str(version), "reasons": said.reasons},
        run=run,
        model_version=version,
    )
    if said.passed and run.rule is not None and run.rule.promotes:
        version_promote(model_version=version, rule=run.rule)
