"""What became of each file of one request."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

FILE_STATES = [(state, state) for state in ("created", "duplicate", "refused", "queued")]

FILES_BODY: dict[str, Any] = {
    "type": "object",
    "properties": {"files": {"type": "array", "items": {"type": "string", "format": "binary"}}},
    "required": ["files"],
}
BINARY: dict[str, Any] = {"type": "string", "format": "binary"}


class FileOutcomeSerializer(serializers.Serializer):
    """created: kept; duplicate: it was here already; queued: an archive to be taken apart; refused: why."""

    name = serializers.CharField()
    state = serializers.ChoiceField(FILE_STATES)
    image = serializers.UUIDField(allow_null=True)
    sha256 = serializers.CharField(allow_null=True)
    job = serializers.UUIDField(allow_null=True)
    code = serializers.CharField(allow_null=True)
    detail = serializers.CharField(allow_null=True)


class FilesTakenSerializer(serializers.Serializer):
    files = FileOutcomeSerializer(many=True)
