"""What the admin calls a column or a field that its model has no words for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.core.exceptions import FieldDoesNotExist
from django.db.models import BooleanField, Model
from django.utils.translation import gettext_lazy as _

LABELS: dict[str, Any] = {
    "archived_at": _("archived"),
    "attempts_used": _("attempts used"),
    "best_epoch": _("Best epoch"),
    "bundle": _("file"),
    "by": _("asked for by"),
    "clinic": _("clinic"),
    "closed_at": _("Over"),
    "config": _("settings"),
    "created_at": _("date"),
    "created_by": _("made by"),
    "dataset": _("data set"),
    "dataset_version": _("data set version"),
    "device": _("Computed on"),
    "digest": _("digest"),
    "digest_short": _("digest"),
    "error_code": _("error code"),
    "error_id": _("error number"),
    "evaluation": _("evaluation"),
    "family": _("family"),
    "finished_at": _("Over"),
    "kind": _("stage change"),
    "last_run_at": _("last time"),
    "max_attempts": _("most attempts"),
    "model_version": _("model version"),
    "name": _("name"),
    "new_samples": _("New samples"),
    "next_run_at": _("Next time"),
    "number": _("number"),
    "payload": _("what it was given"),
    "queued_at": _("in the queue since"),
    "reasons": _("Why"),
    "report": _("report"),
    "requested_by": _("asked for by"),
    "reviewed_at": _("date of the review"),
    "reviewed_by": _("reviewed by"),
    "rule": _("retraining rule"),
    "run": _("training run"),
    "seed": _("seed"),
    "settings": _("settings"),
    "slug": _("short name"),
    "spec": _("specification"),
    "stage": _("stage"),
    "start_version": _("start from"),
    "started_at": _("begun"),
    "statistics": _("Figures"),
    "test_report": _("report"),
    "version": _("version"),
    "why": _("reason"),
}


def label_of(model: type[Model], name: str) -> Any:
    """Words for what has none of its own; None where the model names it."""
    try:
        own: Any = getattr(model._meta.get_field(name), "verbose_name", "")
    except FieldDoesNotExist:
        own = name.replace("_", " ") if hasattr(model, name) else None
    return LABELS.get(name) if own == name.replace("_", " ") else None


def column(model: type[Model], name: str, label: Any) -> Callable[[Model], Any]:
    """A column that shows and sorts as the field does, under its label."""
    try:
        field: Any = model._meta.get_field(name)
    except FieldDoesNotExist:
        field = None
    choices = getattr(field, "choices", None)

    def shown(row: Model) -> Any:
        value = getattr(row, f"get_{name}_display" if choices else name)
        return value() if callable(value) else value

    shown.__name__ = name
    described = admin.display(
        description=label,
        ordering=name if field is not None else None,
        boolean=isinstance(field, BooleanField) or None,
    )
    result: Callable[[Model], Any] = described(shown)
    return result


def titled(label: Any) -> Callable[..., admin.FieldListFilter]:
    """Django's own filter of a field, under a label of ours."""

    def made(*arguments: Any, **options: Any) -> admin.FieldListFilter:
        choices = admin.FieldListFilter.create(*arguments, **options)
        choices.title = label
        return choices

    return made
