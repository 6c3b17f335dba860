"""What is sent does not hang on Accept: JSON where rows are asked for, the file where a file is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.request import Request


class FirstRenderer(BaseContentNegotiation):
    """The one way in which a view answers."""

    def select_parser(self, request: Request, parsers: Sequence[Any]) -> Any:
        chosen = None
        content_type = (request.content_type or "").partition(";")[0].strip().lower()
        for parser in parsers:
            if parser.media_type == content_type:
                chosen = parser
        return chosen

    def select_renderer(
        self, request: Request, renderers: Sequence[Any], format_suffix: str | None = None
    ) -> tuple[Any, str]:
        return renderers[0], renderers[0].media_type
