"""Addresses of the samples' files."""

from __future__ import annotations

from django.urls import path

from webapp.datasets import views

urlpatterns = [
    path("samples/<uuid:sample_id>/thumbnail/<str:sha256>/", views.sample_thumbnail, name="sample_thumbnail"),
    path("samples/<uuid:sample_id>/outlines/<str:sha256>/", views.sample_outlines, name="sample_outlines"),
    path("samples/<uuid:sample_id>/picture/<str:sha256>/", views.sample_picture, name="sample_picture"),
    path("samples/<uuid:sample_id>/original/", views.sample_original, name="sample_original"),
    path("samples/<uuid:sample_id>/labels/", views.sample_labels, name="sample_labels"),
]
