"""Which version a clinic uses: put into use, retired, rolled back; each step a line of the diary.

A clinic changes only its own versions. The ones that came with the installation serve everybody, so
"back to the installation's" means that the clinic's own is retired.
"""

from __future__ import annotations

from typing import Any

from django.db import transaction

from segmentation.errors import BundleError, DataError
from webapp.accounts.models import Clinic, User
from webapp.registry.models import ModelVersion, RetrainingRule, StageChange
from webapp.registry.notices import notice_create
from webapp.registry.selectors import model_path, was_approved

Stage, Kind = ModelVersion.Stage, StageChange.Kind


@transaction.atomic
def version_promote(
    *,
    model_version: ModelVersion,
    user: User | None = None,
    rule: RetrainingRule | None = None,
    against: str = "",
) -> ModelVersion:
    """Into use, the one used before is retired. `against`: an administrator's reason to overrule the gate."""
    version = _held(model_version)
    if version.stage == Stage.PRODUCTION:
        return version
    reasons: list[dict[str, Any]] = []
    if not was_approved(version):
        against = " ".join(against.split())[:500]
        if not against or user is None or user.role != User.Role.ADMINISTRATOR:
            raise DataError("gate_not_passed", version=str(version))
        reasons = [_why("promoted_against_gate", reason=against)]
    _weights_are_there(version)
    for earlier in _own(version).filter(stage=Stage.PRODUCTION):
        _stage(
            earlier, Stage.RETIRED, Kind.RETIRED, [_why("retired_replaced", version=str(version))], user, rule
        )
    _stage(version, Stage.PRODUCTION, Kind.PROMOTED, reasons, user, rule)
    if rule is not None:
        notice_create(
            clinic_id=rule.clinic_id,
            code="notice_promoted",
            params={"version": str(version), "rule": rule.name},
            model_version=version,
        )
    return version


@transaction.atomic
def version_retire(*, model_version: ModelVersion, user: User | None, reason: str = "") -> ModelVersion:
    """Out of use, or out of the candidates. Without one of its own in use a clinic has the installation's."""
    version = _held(model_version)
    if version.stage == Stage.RETIRED:
        raise DataError("retire_again", version=str(version))
    words = " ".join(reason.split())[:500]
    _stage(version, Stage.RETIRED, Kind.RETIRED, [_why("retired_by_hand", reason=words)], user, None)
    return version


@transaction.atomic
def version_rollback(*, clinic: Clinic, family: str, user: User | None) -> ModelVersion | None:
    """Back to what was in use before; None: to the installation's, which every clinic has beneath its own."""
    own = ModelVersion.objects.select_for_update().filter(clinic=clinic, family=family)
    list(own)  # the locks
    present = own.filter(stage=Stage.PRODUCTION).first()
    before = version_before(clinic=clinic, family=family)
    if present is None and before is None:
        raise DataError("rollback_nothing")
    if before is not None:
        _weights_are_there(before)
    if present is not None:
        name = str(before or _shipped(family) or "—")
        _stage(present, Stage.RETIRED, Kind.RETIRED, [_why("retired_rolled_back", version=name)], user, None)
    if before is not None:
        _stage(before, Stage.PRODUCTION, Kind.ROLLED_BACK, [], user, None)
    return before


def version_before(*, clinic: Clinic, family: str) -> ModelVersion | None:
    """The clinic's own version that was in use before the present one, read from the diary; None: none was.

    The diary is a stack: what is put into use goes on top, going back takes the top off. Rolling back
    twice therefore goes two versions back, never to and fro.
    """
    stack: list[ModelVersion | None] = [None]
    diary = StageChange.objects.filter(clinic=clinic, model_version__family=family)
    for change in diary.select_related("model_version").order_by("created_at", "pk"):
        version, codes = change.model_version, {why.get("code") for why in change.reasons}
        if change.kind == Kind.PROMOTED:
            stack.append(version)
        elif change.kind == Kind.RETIRED and "retired_rolled_back" in codes:
            stack = stack[:-1] or [None]
        elif change.kind == Kind.ROLLED_BACK and stack[-1] != version:
            stack = [*(stack[:-1] or [None]), version]
        elif change.kind == Kind.RETIRED and "retired_by_hand" in codes and stack[-1] == version:
            stack.append(None)
    return stack[-2] if len(stack) > 1 else None


def _held(model_version: ModelVersion) -> ModelVersion:
    """The row as it stands, held with all its family's in the clinic: two promotions go one after another."""
    if model_version.clinic_id is None:
        raise DataError("promote_shipped")
    rows = {row.pk: row for row in _own(model_version).select_for_update().order_by("pk")}
    return rows[model_version.pk]


def _own(version: ModelVersion) -> Any:
    return ModelVersion.objects.filter(clinic=version.clinic_id, family=version.family)


def _shipped(family: str) -> ModelVersion | None:
    return ModelVersion.objects.filter(clinic=None, family=family, stage=Stage.PRODUCTION).first()


def _weights_are_there(version: ModelVersion) -> None:
    # Put into use without its files, every picture of the clinic would fail.
    files = ("spec.json", version.spec.get("weights") or "spec.json")
    if not all((model_path(version) / name).is_file() for name in files):
        raise BundleError("bundle_missing", name=str(version), available="—")


def _why(code: str, **params: str) -> dict[str, Any]:
    return {"code": code, "params": params}


def _stage(
    version: ModelVersion,
    stage: str,
    kind: str,
    reasons: list[dict[str, Any]],
    user: User | None,
    rule: RetrainingRule | None,
) -> None:
    assert version.clinic_id is not None  # `_held` lets no other come here
    version.stage = stage
    version.save(update_fields=["stage"])
    StageChange.objects.create(
        clinic_id=version.clinic_id,
        model_version=version,
        kind=kind,
        reasons=reasons,
        by=user,
        rule=rule,
    )
