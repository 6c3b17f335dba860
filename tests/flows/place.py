"""What a story needs of the installation it is told in: embedded or the compose stack."""

from __future__ import annotations

from typing import Any, Protocol


class Place(Protocol):
    def python(self, code: str, *arguments: str) -> str:
        """Run code after django.setup(); what it printed."""

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """Read the ledger from outside; SQL that SQLite and PostgreSQL both speak."""
