"""A real browser before a real server, with a real worker behind it."""

from __future__ import annotations

import os
import shutil
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright

from segmentation.synthetic import draw_fluorescence, draw_stained
from tests.installation import Installation
from tests.services import free_port, wait_until

# A machine that also trains a network answers late; a page that never answers fails all the same.
PATIENCE_MS = 120_000
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WIDE: ViewportSize = {"width": 1280, "height": 860}
NARROW: ViewportSize = {"width": 390, "height": 844}
expect.set_options(timeout=PATIENCE_MS)
PASSWORD = "una-clave-de-prueba-7"
SET_UP = f"""
from django.core.management import call_command
from webapp.accounts.models import User
from webapp.accounts.services import clinic_create
from webapp.registry.services import bundles_register
call_command("collectstatic", "--noinput", verbosity=0)
assert bundles_register(), "no bundle in segmentation/bundles"
clinic = clinic_create(name="Laboratorio del Norte")
for name in ("ana", "ben"):
    User.objects.create_user(name, password={PASSWORD!r}, clinic=clinic)
"""


@dataclass
class Seen:
    """What the browser did and complained about."""

    complaints: list[str] = field(default_factory=list)
    hosts: set[str] = field(default_factory=set)


@dataclass
class Site:
    """A running installation."""

    address: str
    installation: Installation
    worker_pid: int

    def url(self, path: str = "/") -> str:
        return self.address + path


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The web server and the worker of the pictures, as `start` would run them."""
    folder = tmp_path_factory.mktemp("site")
    made = Installation(folder / "var", f"sqlite:///{folder}/ledger.sqlite3")
    made.migrate()
    made.python(SET_UP)
    port = free_port()
    command = ["-m", "gunicorn", "webapp.wsgi", "--worker-class", "gthread", "--threads", "8"]
    made._start([sys.executable, *command, "--bind", f"127.0.0.1:{port}", "--no-control-socket"])
    worker = made.start_worker("pictures")
    site = Site(f"http://127.0.0.1:{port}", made, worker.pid)
    try:
        wait_until(lambda: answers(site.url("/health/")), f"the server answers\n{made.log()}")
        yield site
    finally:
        made.kill_all()


def answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    # A module long and no longer: while Playwright runs, Django takes its loop for an asynchronous view.
    program = next(filter(None, map(shutil.which, CHROMIUMS)), None)
    if program is None:
        pytest.skip("no Chromium is installed (Debian: apt-get install chromium)")
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield found
        found.close()


OpenPage = Callable[..., tuple[Page, Seen]]


@pytest.fixture
def open_page(browser: Browser, site: Site) -> Iterator[OpenPage]:
    """Opens a browser of its own: language, size of the window, light or dark."""
    contexts = []

    def open_(language: str = "es", size: ViewportSize = WIDE, scheme: str = "light") -> tuple[Page, Seen]:
        context = browser.new_context(
            locale=language, viewport=size, color_scheme=scheme, base_url=site.address, accept_downloads=True
        )  # type: ignore[arg-type]
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        return page, watch(page)

    yield open_
    for context in contexts:
        context.close()


def watch(page: Page) -> Seen:
    seen = Seen()

    def said(message: object) -> None:
        kind, text = message.type, message.text  # type: ignore[attr-defined]
        if kind in {"error", "warning"}:
            seen.complaints.append(f"{kind}: {text}")

    page.on("console", said)
    page.on("pageerror", lambda error: seen.complaints.append(f"exception: {error}"))
    page.on("request", lambda request: seen.hosts.add(urlsplit(request.url).netloc))
    return seen


def sign_in(page: Page, name: str = "ana") -> None:
    page.goto("/")
    page.fill("#id_login", name)
    page.fill("#id_password", PASSWORD)
    page.click("main button.main")
    page.wait_for_url("**/")


@pytest.fixture(scope="session")
def fields(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Three drawn fields: two of fluorescence, one stained."""
    folder = tmp_path_factory.mktemp("fields")
    drawn = {
        "campo 1.png": draw_fluorescence(1, 240, 320, nuclei=18)[0],
        "campo 2 🔬.png": draw_fluorescence(2, 256, 256, nuclei=12)[0],
        "frotis.jpg": draw_stained(3, 240, 320)[0],
    }
    paths = []
    for name, rgb in drawn.items():
        paths.append(folder / name)
        Image.fromarray(np.ascontiguousarray(rgb)).save(paths[-1], quality=95)
    return paths


@pytest.fixture
def pictures_kept() -> Path | None:
    """Where to keep pictures of the pages, when someone wants to look at them (MEDULA_SCREENSHOTS)."""
    folder = os.environ.get("MEDULA_SCREENSHOTS")
    if not folder:
        return None
    Path(folder).mkdir(parents=True, exist_ok=True)
    return Path(folder)
