"""The base of every admin page here: rows of one's own clinic, rights by role, nothing made or deleted."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import get_language

from segmentation.errors import MedulaError
from webapp.accounts.roles import CURATE, may
from webapp.portal.admin.labels import LABELS, column, label_of, titled
from webapp.portal.admin_site import maintains


class WalledAdmin(admin.ModelAdmin):
    """Rows are made and removed by the services and their pages; here they are seen, and some corrected."""

    editable = False
    scope = CURATE
    list_per_page = 50
    show_full_result_count = False
    actions_on_bottom = True

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        columns: list[Any] = []
        for name in super().get_list_display(request):
            label = label_of(self.model, name) if isinstance(name, str) and not hasattr(self, name) else None
            columns.append(column(self.model, str(name), label) if label is not None else name)
        return columns

    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        filters: list[Any] = []
        for name in super().get_list_filter(request):
            label = label_of(self.model, name) if isinstance(name, str) else None
            filters.append((name, titled(label)) if label is not None else name)
        return filters

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        labels = {name: label for name in LABELS if (label := label_of(self.model, name)) is not None}
        return super().get_form(request, obj, change=change, **{"labels": labels, **kwargs})

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = super().get_queryset(request)
        return rows if maintains(request.user) else self.walled(request, rows)

    def walled(self, request: HttpRequest, rows: QuerySet[Any]) -> QuerySet[Any]:
        """What this person's clinic may see of the rows."""
        clinic_id = getattr(request.user, "clinic_id", None)
        return rows.none() if clinic_id is None else rows.filter(clinic_id=clinic_id)

    def allowed(self, request: HttpRequest) -> bool:
        return maintains(request.user) or may(request.user, self.scope)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.allowed(request)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.allowed(request)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.editable and self.allowed(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_act_permission(self, request: HttpRequest) -> bool:
        """For actions: `@admin.action(permissions=["act"])`."""
        return self.allowed(request)

    def refused(self, request: HttpRequest, refusal: MedulaError) -> None:
        self.message_user(request, refusal.sentence(get_language() or "es"), messages.WARNING)
