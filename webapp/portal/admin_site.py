"""Django's admin as a curator's workbench: the site's own door, and roles in place of permission tables."""

from __future__ import annotations

from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from webapp.accounts.models import User
from webapp.accounts.roles import CURATE, may


def maintains(user: Any) -> bool:
    """Whether this person looks after the installation: the only one whom no clinic's wall stops."""
    return isinstance(user, User) and user.is_active and user.is_superuser


class CuratorSite(AdminSite):
    """Open to those who may curate in their clinic, and to whoever maintains the installation."""

    site_header = site_title = _("Medula: administration")
    index_title = _("Data sets, work and models")
    enable_nav_sidebar = False  # the lists of work need the room

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Only pages of ours, which have their wall; other apps' would show every clinic's rows."""
        if admin_class is not None and admin_class.__module__.startswith("webapp."):
            super().register(model_or_iterable, admin_class, **options)

    def has_permission(self, request: HttpRequest) -> bool:
        return maintains(request.user) or may(request.user, CURATE)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """There is one sign-in page; who is signed in and stands here may not come in."""
        if self.has_permission(request):
            return redirect("admin:index")
        if request.user.is_authenticated:
            raise PermissionDenied
        return redirect_to_login(request.GET.get("next") or reverse("admin:index"), reverse("account_login"))

    def logout(  # type: ignore[override]  # a redirect, where Django has a page
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if request.method == "POST":
            logout(request)
        return redirect("account_login")

    def password_change(  # type: ignore[override]
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return redirect("account_change_password")
