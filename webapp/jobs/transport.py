"""The embedded bell: a folder of messages, each appearing complete or not at all.

kombu's own filesystem transport writes a message under its final name, so a reader may catch it empty,
and an empty message ends a worker. Here a message is written under another name and renamed, and taking
one is a rename too, so two readers never share it. Both ends of the folder use this module.
"""

from __future__ import annotations

import json
import logging
import os
import time
import uuid
from pathlib import Path
from queue import Empty
from typing import Any, ClassVar

from kombu.exceptions import ChannelError
from kombu.transport import filesystem

log = logging.getLogger("medula.jobs")


class Channel(filesystem.Channel):
    """Messages are files `<time>_<id>.<queue>.msg`; other names are no messages yet, or no more."""

    def _put(self, queue: str, payload: dict[str, Any], **kwargs: Any) -> None:  # type: ignore[override]
        folder = Path(self.data_folder_out)
        name = f"{time.time_ns():020d}_{uuid.uuid4()}.{queue}.msg"
        unfinished = folder / f"{name}.part"
        try:
            unfinished.write_text(json.dumps(payload))
            os.replace(unfinished, folder / name)
        except OSError as exc:
            raise ChannelError(f"cannot leave a message in {folder}: {exc}") from exc

    def _get(self, queue: str, timeout: float | None = None) -> dict[str, Any]:
        folder = Path(self.data_folder_in)
        for name in sorted(os.listdir(folder)):
            if name.partition(".")[2] != f"{queue}.msg":
                continue
            taken = folder / f"{name}.taken"
            try:
                os.rename(folder / name, taken)
                content = taken.read_bytes()
                taken.unlink()
            except OSError:  # another reader was faster
                continue
            try:
                message: dict[str, Any] = json.loads(content)
            except ValueError:
                log.warning("a message in %s was damaged and is dropped: the sweep rings again", queue)
                continue
            return message
        raise Empty

    # A queue is bound by its own name, whatever the exchange, so no table of bindings is kept on disk.
    def _lookup(self, exchange: str, routing_key: str, default: str | None = None) -> list[str]:
        return [routing_key]

    def get_table(self, exchange: str) -> list[Any]:
        return []

    def _queue_bind(self, exchange: str, routing_key: str, pattern: str, queue: str) -> None:
        if routing_key != queue:
            raise ChannelError(
                f"the embedded bell binds a queue by its name, not {queue!r} by {routing_key!r}"
            )


class Transport(filesystem.Transport):
    Channel = Channel
    # A folder has neither host nor port to fall back on.
    default_connection_params: ClassVar[dict[str, Any]] = {}
