"""Settings of the REST framework and of the API's document, and how often a program may ask."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ImproperlyConfigured

from webapp.common.environment import Environment, SettingError

_env = Environment()

try:
    # Requests a minute: of one token or signed-in person, and from one address without either.
    MEDULA_API_TOKEN_RATE = _env.whole("MEDULA_API_TOKEN_RATE", 600, least=1)
    MEDULA_API_VISITOR_RATE = _env.whole("MEDULA_API_VISITOR_RATE", 60, least=1)
    # How many proxies of ours stand in front: only what they say of the sender's address is believed.
    MEDULA_PROXIES = _env.whole("MEDULA_PROXIES", 0, least=0)
except SettingError as problem:
    raise ImproperlyConfigured(str(problem)) from problem

REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "webapp.api.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["webapp.api.permissions.HasScope"],
    "DEFAULT_THROTTLE_CLASSES": ["webapp.api.throttling.MinuteThrottle"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["webapp.api.parsers.LimitedJSONParser"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "webapp.api.negotiation.FirstRenderer",
    "DEFAULT_PAGINATION_CLASS": "webapp.api.pagination.Pages",
    "DEFAULT_SCHEMA_CLASS": "webapp.api.schema.Schema",
    "EXCEPTION_HANDLER": "webapp.api.problems.handle",
    "NUM_PROXIES": MEDULA_PROXIES,
}
SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "Medula",
    "DESCRIPTION": (
        "Patients, cases, pictures, analyses, batches, data sets and networks of one laboratory. "
        "Research use, not a diagnosis. Errors are problem+json (RFC 9457) in the language asked for "
        "with Accept-Language (es, en). Lists are pages of at most 100 with a cursor."
    ),
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    # Without it the page would ask a validator on the internet about the document.
    "SWAGGER_UI_SETTINGS": {"deepLinking": True, "validatorUrl": None, "docExpansion": "none"},
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {
        "JobState": "webapp.jobs.models.State",
        "ItemState": "webapp.analyses.tables.ITEM_STATE_CHOICES",
        "LaneName": "webapp.jobs.models.Lane",
        "Stage": "webapp.registry.models.ModelVersion.Stage",
        "Review": "webapp.datasets.models.Sample.Review",
        "Origin": "webapp.datasets.models.Sample.Origin",
        "Specimen": "webapp.cases.models.Biopsy.Specimen",
        "Stain": "webapp.cases.models.Biopsy.Stain",
        "Diagnosis": "webapp.cases.models.Case.Diagnosis",
        "Layout": "webapp.datasets.models.DatasetImport.Layout",
        "FileState": "webapp.api.serializers.files.FILE_STATES",
    },
}
