"""The shared counters: kept in Redis while it answers, empty and quick while it does not."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from tests.services import free_port
from webapp.common import cache
from webapp.common.cache import Cache, Client


@pytest.fixture(autouse=True)
def heard() -> Iterator[None]:
    """No earlier silence is kept, nor left behind."""
    Client.silent_until = 0.0
    yield
    Client.silent_until = 0.0


def test_two_processes_share_what_is_counted(redis_url: str) -> None:
    here, there = Cache(redis_url, {}), Cache(redis_url, {})
    here.set("tries", 3, 60)
    assert there.get("tries") == 3
    assert there.incr("tries") == 4
    assert here.get_many(["tries", "none"]) == {"tries": 4}
    assert not there.add("tries", 9, 60)
    here.delete_many(["tries"])
    assert not there.has_key("tries")


def test_while_redis_is_away_the_counters_are_empty_and_nothing_fails() -> None:
    away = Cache(f"redis://127.0.0.1:{free_port()}/0", {})
    away.set("tries", 3, 60)
    away.set_many({"a": 1})
    away.delete_many(["a"])
    assert away.get("tries", "none") == "none"
    assert away.get_many(["tries"]) == {}
    assert away.add("tries", 1, 60) is True
    assert (away.incr("tries", 2), away.touch("tries"), away.delete("tries")) == (2, False, False)
    assert (away.has_key("tries"), away.clear()) == (False, False)


def test_a_redis_that_hangs_is_asked_once_and_then_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "TIMEOUT_S", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as hanging:
        found = Cache(f"redis://127.0.0.1:{hanging.getsockname()[1]}/0", {})
        assert [found.get("tries", 0) for _ in range(20)] == [0] * 20
        # Nobody has answered yet; now see who rang.
        hanging.setblocking(False)
        hanging.accept()[0].close()
        with pytest.raises(BlockingIOError):
            hanging.accept()
