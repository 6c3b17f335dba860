"""What the document says besides the views: the errors of every address, and the key of POSTs."""

from __future__ import annotations

from typing import Any, Literal

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter

from webapp.api.problems import MEDIA_TYPE
from webapp.api.serializers.common import ProblemSerializer

READ_ERRORS = {
    "400": "The request cannot be understood.",
    "401": "No token, or one that opens nothing any more.",
    "403": "The token or the account lacks the permission.",
    "404": "There is no such thing, or it is another laboratory's.",
    "405": "The method is not used here.",
    "429": "Too many requests; Retry-After says when to come again.",
    "503": "The storage or the database cannot be reached.",
}
WRITE_ERRORS = {
    "409": "Not possible in its present state, or the first request of this Idempotency-Key still runs.",
    "413": "Larger, or more files, than is taken at once.",
    "415": "A content type that is not read here.",
    "422": "Understood, and not possible; or the Idempotency-Key was used for another request.",
}
KEY = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    description="Sent again with the same request within two days, the first answer comes back.",
)


class Schema(AutoSchema):
    """AutoSchema with our errors."""

    def get_override_parameters(self) -> list[Any]:
        found = super().get_override_parameters()
        return [*found, KEY] if self.method == "POST" else found

    def _get_response_bodies(self, direction: Literal["request", "response"] = "response") -> dict[str, Any]:
        bodies: dict[str, Any] = super()._get_response_bodies(direction)
        known = READ_ERRORS if self.method == "GET" else READ_ERRORS | WRITE_ERRORS
        for status, words in known.items():
            if status not in bodies:
                body = self._get_response_for_code(ProblemSerializer, status, [MEDIA_TYPE], direction)
                bodies[status] = {**body, "description": words}
        return bodies

    def get_tags(self) -> list[str]:
        """By the first part of the path: the resource."""
        return [self.path.removeprefix("/api/v1/").split("/")[0]]
