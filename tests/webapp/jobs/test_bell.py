"""The bell rings, and when it cannot, nobody waits for it."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from queue import Empty

import pytest
import redis
from kombu import Connection
from pytest_django.fixtures import Settings

from tests.services import free_port
from webapp.jobs import broker, doorbell
from webapp.jobs.transport import Channel


@pytest.fixture
def channel(installation: Path) -> Iterator[Channel]:
    found = broker.broker_settings()
    with Connection(
        transport=found["broker_transport"], transport_options=found["broker_transport_options"]
    ) as connection:
        yield connection.default_channel


def test_a_ring_leaves_one_message_with_the_task_and_the_lane(installation: Path, channel: Channel) -> None:
    assert doorbell.ring("pictures")
    message = channel._get("pictures")
    assert message["headers"]["task"] == "worker.tasks.drain"
    assert message["headers"]["argsrepr"] == "('pictures',)"
    with pytest.raises(Empty):
        channel._get("pictures")
    assert list((installation / "broker" / "messages").iterdir()) == []
    assert not (installation / "broker" / "control").exists()


def test_each_lane_hears_only_its_own_bell(channel: Channel) -> None:
    doorbell.ring("training")
    with pytest.raises(Empty):
        channel._get("pictures")
    assert channel._size("training") == 1


def test_messages_are_heard_in_the_order_they_were_left(channel: Channel) -> None:
    for number in range(20):
        channel._put("pictures", {"number": number})
    assert [channel._get("pictures")["number"] for _ in range(20)] == list(range(20))


def test_a_damaged_message_is_dropped_and_the_next_is_read(installation: Path, channel: Channel) -> None:
    (installation / "broker" / "messages" / "0_0.pictures.msg").write_bytes(b"")
    (installation / "broker" / "messages" / "0_1.pictures.msg").write_bytes(b"\xff{")
    channel._put("pictures", {"number": 1})
    assert channel._get("pictures") == {"number": 1}


def test_a_message_still_being_written_is_not_heard(installation: Path, channel: Channel) -> None:
    (installation / "broker" / "messages" / "0_0.pictures.msg.part").write_text(json.dumps({"half": 1})[:4])
    with pytest.raises(Empty):
        channel._get("pictures")


def test_a_folder_that_cannot_be_written_costs_a_request_nothing(
    settings: Settings, installation: Path
) -> None:
    assert doorbell.ring("pictures")
    messages = installation / "broker" / "messages"
    for message in messages.iterdir():
        message.unlink()
    messages.rmdir()
    assert not doorbell.ring("pictures")
    messages.mkdir()
    assert not doorbell.ring("pictures"), "after a failure the bell rests"
    bell = doorbell._current()
    bell._silent_until = 0.0
    assert doorbell.ring("pictures"), "and then it rings again"


def test_redis_carries_the_bell(settings: Settings, redis_url: str) -> None:
    settings.BROKER_URL = redis_url
    with redis.Redis.from_url(redis_url) as client:
        client.flushall()
        assert doorbell.ring("pictures")
        assert client.llen("medula.pictures") == 1
    doorbell._current().close()


def test_an_absent_redis_holds_nobody_up(settings: Settings) -> None:
    settings.BROKER_URL = f"redis://127.0.0.1:{free_port()}/0"
    started = time.monotonic()
    assert not doorbell.ring("pictures")
    assert time.monotonic() - started < 3.5


def test_a_frozen_redis_holds_one_request_up_for_three_seconds_and_the_next_not_at_all(
    settings: Settings, redis_url: str
) -> None:
    settings.BROKER_URL = redis_url
    with redis.Redis.from_url(redis_url) as client:
        pid = client.info("server")["process_id"]
        os.kill(pid, signal.SIGSTOP)
        try:
            started = time.monotonic()
            assert not doorbell.ring("pictures")
            assert time.monotonic() - started < 4.0
            started = time.monotonic()
            assert not any(doorbell.ring("pictures") for _ in range(20))
            assert time.monotonic() - started < 0.5
        finally:
            os.kill(pid, signal.SIGCONT)
    doorbell._current().close()
