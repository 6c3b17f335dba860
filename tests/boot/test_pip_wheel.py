"""Where a Python has no installer, pip's own wheel is read from the index, checked, and run."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.boot.checkout import Checkout, tiny_wheel
from webapp.bootstrap import pip_wheel

# The stand-in for pip: writes down how it was called, and where.
PIP = "import pathlib, sys; pathlib.Path(sys.argv[-1]).with_name('called').write_text(' '.join(sys.argv[1:]))"


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def index(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A real index over HTTP: its address and its folder."""
    folder = tmp_path / "index"
    folder.mkdir()
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/simple", folder
        server.shutdown()
        thread.join()


@pytest.fixture
def offered(index: tuple[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An index that offers a tiny pip, and the list that names it with its hash."""
    url, folder = index
    wheel, line = tiny_wheel(folder / "files", "pip", "99.1", {"pip/__main__.py": PIP})
    (folder / "simple" / "pip").mkdir(parents=True)
    (folder / "simple" / "pip" / "index.html").write_text(
        f'<a href="../../files/pip-99.1.tar.gz#sha256=0">pip-99.1.tar.gz</a>'
        f'<a href="../../files/{wheel.name}#sha256=0">{wheel.name}</a>'
    )
    (tmp_path / "installer.txt").write_text(line)
    monkeypatch.setattr(pip_wheel, "REQUIREMENTS", tmp_path / "installer.txt")
    monkeypatch.setenv("PIP_INDEX_URL", url)
    return wheel


def test_the_wheel_is_fetched_and_checked(offered: Path, tmp_path: Path) -> None:
    fetched = pip_wheel.fetch(tmp_path)
    assert fetched == tmp_path / offered.name
    assert fetched.read_bytes() == offered.read_bytes()


def test_another_wheel_of_the_same_name_is_refused(offered: Path, tmp_path: Path) -> None:
    offered.write_bytes(offered.read_bytes() + b" ")
    with pytest.raises(LookupError, match="sha256"):
        pip_wheel.fetch(tmp_path)


def test_a_version_the_index_lacks_is_said(offered: Path, tmp_path: Path) -> None:
    text = pip_wheel.REQUIREMENTS.read_text()
    pip_wheel.REQUIREMENTS.write_text(text.replace("99.1", "99.2"))
    with pytest.raises(LookupError, match=r"pip-99\.2"):
        pip_wheel.fetch(tmp_path)


def test_the_wheel_installs_itself(offered: Path, ready: Checkout, tmp_path: Path) -> None:
    pip_wheel.install(ready.python, tmp_path, tmp_path / "log")
    called = (tmp_path / "called").read_text()
    assert called.startswith("install --no-input")
    assert called.endswith(f"--require-hashes --requirement {tmp_path / 'installer.txt'}")


def test_the_index_of_the_institution_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    conf = tmp_path / "pip.conf"
    conf.write_text("[global]\nindex-url = https://ana:clave@espejo.hospital.example/pypi/simple\n")
    monkeypatch.delenv("PIP_INDEX_URL", raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", str(conf))
    assert pip_wheel.index_url() == "https://ana:clave@espejo.hospital.example/pypi/simple"
    assert pip_wheel.index_name() == "https://espejo.hospital.example/pypi/simple"
