"""What others ask about the networks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings

from segmentation.errors import BundleError
from webapp.registry.models import ModelVersion

FAMILY = "nuclei"


def production(family: str = FAMILY) -> ModelVersion:
    """The version in use; raises BundleError where this installation has none."""
    found = production_or_none(family)
    if found is None:
        raise BundleError("bundle_missing", name=family, available="—")
    return found


def production_or_none(family: str = FAMILY) -> ModelVersion | None:
    return ModelVersion.objects.filter(family=family, stage=ModelVersion.Stage.PRODUCTION).first()


def model_path(model_version: ModelVersion) -> Path:
    """The folder of the bundle."""
    return Path(settings.MEDULA_BUNDLES) / Path(model_version.bundle).name


def accuracy_rows(model_version: ModelVersion, modality: str) -> tuple[str, list[dict[str, Any]]]:
    """The figures of this kind of picture, or of "all" where the version has none; the kind said first."""
    rows = [row for row in model_version.test_report.get("rows", []) if isinstance(row, dict)]
    for kind in (modality, "all"):
        found = [row for row in rows if row.get("modality") == kind]
        if found:
            return kind, found
    return "all", []
