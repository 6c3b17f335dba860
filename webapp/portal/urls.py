"""The pages that show several apps at once."""

from __future__ import annotations

from django.urls import path

from webapp.portal.health import health

urlpatterns = [
    path("health/", health, name="health"),
]
