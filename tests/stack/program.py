"""A program that speaks to the API as its document says, and nothing of our code."""

from __future__ import annotations

from typing import Any

import requests

from tests.services import wait_until
from tests.stack.stack import Stack

TOKEN = """
import sys
from webapp.accounts.models import User
from webapp.accounts.tokens import token_create
user = User.objects.get(username=sys.argv[1])
print(token_create(user=user, name="programa", scopes=sys.argv[2:], days=1)[1])
"""
ENDED = ("succeeded", "failed", "cancelled")


class Program:
    def __init__(self, stack: Stack, username: str, *scopes: str) -> None:
        self.stack = stack
        self.token = stack.python(TOKEN, username, *scopes)
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.headers.update({"Authorization": f"Bearer {self.token}", "Accept-Language": "es"})

    def get(self, path: str, **query: str) -> Any:
        answer = self.session.get(self._url(path), params=query, timeout=60)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def every(self, path: str, **query: str) -> list[dict[str, Any]]:
        """All rows of a list, page by page."""
        found: list[dict[str, Any]] = []
        page = self.get(path, **query)
        while True:
            found += page["results"]
            if not page["next"]:
                return found
            page = self.get(page["next"])

    def post(self, path: str, body: Any, status: int = 202, **query: str) -> Any:
        """Bytes go as a ZIP, anything else as JSON."""
        how: dict[str, Any] = {"json": body}
        if isinstance(body, bytes):
            how = {"data": body, "headers": {"Content-Type": "application/zip"}}
        answer = self.session.post(self._url(path), params=query, timeout=120, **how)
        assert answer.status_code == status, answer.text
        return {**answer.json(), "location": answer.headers.get("Location", "")}

    def ended(self, address: str, timeout_s: float = 600) -> dict[str, Any]:
        """What stands at the address once its job has ended; it must have ended well."""
        wait_until(lambda: self.get(address)["state"] in ENDED, f"{address} ends", timeout_s)
        found: dict[str, Any] = self.get(address)
        assert found["state"] == "succeeded", found
        return found

    def _url(self, path: str) -> str:
        return path if path.startswith("http") else f"{self.stack.address}/api/v1/{path}"
