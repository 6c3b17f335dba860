"""How the bell is reached: the one place that knows a folder from a Redis. Used by both its ends."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from kombu.entity import Queue

from webapp.jobs.models import Lane

DRAIN = "worker.tasks.drain"
SWEEP = "worker.tasks.sweep"
TIMEOUT_S = 3
POLLING_S = 0.1


def broker_settings() -> dict[str, Any]:
    """Celery's settings for the broker of this installation; makes the embedded folder when it is missing."""
    url = str(settings.BROKER_URL)
    common = {"broker_url": url, "broker_connection_timeout": TIMEOUT_S}
    if urlsplit(url).scheme != "filesystem":
        options = {
            "socket_timeout": TIMEOUT_S,
            "socket_connect_timeout": TIMEOUT_S,
            "socket_keepalive": True,
            "global_keyprefix": "medula.",
        }
        return {**common, "broker_transport_options": options}
    folder = broker_folder(url)
    messages = folder / "messages"
    messages.mkdir(parents=True, exist_ok=True)
    return {
        **common,
        "broker_url": "filesystem://",
        "broker_transport": "webapp.jobs.transport:Transport",
        "broker_transport_options": {
            "data_folder_in": str(messages),
            "data_folder_out": str(messages),
            "control_folder": str(folder / "control"),
            "polling_interval": POLLING_S,
        },
    }


def broker_folder(url: str) -> Path:
    """The folder a filesystem:// address names, `broker` in var/ when it names none."""
    path = urlsplit(url).path
    return Path(path) if path.strip("/") else Path(settings.MEDULA_VAR) / "broker"


def queues() -> tuple[Queue, ...]:
    """One queue a lane, bound by its own name."""
    return tuple(Queue(lane, routing_key=lane) for lane in Lane.values)  # type: ignore[no-untyped-call]
