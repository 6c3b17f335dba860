"""What others ask about the networks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import F, QuerySet

from segmentation.errors import BundleError
from segmentation.spec import NUCLEI
from webapp.accounts.models import User
from webapp.common.storage import absolute
from webapp.registry.models import ModelVersion, StageChange

FAMILY = NUCLEI


def production(clinic_id: int | None = None, family: str = FAMILY) -> ModelVersion:
    """The version in use in a clinic; raises BundleError where there is none."""
    found = production_or_none(clinic_id, family)
    if found is None:
        raise BundleError("bundle_missing", name=family, available="—")
    return found


def production_or_none(clinic_id: int | None = None, family: str = FAMILY) -> ModelVersion | None:
    """A clinic's own version in use goes before the one that came with the installation."""
    in_use = ModelVersion.objects.for_clinic(clinic_id).filter(
        family=family, stage=ModelVersion.Stage.PRODUCTION
    )
    return in_use.order_by(F("clinic").asc(nulls_last=True)).first()


def model_path(model_version: ModelVersion) -> Path:
    """The folder of the bundle: of the distribution, or, for one trained here, under the storage."""
    if model_version.clinic_id is None:
        return Path(settings.MEDULA_BUNDLES) / Path(model_version.bundle).name
    return absolute(model_version.bundle)


def accuracy_rows(model_version: ModelVersion, modality: str) -> tuple[str, list[dict[str, Any]]]:
    """The figures of this kind of picture, or of "all" where the version has none; the kind said first."""
    rows = [row for row in model_version.test_report.get("rows", []) if isinstance(row, dict)]
    for kind in (modality, "all"):
        found = [row for row in rows if row.get("modality") == kind]
        if found:
            return kind, found
    return "all", []


def was_approved(model_version: ModelVersion) -> bool:
    """Whether the gate let it pass, at its last word, or it was in use before."""
    diary = StageChange.objects.filter(model_version=model_version)
    if diary.filter(kind__in=(StageChange.Kind.PROMOTED, StageChange.Kind.ROLLED_BACK)).exists():
        return True
    last = diary.filter(kind__in=(StageChange.Kind.PASSED, StageChange.Kind.REFUSED)).first()
    return last is not None and last.kind == StageChange.Kind.PASSED


def versions_of_clinic(user: User) -> QuerySet[ModelVersion]:
    """What this person may see: the installation's versions and their clinic's own, newest first."""
    return ModelVersion.objects.for_clinic(user.clinic_id).order_by("family", "-version", "-created_at")
