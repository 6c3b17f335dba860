"""Addresses of the networks, the rules and the notices."""

from __future__ import annotations

from django.urls import path, re_path

from webapp.portal.registry import compare, notices, rules, versions

ID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"

urlpatterns = [
    path("models/", versions.models, name="models"),
    path("models/rollback/", versions.model_rollback, name="model_rollback"),
    path("models/<uuid:version_id>/", versions.model_version, name="model_version"),
    re_path(rf"^models/(?P<version_id>{ID})/(?P<act>promote|retire)/$", versions.model_act, name="model_act"),
    path("analyses/<uuid:analysis_id>/again/", compare.analysis_again, name="analysis_again"),
    path("images/<uuid:image_id>/compare/", compare.compare, name="compare"),
    path("rules/", rules.rules, name="rules"),
    path("rules/new/", rules.rule_new, name="rule_new"),
    path("rules/<uuid:rule_id>/", rules.rule_edit, name="rule_edit"),
    re_path(rf"^rules/(?P<rule_id>{ID})/(?P<act>enable|disable|delete)/$", rules.rule_act, name="rule_act"),
    path("rules/nights/<uuid:night_id>/", rules.rule_night, name="rule_night"),
    path("notices/", notices.notices, name="notices"),
    path("notices/read/", notices.notices_mark, name="notices_mark"),
]
