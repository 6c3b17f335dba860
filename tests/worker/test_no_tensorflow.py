"""TensorFlow lives in the worker's child alone: forking after it was imported hangs sooner or later."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.installation import ROOT, Installation

HEAVY = ("tensorflow", "keras", "cv2", "skimage", "scipy")
NAMES = "import sys; print(*sorted({name.partition('.')[0] for name in sys.modules}))"


@pytest.fixture
def site(tmp_path: Path) -> Installation:
    return Installation(tmp_path / "site", f"sqlite:///{tmp_path}/ledger.sqlite3")


def test_the_web_process_holds_neither_worker_nor_bench(site: Installation) -> None:
    pages = "from django.urls import get_resolver\nget_resolver().url_patterns\n"
    held = site.python(f"import webapp.wsgi\n{pages}{NAMES}").split()
    assert "webapp" in held and "celery" in held
    assert not {*HEAVY, "worker", "numpy", "PIL"} & set(held)


def test_the_workers_parent_holds_no_network_and_no_handler(site: Installation) -> None:
    held = site.python(f"from worker.app import app\napp.loader.import_default_modules()\n{NAMES}").split()
    assert "worker" in held
    assert not set(HEAVY) & set(held)
    handlers = "import sys, worker.tasks; print([n for n in sys.modules if n.startswith('worker.handlers')])"
    assert site.python(f"from worker.app import app\n{handlers}") == "[]"


def test_the_decoding_child_holds_no_network_and_no_ledger() -> None:
    code = f"import worker.decoder_child\n{NAMES}"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert not {"tensorflow", "keras", "django", "celery", "webapp"} & set(done.stdout.split())
