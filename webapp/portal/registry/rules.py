"""The retraining rules, when each is next due, and the report of each of their nights."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from segmentation.errors import MedulaError
from webapp.accounts.requests import PersonRequest
from webapp.accounts.roles import TRAIN, needs
from webapp.accounts.selectors import clinic_of
from webapp.datasets.selectors import datasets_of
from webapp.jobs.models import State
from webapp.portal.progress import JobView, job_views
from webapp.portal.registry.cards import Change, report_rows, settings_rows
from webapp.portal.registry.forms import RuleForm, initial_of
from webapp.portal.registry.words import change_said, night_said
from webapp.registry.estimates import estimate_s
from webapp.registry.models import Evaluation, RetrainingRule, RuleRun, StageChange
from webapp.registry.rules import nights_of, rule_change, rule_create, rule_delete, rules_of
from webapp.registry.timetable import samples_waiting
from webapp.registry.training_settings import settings_read
from webapp.registry.verdicts import network_row

NIGHTS = 30
PHASES: dict[str, Promise] = {
    "freezing": gettext_lazy("Freezing the data set"),
    "training": gettext_lazy("Training"),
    "judging": gettext_lazy("Being judged"),
    "stopped": gettext_lazy("Ended without a model"),
    "passed": gettext_lazy("Passed the gate"),
    "refused": gettext_lazy("Refused by the gate"),
    "over": gettext_lazy("Over"),
}


@dataclass(frozen=True)
class RuleLine:
    rule: RetrainingRule
    waiting: int
    minutes: int | None


@dataclass(frozen=True)
class NightLine:
    """One night as the list shows it."""

    night: RuleRun
    key: str
    sentence: str

    @property
    def phase(self) -> Promise:
        return PHASES[self.key]

    @property
    def is_live(self) -> bool:
        return self.key in ("freezing", "training", "judging")


def night_line(night: RuleRun, verdict: StageChange | None) -> NightLine:
    """How far a night is, read from its jobs and from what the gate said."""
    sentence, _reasons = night_said(night)
    if night.code:
        key = "stopped"
    elif verdict is not None:
        key = str(verdict.kind)
    elif night.closed_at is not None:
        key = "over"
    elif night.run is None:
        key = "freezing"
    else:
        key = "judging" if night.run.job.state == State.SUCCEEDED else "training"
    return NightLine(night, key, sentence)


def _verdicts(nights: list[RuleRun]) -> dict[Any, StageChange]:
    made = [night.run.model_version_id for night in nights if night.run and night.run.model_version_id]
    kinds = (StageChange.Kind.PASSED, StageChange.Kind.REFUSED)
    found = StageChange.objects.filter(model_version__in=made, kind__in=kinds).order_by("created_at")
    return {change.model_version_id: change for change in found}


def night_lines(nights: list[RuleRun]) -> list[NightLine]:
    verdicts = _verdicts(nights)
    return [
        night_line(night, verdicts.get(night.run.model_version_id) if night.run else None) for night in nights
    ]


@needs(TRAIN)
@require_safe
def rules(request: PersonRequest) -> HttpResponse:
    lines = [RuleLine(rule, samples_waiting(rule.dataset), _minutes(rule)) for rule in rules_of(request.user)]
    nights = night_lines(list(nights_of(request.user)[:NIGHTS]))
    context = {
        "lines": lines,
        "nights": nights,
        "is_live": any(line.is_live for line in nights),
        "has_datasets": datasets_of(request.user).filter(archived_at=None).exists(),
    }
    name = "registry/_nights.html" if request.headers.get("HX-Request") else "registry/rules.html"
    return render(request, name, context)


def _minutes(rule: RetrainingRule) -> int | None:
    """About how long its training takes; nothing where its settings are no longer read."""
    try:
        return max(1, round(estimate_s(settings_read(rule.config)) / 60))
    except MedulaError:
        return None


@needs(TRAIN)
@require_http_methods(["GET", "HEAD", "POST"])
def rule_new(request: PersonRequest) -> HttpResponse:
    clinic = clinic_of(request.user)
    if clinic is None:
        raise PermissionDenied
    initial = {"dataset": request.GET.get("dataset")}
    form = RuleForm(request.POST or None, user=request.user, initial=initial)
    if request.method == "POST" and form.is_valid():
        rule_create(clinic=clinic, user=request.user, dataset=form.cleaned_data["dataset"], **form.facts())
        messages.success(request, _("The rule is kept."))
        return redirect("rules")
    return render(request, "registry/rule.html", {"form": form})


@needs(TRAIN)
@require_http_methods(["GET", "HEAD", "POST"])
def rule_edit(request: PersonRequest, rule_id: uuid.UUID) -> HttpResponse:
    rule = get_object_or_404(rules_of(request.user), pk=rule_id)
    form = RuleForm(request.POST or None, user=request.user, initial=initial_of(rule))
    if request.method == "POST" and form.is_valid():
        kept = {**rule.config, **form.config()}  # settings that the page does not show stay
        rule_change(rule=rule, dataset=form.cleaned_data["dataset"], **{**form.facts(), "config": kept})
        messages.success(request, _("The rule is kept."))
        return redirect("rules")
    return render(request, "registry/rule.html", {"form": form, "rule": rule})


@needs(TRAIN)
@require_POST
def rule_act(request: PersonRequest, rule_id: uuid.UUID, act: str) -> HttpResponse:
    """Switch it on or off, or delete it: its reports stay."""
    rule = get_object_or_404(rules_of(request.user), pk=rule_id)
    if act == "delete":
        rule_delete(rule=rule)
        messages.success(request, _("The rule is deleted. The reports of its nights stay."))
    else:
        rule_change(rule=rule, is_enabled=act == "enable")
    return redirect("rules")


@needs(TRAIN)
@require_safe
def rule_night(request: PersonRequest, night_id: uuid.UUID) -> HttpResponse:
    """The report of one night: what was frozen, what trained, the figures, and the verdict in words."""
    night = get_object_or_404(nights_of(request.user), pk=night_id)
    (line,) = night_lines([night])
    sentence, reasons = night_said(night)
    run = night.run
    made = run.model_version if run else None
    changes = (
        StageChange.objects.of(request.user).filter(model_version=made)
        if made
        else StageChange.objects.none()
    )
    context = {
        "night": night,
        "line": line,
        "sentence": sentence,
        "reasons": reasons,
        "jobs": _jobs(night),
        "settings": settings_rows(run.config) if run else [],
        "made": made,
        "diary": [Change(change, change_said(change)) for change in changes.select_related("by", "rule")],
        "figures": _figures(request, night),
    }
    name = "registry/_night.html" if request.headers.get("HX-Request") else "registry/night.html"
    return render(request, name, context)


def _jobs(night: RuleRun) -> dict[str, JobView]:
    named = {
        "freeze": night.version.job if night.version else None,
        "train": night.run.job if night.run else None,
    }
    jobs = {name: job for name, job in named.items() if job is not None}
    views = job_views(jobs.values())
    return {name: views[job.pk] for name, job in jobs.items()}


def _figures(request: PersonRequest, night: RuleRun) -> list[tuple[Evaluation, dict[str, Any]]]:
    """The candidate and what it was held against, on the same test part."""
    if night.run is None or night.version is None:
        return []
    found = Evaluation.objects.of(request.user).filter(
        dataset_version=night.version, job__state=State.SUCCEEDED
    )
    found = found.select_related("model_version", "dataset_version").order_by("created_at")
    rows = [(evaluation, network_row(report_rows(evaluation.report), "all")) for evaluation in found]
    return [(evaluation, row) for evaluation, row in rows if row is not None]
