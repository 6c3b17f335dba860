"""What a handler is given, and the ways its work may be interrupted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID


class Interrupted(Exception):
    """Raised out of `progress`: the work ends here, and nothing is written."""


class Cancelled(Interrupted):
    """Someone asked to cancel the job."""


class LeaseLost(Interrupted):
    """The job belongs to another attempt now."""


class Stopped(Interrupted):
    """The worker was asked to stop; the job goes back to the queue and this attempt does not count."""


class Progress(Protocol):
    """Tell the heart how far the work is. May raise Interrupted."""

    def __call__(self, step: str, done: int = 0, total: int = 0) -> None: ...


@dataclass(frozen=True)
class Work:
    """One attempt at one job."""

    id: UUID
    kind: str
    clinic_id: int
    attempt: int
    payload: dict[str, Any]
    scratch: Path
    progress: Progress


Finish = Callable[[], None]
"""What a handler returns: writes the results, inside the transaction that ends the job."""

Handler = Callable[[Work], Finish]
