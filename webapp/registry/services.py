"""What changes the list of networks this installation knows."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from webapp.registry.models import ModelVersion

log = logging.getLogger(__name__)


def bundles_register() -> list[ModelVersion]:
    """A row for every bundle in the bundles folder, oldest version first; known ones are read again.

    The newest version of a family that has none in production goes into production.
    """
    specs = [spec for spec in map(_spec_read, _spec_files()) if spec is not None]
    specs.sort(key=lambda found: (found[1]["family"], int(found[1]["version"])))
    found = [_bundle_row(folder=folder, spec=spec) for folder, spec in specs]
    rows = [row for row in found if row is not None]
    for family in sorted({row.family for row in rows}):
        _production_fill(family)
    return rows


def _spec_files() -> list[Path]:
    return sorted(Path(settings.MEDULA_BUNDLES).glob("*/spec.json"))


def _spec_read(path: Path) -> tuple[Path, dict[str, Any]] | None:
    """The spec of a bundle, or None (said in the log) where it cannot be used: it stops nobody else."""
    try:
        spec = json.loads(path.read_text(encoding="utf-8"))
        str(spec["family"]), int(spec["version"]), str(spec["digest"])
    except (OSError, ValueError, KeyError, TypeError) as problem:
        log.error("%s is not a usable spec: %r", path, problem)
        return None
    return path.parent, spec


def _report_read(folder: Path) -> dict[str, Any]:
    path = folder / "test_report.json"
    if not path.is_file():
        return {}
    try:
        report = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as problem:
        log.error("%s cannot be read: %r", path, problem)
        return {}
    return report if isinstance(report, dict) else {}


@transaction.atomic
def _bundle_row(*, folder: Path, spec: dict[str, Any]) -> ModelVersion | None:
    """The row of one bundle, by its digest; None where its version's number is taken by other weights."""
    family, version, digest = str(spec["family"]), int(spec["version"]), str(spec["digest"])
    facts = {"bundle": folder.name, "spec": spec, "test_report": _report_read(folder)}
    taken = (
        ModelVersion.objects.filter(clinic=None, family=family, version=version)
        .exclude(digest=digest)
        .first()
    )
    if taken is not None:
        # Results rest on a row, so its weights are never swapped under them.
        log.error(
            "%s has other weights than the %s known here: give it a new version number", folder.name, taken
        )
        return None
    row, _ = ModelVersion.objects.update_or_create(
        digest=digest,
        defaults=facts,
        create_defaults={**facts, "family": family, "version": version, "digest": digest},
    )
    return row


@transaction.atomic
def _production_fill(family: str) -> None:
    versions = ModelVersion.objects.select_for_update().filter(clinic=None, family=family)
    if versions.filter(stage=ModelVersion.Stage.PRODUCTION).exists():
        return
    newest = versions.filter(stage=ModelVersion.Stage.CANDIDATE).order_by("-version").first()
    if newest is not None:
        newest.stage = ModelVersion.Stage.PRODUCTION
        newest.save(update_fields=["stage"])
