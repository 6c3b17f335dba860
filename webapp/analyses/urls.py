"""Addresses of the files of an analysis."""

from __future__ import annotations

from django.urls import path

from webapp.analyses import views

urlpatterns = [
    path(
        "analyses/<uuid:analysis_id>/mask/<str:sha256>/<int:level>/<int:column>_<int:row>.<str:ext>",
        views.mask_tile,
        name="mask_tile",
    ),
    path("analyses/<uuid:analysis_id>/nuclei/<str:sha256>.json", views.nuclei_json, name="nuclei_json"),
    path("analyses/<uuid:analysis_id>/outlines/<str:sha256>.json", views.outlines_json, name="outlines_json"),
    path("analyses/<uuid:analysis_id>/nuclei.csv", views.nuclei_csv, name="nuclei_csv"),
    path("analyses/<uuid:analysis_id>/labels/", views.labels_file, name="labels_file"),
    path("analyses/<uuid:analysis_id>/overlay/", views.overlay_file, name="overlay_file"),
]
