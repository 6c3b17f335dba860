"""Pages of at most 100, followed by a cursor: a row added meanwhile shifts no page."""

from __future__ import annotations

from rest_framework.pagination import CursorPagination


class Pages(CursorPagination):
    """`?limit=` rows a page; `next` is the address of the page after."""

    page_size = 50
    max_page_size = 100
    page_size_query_param = "limit"
    ordering: tuple[str, ...] = ("-created_at", "pk")


class ByPosition(Pages):
    ordering = ("position",)


class ByCode(Pages):
    ordering = ("code", "pk")


class ByUpload(Pages):
    ordering = ("-uploaded_at", "pk")
