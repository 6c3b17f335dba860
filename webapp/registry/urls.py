"""Addresses of the files of trainings and evaluations."""

from __future__ import annotations

from django.urls import path

from webapp.registry import views

urlpatterns = [
    path(
        "training/evaluations/<uuid:evaluation_id>/panels/<str:sha256>.jpg",
        views.panel_picture,
        name="panel_picture",
    ),
]
