"""The people of a clinic, for its administrator. Whoever maintains the installation is out of reach here."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from webapp.accounts.models import Clinic, User
from webapp.portal.admin.walled import WalledAdmin
from webapp.portal.admin_site import maintains


def administers(user: Any) -> bool:
    return (
        isinstance(user, User)
        and user.is_active
        and user.clinic_id is not None
        and user.role == User.Role.ADMINISTRATOR
    )


class ForAdministrators(WalledAdmin):
    editable = True

    def allowed(self, request: HttpRequest) -> bool:
        return maintains(request.user) or administers(request.user)


@admin.register(User)
class UserAdmin(ForAdministrators):
    """Names, role and whether the account is open. Passwords, clinic and rank are set from the shell only."""

    list_display = ["username", "full_name", "role", "is_active", "last_login"]
    list_filter = ["role", "is_active"]
    search_fields = ["username", "first_name", "last_name"]
    ordering = ["username"]
    fields = [
        "username", "first_name", "last_name", "email", "role", "language", "is_active",
        "must_change_password", "clinic", "last_login", "date_joined",
    ]  # fmt: skip
    readonly_fields = ["clinic", "last_login", "date_joined"]

    def walled(self, request: HttpRequest, rows: QuerySet[Any]) -> QuerySet[Any]:
        return super().walled(request, rows).filter(is_superuser=False)

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        # A filter in the address tells by its count what a column holds: letter by letter, also a hash.
        return lookup.partition("__")[0] in self.list_filter and super().lookup_allowed(
            lookup, value, request
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        # Nobody takes away their own key: a clinic would be left without administrator.
        own = ["role", "is_active"] if obj is not None and obj.pk == request.user.pk else []
        return [*self.readonly_fields, *own]

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        if isinstance(obj, User) and obj.is_superuser and not maintains(request.user):
            return False
        return super().has_change_permission(request, obj)

    @admin.display(description=_("name"))
    def full_name(self, row: User) -> str:
        return row.get_full_name() or "—"


@admin.register(Clinic)
class ClinicAdmin(ForAdministrators):
    list_display = ["name", "slug"]
    fields = ["name", "slug"]
    readonly_fields = ["slug"]

    def walled(self, request: HttpRequest, rows: QuerySet[Any]) -> QuerySet[Any]:
        clinic_id = getattr(request.user, "clinic_id", None)
        return rows.none() if clinic_id is None else rows.filter(pk=clinic_id)
