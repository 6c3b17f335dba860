"""Addresses of the curator's pages."""

from __future__ import annotations

from django.urls import path, re_path

from webapp.portal.datasets import confirm, imports, pages, review, versions

ID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
ACT = "(?P<act>cancel|retry)"

urlpatterns = [
    path("analyses/<uuid:analysis_id>/confirm/", confirm.analysis_confirmed, name="analysis_confirm"),
    path("datasets/", pages.datasets, name="datasets"),
    path("datasets/new/", pages.dataset_new, name="dataset_new"),
    path("datasets/<uuid:dataset_id>/", pages.dataset_page, name="dataset"),
    path("datasets/<uuid:dataset_id>/edit/", pages.dataset_edit, name="dataset_edit"),
    path("datasets/<uuid:dataset_id>/archive/", pages.dataset_put_away, name="dataset_archive"),
    path("datasets/<uuid:dataset_id>/import/", imports.dataset_import, name="dataset_import"),
    path("datasets/<uuid:dataset_id>/freeze/", pages.dataset_freeze, name="dataset_freeze"),
    path("datasets/<uuid:dataset_id>/review/", review.dataset_review, name="dataset_review"),
    re_path(f"^datasets/imports/(?P<import_id>{ID})/{ACT}/$", pages.import_act, name="import_act"),
    path("datasets/samples/<uuid:sample_id>/", review.sample_page, name="sample"),
    path("datasets/samples/<uuid:sample_id>/mask/", review.sample_mask, name="sample_mask"),
    path("datasets/samples/<uuid:sample_id>/drawing/", review.sample_drawing, name="sample_drawing"),
    path("datasets/versions/<uuid:version_id>/", versions.version_page, name="version"),
    path("datasets/versions/<uuid:version_id>/manifest/", versions.version_manifest, name="version_manifest"),
    path("datasets/versions/<uuid:version_id>/export/", versions.version_export, name="version_export"),
    re_path(f"^datasets/versions/(?P<version_id>{ID})/{ACT}/$", pages.version_act, name="version_act"),
]
