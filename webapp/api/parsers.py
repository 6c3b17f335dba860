"""Bodies: JSON of a bounded size, forms with files, and a ZIP as it comes. None is believed to be whole."""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO, Any

from django.conf import settings
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.utils.http import parse_header_parameters
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser, JSONParser, MultiPartParser

from segmentation.errors import DataError
from webapp.common.storage import CHUNK_BYTES

JSON_BYTES_MOST = 2_500_000
_TAIL = 1024


class Watched:
    """A body that counts what was read of it and remembers its end."""

    def __init__(self, stream: IO[bytes], declared: int) -> None:
        self.stream = stream
        self.declared = declared
        self.count = 0
        self.tail = b""

    def read(self, size: int = -1) -> bytes:
        return self._seen(self.stream.read(size))

    def readline(self, size: int = -1) -> bytes:
        return self._seen(self.stream.readline(size))

    def _seen(self, piece: bytes) -> bytes:
        self.count += len(piece)
        self.tail = (self.tail + piece[-_TAIL:])[-_TAIL:]
        return piece

    def check(self) -> None:
        """Raises where less came than was declared."""
        if self.count < self.declared:
            raise DataError("body_incomplete")


def declared_bytes(context: Mapping[str, Any] | None) -> int:
    """Content-Length, 0 where there is none; too large a body is refused before it is read."""
    meta = context["request"].META if context else {}
    try:
        declared = int(meta.get("CONTENT_LENGTH") or 0)
    except ValueError:
        raise ParseError from None
    if declared > settings.MEDULA_MAX_UPLOAD_BYTES:
        raise DataError("body_too_large", max_megabytes=settings.MEDULA_MAX_UPLOAD_BYTES // 1_000_000)
    return declared


class LimitedJSONParser(JSONParser):
    """JSON of at most a few megabytes, without the null character that a database refuses."""

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        if declared_bytes(parser_context) > JSON_BYTES_MOST:
            raise DataError("body_too_large", max_megabytes=JSON_BYTES_MOST // 1_000_000)
        found = super().parse(stream, media_type, parser_context)
        if _has_null(found):
            raise ParseError("\\u0000")
        return found


class WholeMultiPartParser(MultiPartParser):
    """A form whose last boundary arrived; Django's own reader takes a cut file for a whole one."""

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        watched = Watched(stream, declared_bytes(parser_context))
        found = super().parse(watched, media_type, parser_context)
        watched.check()
        _, parameters = parse_header_parameters(media_type or "")
        last = f"--{parameters.get('boundary', '')}--".encode("latin-1", "replace")
        if not watched.tail.rstrip(b"\r\n\t ").endswith(last):
            raise DataError("body_incomplete")
        return found


class ArchiveParser(BaseParser):
    """A ZIP as the body itself, written to disk while it comes."""

    media_type = "application/zip"

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        watched = Watched(stream, declared_bytes(parser_context))
        file = TemporaryUploadedFile("archive.zip", self.media_type, 0, None)
        try:
            while chunk := watched.read(CHUNK_BYTES):
                file.write(chunk)
            watched.check()
        except BaseException:
            file.close()
            raise
        file.size = watched.count
        file.seek(0)
        return file


def _has_null(value: Any) -> bool:
    """Whether any text in the JSON, names included, holds the null character."""
    if isinstance(value, str):
        return "\x00" in value
    if isinstance(value, dict):
        return any(map(_has_null, (*value.keys(), *value.values())))
    return isinstance(value, list) and any(map(_has_null, value))
