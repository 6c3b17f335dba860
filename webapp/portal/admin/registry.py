"""Models, trainings, evaluations, rules and notices in the admin: to look at; their pages change them."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from segmentation.errors import SENTENCES, sentence
from webapp.accounts.roles import TRAIN
from webapp.portal.admin.walled import WalledAdmin
from webapp.portal.states import job_sentence
from webapp.registry.models import (
    Evaluation,
    ModelVersion,
    Notice,
    RetrainingRule,
    RuleRun,
    StageChange,
    TrainingRun,
)


class WithJob(WalledAdmin):
    """Rows whose state is their job's."""

    scope = TRAIN

    @admin.display(description=_("state"), ordering="job__state")
    def state(self, row: Any) -> str:
        return str(row.job.get_state_display())

    @admin.display(description=_("what went wrong"))
    def sentence(self, row: Any) -> str:
        return job_sentence(row.job) or "—"


@admin.register(ModelVersion)
class ModelVersionAdmin(WalledAdmin):
    """The clinic's own, and those that came with the installation."""

    scope = TRAIN
    list_display = ["__str__", "stage", "clinic", "digest_short", "created_at"]
    list_filter = ["stage", "family"]
    list_select_related = ["clinic"]
    fields = ["family", "version", "stage", "clinic", "digest", "bundle", "spec", "test_report", "created_at"]

    def walled(self, request: HttpRequest, rows: QuerySet[Any]) -> QuerySet[Any]:
        clinic_id = getattr(request.user, "clinic_id", None)
        return rows.none() if clinic_id is None else rows.filter(Q(clinic=None) | Q(clinic_id=clinic_id))


@admin.register(StageChange)
class StageChangeAdmin(WalledAdmin):
    scope = TRAIN
    list_display = ["model_version", "kind", "by", "rule", "created_at"]
    list_filter = ["kind"]
    list_select_related = ["model_version", "by", "rule"]
    fields = ["model_version", "kind", "evaluation", "reasons", "by", "rule", "created_at"]


@admin.register(TrainingRun)
class TrainingRunAdmin(WithJob):
    list_display = ["__str__", "state", "sentence", "device", "model_version", "requested_by", "created_at"]
    list_filter = ["job__state"]
    list_select_related = ["dataset_version__dataset", "job", "model_version", "requested_by"]
    fields = [
        "dataset_version", "start_version", "rule", "config", "state", "sentence", "device", "best_epoch",
        "model_version", "requested_by", "created_at",
    ]  # fmt: skip


@admin.register(Evaluation)
class EvaluationAdmin(WithJob):
    list_display = ["__str__", "state", "sentence", "created_at"]
    list_filter = ["job__state"]
    list_select_related = ["dataset_version__dataset", "job", "model_version"]
    fields = ["model_version", "dataset_version", "state", "sentence", "report", "run", "created_at"]


@admin.register(RetrainingRule)
class RetrainingRuleAdmin(WalledAdmin):
    scope = TRAIN
    list_display = [
        "name", "dataset", "every_days", "new_samples", "hour", "promotes", "is_enabled", "next_run_at",
    ]  # fmt: skip
    list_filter = ["is_enabled"]
    list_select_related = ["dataset"]
    fields = [
        "name", "dataset", "every_days", "new_samples", "hour", "start", "config", "promotes", "is_enabled",
        "next_run_at", "last_run_at", "created_by", "created_at",
    ]  # fmt: skip


@admin.register(RuleRun)
class RuleRunAdmin(WalledAdmin):
    scope = TRAIN
    list_display = ["name", "why", "said", "started_at", "closed_at"]
    list_filter = ["why"]
    fields = ["name", "dataset", "why", "new_samples", "version", "run", "said", "started_at", "closed_at"]

    @admin.display(description=_("outcome"))
    def said(self, row: RuleRun) -> str:
        return _sentence(row.code, row.params) or "—"


@admin.register(Notice)
class NoticeAdmin(WalledAdmin):
    list_display = ["said", "created_at"]
    fields = ["said", "run", "model_version", "created_at"]

    @admin.display(description=_("notice"))
    def said(self, row: Notice) -> str:
        return _sentence(row.code, row.params)


def _sentence(code: str, params: dict[str, Any]) -> str:
    """The sentence in the reader's language; the bare code where its parameters are not known."""
    if code not in SENTENCES:
        return code
    try:
        return sentence(code, params, get_language() or "es")
    except (KeyError, IndexError, ValueError):
        return code
