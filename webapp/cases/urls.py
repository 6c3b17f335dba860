"""Addresses of pictures and their files."""

from __future__ import annotations

from django.urls import path

from webapp.cases import views

urlpatterns = [
    path("biopsies/<uuid:biopsy_id>/images/", views.images_upload, name="images_upload"),
    path("images/<uuid:image_id>/thumbnail/<str:sha256>/", views.image_thumbnail, name="image_thumbnail"),
    path(
        "images/<uuid:image_id>/tiles/<str:sha256>/<int:level>/<int:column>_<int:row>.<str:ext>",
        views.image_tile,
        name="image_tile",
    ),
    path("images/<uuid:image_id>/original/", views.image_original, name="image_original"),
]
