"""The pages that show several apps at once."""

from __future__ import annotations

from django.urls import include, path, re_path

from webapp.portal import cases, matching, results
from webapp.portal.health import health

urlpatterns = [
    path("", cases.home, name="home"),
    path("cases/new/", cases.case_new, name="case_new"),
    path("cases/<uuid:case_id>/", cases.case_page, name="case"),
    path("cases/<uuid:case_id>/pictures/", cases.case_pictures, name="case_pictures"),
    path("cases/<uuid:case_id>/biopsies/new/", cases.biopsy_new, name="biopsy_new"),
    path("biopsies/<uuid:biopsy_id>/edit/", cases.biopsy_edit, name="biopsy_edit"),
    re_path(
        r"^images/(?P<image_id>[0-9a-f-]{36})/(?P<act>cancel|retry|analyse)/$",
        cases.picture_act,
        name="picture_act",
    ),
    path("analyses/<uuid:analysis_id>/", results.analysis_page, name="analysis"),
    path("analyses/<uuid:analysis_id>/status/", results.analysis_status, name="analysis_status"),
    path("analyses/<uuid:analysis_id>/matchings/new/", matching.matching_new, name="matching_new"),
    path("matchings/<uuid:matching_id>/", matching.matching_page, name="matching"),
    path("matchings/<uuid:matching_id>/status/", matching.matching_status, name="matching_status"),
    re_path(
        r"^matchings/(?P<matching_id>[0-9a-f-]{36})/(?P<act>cancel|retry)/$",
        matching.matching_act,
        name="matching_act",
    ),
    path("matchings/<uuid:matching_id>/<str:sha256>.json", matching.matching_json, name="matching_json"),
    path("", include("webapp.portal.datasets.urls")),
    path("", include("webapp.portal.training.urls")),
    path("", include("webapp.portal.registry.urls")),
    path("health/", health, name="health"),
]
