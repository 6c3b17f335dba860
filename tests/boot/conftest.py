"""Small checkouts: one without an environment, one whose environment stands."""

from __future__ import annotations

import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.boot.checkout import Answer, Checkout


@pytest.fixture(autouse=True, scope="session")
def ctrl_c_is_heard() -> Iterator[None]:
    """A shell starts what runs in its background with SIGINT ignored, and children inherit that."""
    before = signal.getsignal(signal.SIGINT)
    if before is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Answer]:
    """A checkout after its first command, never to be changed; and what that command answered."""
    checkout = Checkout.make(tmp_path_factory.mktemp("made") / "checkout")
    return checkout.root, checkout.manage("check", "--fast")


@pytest.fixture
def ready(made: tuple[Path, Answer], tmp_path: Path) -> Checkout:
    """A checkout of one's own whose environment stands."""
    checkout = Checkout.make(tmp_path / "checkout")
    shutil.copytree(made[0] / ".venv", checkout.root / ".venv", symlinks=True)
    for name in ("requirements", "wheels"):
        shutil.copytree(made[0] / name, checkout.root / name, dirs_exist_ok=True)
    return checkout


@pytest.fixture
def empty(tmp_path: Path) -> Checkout:
    """A fresh checkout."""
    return Checkout.make(tmp_path / "checkout")
