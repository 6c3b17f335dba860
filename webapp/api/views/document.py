"""The OpenAPI document and the page that shows it, without a single request to another host."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.request import Request
from rest_framework.response import Response

from webapp.common.middleware import POLICY, VIEWER_STYLE

# Swagger UI writes styles into its page (a hash beside it would switch 'unsafe-inline' off); scripts still
# come from this host's files only.
DOCS_POLICY = POLICY.replace(VIEWER_STYLE, "'unsafe-inline'")


class Document(SpectacularAPIView):
    """Made anew for each reader, visitors too, so these are counted like all others."""


class Docs(SpectacularSwaggerSplitView):
    url_name = "api:schema"

    @extend_schema(exclude=True)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        response: Response = super().get(request, *args, **kwargs)
        response["Content-Security-Policy"] = DOCS_POLICY
        return response
