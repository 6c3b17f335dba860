"""The server as the client sees it: it may be away for a while, and nothing is lost by asking again."""

from __future__ import annotations

import sys
import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import requests

from webapp.client.words import Failure, language, words

PATIENCE_S = 600.0
CONNECT_S, ANSWER_S = 10.0, 120.0
PAUSE_S, PAUSE_MOST_S = 0.5, 10.0
AWAY = frozenset({429, 502, 503, 504})
RUNNING = "key_running"

Body = Callable[[], Any]
"""Makes the body anew: one that was half sent cannot be sent again."""


class Server:
    """Asks with the token, again and again while nobody answers, for at most `patience_s` in a row."""

    def __init__(self, address: str, token: str, *, patience_s: float = PATIENCE_S) -> None:
        self.root = address.rstrip("/") + "/api/v1/"
        self.patience_s = patience_s
        self.session = requests.Session()
        self.session.headers.update({"Authorization": f"Bearer {token}", "Accept-Language": language()})
        self.session.trust_env = True

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_: object) -> None:
        self.session.close()

    def get(self, path: str, **params: Any) -> Any:
        return self._json(self.ask("GET", path, params=params))

    def pages(self, path: str, **params: Any) -> Iterator[dict[str, Any]]:
        """Every row of a list, page after page."""
        address: str | None = path
        while address is not None:
            page = self.get(address, **params)
            yield from page["results"]
            address, params = page["next"], {}

    def post(self, path: str, *, json: Any = None, body: Body | None = None, kind: str = "") -> Any:
        """Asked again after a lost answer it is still done once: every attempt carries the same key."""
        headers = {"Idempotency-Key": uuid.uuid4().hex}
        if kind:
            headers["Content-Type"] = kind
        return self._json(self.ask("POST", path, json=json, body=body, headers=headers))

    def ask(self, method: str, path: str, *, body: Body | None = None, **how: Any) -> requests.Response:
        """The answer, once there is one. Raises Failure for a refusal and when patience is at its end."""
        address = self._address(path)
        away_since: float | None = None  # a long upload that fails at its end has not been away that long
        pause = PAUSE_S
        while True:
            wait = pause
            try:
                answer = self.session.request(
                    method,
                    address,
                    data=body() if body is not None else None,
                    timeout=(CONNECT_S, ANSWER_S),
                    allow_redirects=False,
                    **how,
                )
                answer.content  # noqa: B018  # read to its end here, where a cut answer is asked for again
                if not _asks_to_wait(answer):
                    return self._checked(answer)
                reason = str(answer.status_code)
                wait = _retry_after(answer, pause)
            except (
                requests.ConnectionError,
                requests.Timeout,
                requests.exceptions.ChunkedEncodingError,
            ) as error:
                reason = type(error).__name__
            if away_since is None:
                away_since = time.monotonic()
                print(words("waiting", reason=reason), file=sys.stderr)
            if time.monotonic() - away_since + wait > self.patience_s:
                raise Failure("gave_up", seconds=round(self.patience_s), reason=reason)
            time.sleep(wait)
            pause = min(pause * 2, PAUSE_MOST_S)

    def _address(self, path: str) -> str:
        """A path of the API, or an address that the server gave: always on the host we were told."""
        if "://" not in path:
            return self.root + path
        ours, theirs = urlsplit(self.root), urlsplit(path)
        return urlunsplit((ours.scheme, ours.netloc, theirs.path, theirs.query, ""))

    def _checked(self, answer: requests.Response) -> requests.Response:
        if answer.status_code < 300:
            return answer
        try:
            found = answer.json()
            detail = str(found["detail"])
        except (ValueError, KeyError, TypeError):
            raise Failure("no_medula", server=self.root) from None
        for error in found.get("errors", []):
            detail += f" {error['field']}: {error['detail']}"
        raise Failure("answer", status=answer.status_code, detail=detail)

    def _json(self, answer: requests.Response) -> Any:
        try:
            return answer.json()
        except ValueError:
            raise Failure("no_medula", server=self.root) from None


def _asks_to_wait(answer: requests.Response) -> bool:
    if answer.status_code in AWAY:
        return True
    if answer.status_code != 409:
        return False
    try:
        return bool(answer.json().get("code") == RUNNING)
    except (ValueError, AttributeError):
        return False


def _retry_after(answer: requests.Response, pause: float) -> float:
    try:
        return max(float(answer.headers.get("Retry-After", "")), 0.1)
    except ValueError:
        return pause
