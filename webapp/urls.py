"""Every address of the site."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("webapp.accounts.urls")),
    path("", include("webapp.cases.urls")),
    path("", include("webapp.datasets.urls")),
    path("", include("webapp.registry.urls")),
    path("", include("webapp.analyses.urls")),
    path("api/v1/", include("webapp.api.urls")),
    path("admin/", admin.site.urls),
    path("", include("webapp.portal.urls")),
]
handler400 = "webapp.portal.errors.bad_request"
handler403 = "webapp.portal.errors.permission_denied"
handler404 = "webapp.portal.errors.not_found"
handler500 = "webapp.portal.errors.server_error"
