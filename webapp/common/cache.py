"""Counters shared through Redis. They may be lost and are then zero: a page never fails for want of them."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any, ClassVar

from django.core.cache.backends.redis import RedisCache, RedisCacheClient
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError, RedisError
from redis.retry import Retry

log = logging.getLogger(__name__)

TIMEOUT_S = 2.0
SILENCE_S = 10.0
"""After a failure nobody asks again for this long: a page must not wait out one timeout after another."""

# What an empty cache answers, by what it is asked.
EMPTY: dict[str, Callable[..., Any]] = {
    "add": lambda key, value, timeout: True,
    "get": lambda key, default: default,
    "set": lambda key, value, timeout: None,
    "touch": lambda key, timeout: False,
    "delete": lambda key: False,
    "get_many": lambda keys: {},
    "has_key": lambda key: False,
    "incr": lambda key, delta: delta,
    "set_many": lambda data, timeout: None,
    "delete_many": lambda keys: None,
    "clear": lambda: False,
}


class Client:
    """Django's client of Redis; it answers as an empty cache would while Redis does not."""

    silent_until: ClassVar[float] = 0.0

    def __init__(self, servers: list[str], **options: Any) -> None:
        self._client = RedisCacheClient(
            servers,
            socket_timeout=TIMEOUT_S,
            socket_connect_timeout=TIMEOUT_S,
            # Once more over a connection that an earlier Redis closed; a silent one is not waited for twice.
            retry=Retry(NoBackoff(), 1, supported_errors=(ConnectionError,)),
            **options,
        )

    def __getattr__(self, name: str) -> Callable[..., Any]:
        empty, ask = EMPTY[name], getattr(self._client, name)

        def asked(*arguments: Any) -> Any:
            if time.monotonic() < Client.silent_until:
                return empty(*arguments)
            try:
                return ask(*arguments)
            except (RedisError, OSError) as fault:
                Client.silent_until = time.monotonic() + SILENCE_S
                log.warning("the counters cannot be reached (%s): they count as empty", fault)
                return empty(*arguments)

        return asked


class Cache(RedisCache):
    """Django's own Redis cache with that client."""

    def __init__(self, server: str | list[str], params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = Client
