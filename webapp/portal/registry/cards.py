"""What a page shows of a network: its figures by kind of picture, how it was made, what was said of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from webapp.accounts.models import User
from webapp.portal.modalities import modality_name
from webapp.portal.registry.words import change_said
from webapp.registry.models import Evaluation, ModelVersion, StageChange, TrainingRun
from webapp.registry.verdicts import BASELINES, KIND_IMAGES, network_row

SETTINGS: dict[str, Promise] = {
    "epochs": _("Epochs"),
    "steps_per_epoch": _("Steps per epoch"),
    "batch_size": _("Pictures per step"),
    "learning_rate": _("Learning rate"),
    "crop": _("Side of the training cut-outs (px)"),
    "drawn_smears": _("Drawn smears added"),
    "seed": _("Seed"),
}


@dataclass(frozen=True)
class Change:
    """A line of the diary with its reasons in words."""

    row: StageChange
    reasons: list[str]


@dataclass(frozen=True)
class FigureRow:
    kind: Promise | str
    method: str
    is_network: bool
    is_few: bool
    figures: dict[str, Any]


@dataclass(frozen=True)
class VersionLine:
    """One line of the list of networks."""

    version: ModelVersion
    run: TrainingRun | None
    verdict: StageChange | None
    all_row: dict[str, Any] | None
    is_in_use: bool


def run_of(version: ModelVersion) -> TrainingRun | None:
    found = TrainingRun.objects.filter(model_version=version)
    return found.select_related(
        "dataset_version__dataset", "start_version", "requested_by", "rule", "job"
    ).first()


def report_rows(report: dict[str, Any]) -> list[dict[str, Any]]:
    rows = report.get("rows", []) if isinstance(report, dict) else []
    return [row for row in rows if isinstance(row, dict) and "modality" in row and "images" in row]


def figure_rows(report: dict[str, Any]) -> list[FigureRow]:
    """The report's rows, the network before the simple methods of each kind."""
    return [
        FigureRow(
            kind=modality_name(str(row["modality"])),
            method=str(row.get("name", "")),
            is_network=row.get("name") not in BASELINES,
            is_few=isinstance(row["images"], int) and row["images"] < KIND_IMAGES,
            figures=row,
        )
        for row in report_rows(report)
    ]


def settings_rows(config: dict[str, Any]) -> list[tuple[Promise, Any]]:
    return [(name, config[key]) for key, name in SETTINGS.items() if key in config]


def diary_of(user: User, version: ModelVersion) -> list[Change]:
    changes = StageChange.objects.of(user).filter(model_version=version).select_related("by", "rule")
    return [Change(change, change_said(change)) for change in changes]


def evaluations_of(user: User, version: ModelVersion) -> list[tuple[Evaluation, dict[str, Any] | None]]:
    found = Evaluation.objects.of(user).filter(model_version=version)
    found = found.select_related("job", "dataset_version__dataset")
    return [(evaluation, network_row(report_rows(evaluation.report), "all")) for evaluation in found]


def version_lines(user: User, versions: list[ModelVersion], in_use: ModelVersion | None) -> list[VersionLine]:
    """Lines of the list, a few queries for all of them."""
    ids = [version.pk for version in versions]
    runs = TrainingRun.objects.filter(model_version__in=ids).select_related(
        "dataset_version__dataset", "requested_by", "rule"
    )
    of_version = {run.model_version_id: run for run in runs}
    verdicts: dict[Any, StageChange] = {}
    diary = StageChange.objects.of(user).filter(model_version__in=ids).select_related("by", "rule")
    for change in diary.order_by("created_at"):
        if change.kind in (StageChange.Kind.PASSED, StageChange.Kind.REFUSED):
            verdicts[change.model_version_id] = change
    return [
        VersionLine(
            version=version,
            run=of_version.get(version.pk),
            verdict=verdicts.get(version.pk),
            all_row=network_row(report_rows(version.test_report), "all"),
            is_in_use=in_use is not None and version.pk == in_use.pk,
        )
        for version in versions
    ]
