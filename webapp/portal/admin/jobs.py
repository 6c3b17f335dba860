"""The queue in the admin: what failed and why, tried again or cancelled."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from webapp.jobs.models import Job, State
from webapp.jobs.services import job_cancel, job_retry
from webapp.portal.admin.walled import WalledAdmin
from webapp.portal.progress import job_view

KINDS: dict[str, Promise] = {
    "demo": _("Demo pictures"),
    "evaluate": _("Evaluation"),
    "freeze": _("Frozen version"),
    "import": _("Import"),
    "mask": _("Mask by pixel filtering"),
    "match": _("Matching with stored masks"),
    "prepare": _("Picture being prepared"),
    "segment": _("Analysis"),
    "train": _("Training"),
    "tune": _("Tuning"),
    "unpack": _("Archive of a batch"),
}


class KindFilter(admin.SimpleListFilter):
    """The kinds of work by their names in the reader's language."""

    title = _("kind of work")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(kind, str(name)) for kind, name in KINDS.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Job]) -> QuerySet[Job]:
        return queryset.filter(kind=self.value()) if self.value() else queryset


@admin.register(Job)
class JobAdmin(WalledAdmin):
    """Read only: a job is changed by its worker, and by the two actions."""

    list_display = ["kind_said", "state", "lane", "progress", "sentence", "requested_by", "created_at"]
    list_filter = ["state", KindFilter, "lane"]
    list_select_related = ["requested_by"]
    search_fields = ["id", "error_id", "error_code"]
    date_hierarchy = "created_at"
    ordering = ["-created_at"]
    fields = [
        "kind_said", "lane", "state", "progress", "sentence", "error_code", "error_id", "attempts_used",
        "max_attempts", "requested_by", "created_at", "queued_at", "started_at", "finished_at", "payload",
    ]  # fmt: skip
    actions = ["retry", "cancel"]

    @admin.display(description=_("kind of work"), ordering="kind")
    def kind_said(self, job: Job) -> str:
        return str(KINDS.get(job.kind, job.kind))

    @admin.display(description=_("progress"))
    def progress(self, job: Job) -> str:
        view = job_view(job) if job.state in {State.QUEUED, State.RUNNING} else None
        if view is None:
            return "—"
        if view.place:
            return str(_("In the queue, number %(place)s") % {"place": view.place})
        return f"{view.step} {job.done}/{job.total}" if job.total > 1 else str(view.step)

    @admin.display(description=_("what went wrong"))
    def sentence(self, job: Job) -> str:
        return job_view(job).sentence or "—" if job.error_code else "—"

    @admin.action(description=_("Try again"), permissions=["act"])
    def retry(self, request: HttpRequest, rows: QuerySet[Job]) -> None:
        n = sum(job_retry(job=job) for job in rows)
        self._said(request, n, ngettext("%(n)d job was queued again.", "%(n)d jobs were queued again.", n))

    @admin.action(description=_("Cancel"), permissions=["act"])
    def cancel(self, request: HttpRequest, rows: QuerySet[Job]) -> None:
        n = sum(job_cancel(job=job) for job in rows)
        self._said(request, n, ngettext("%(n)d job was cancelled.", "%(n)d jobs were cancelled.", n))

    def _said(self, request: HttpRequest, n: int, words: Any) -> None:
        self.message_user(request, words % {"n": n}, messages.SUCCESS if n else messages.WARNING)
