"""Archives come whole over connections that are cut, and a file that changed is noticed."""

from __future__ import annotations

import hashlib
import io
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from segmentation.__main__ import main
from segmentation.errors import DataError
from segmentation.fetching import ARCHIVES, address_of, fetch

CONTENT = np.random.default_rng(1).bytes(300_000)


class Site(ThreadingHTTPServer):
    """Serves one content; the next `cuts` answers end early; `ranges`: whether a rest can be asked for."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.content, self.cuts, self.ranges, self.status, self.length = CONTENT, 0, True, 200, True
        self.asked: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/sets/stage1_train.zip?x=1"


class Handler(BaseHTTPRequestHandler):
    server: Site

    def do_GET(self) -> None:
        site = self.server
        site.asked.append(self.headers.get("Range", ""))
        if site.status != 200:
            self.send_error(site.status)
            return
        mark = f'"{hashlib.md5(site.content).hexdigest()}"'
        start = 0
        if site.ranges and "Range" in self.headers and self.headers.get("If-Range") == mark:
            start = int(self.headers["Range"].removeprefix("bytes=").removesuffix("-"))
        if start >= len(site.content):
            self.send_response(416)
            self.send_header("Content-Range", f"bytes */{len(site.content)}")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        rest = site.content[start:]
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(site.content) - 1}/{len(site.content)}")
        if site.length:
            self.send_header("Content-Length", str(len(rest)))
        self.send_header("ETag", mark)
        self.end_headers()
        if site.cuts:
            site.cuts -= 1
            rest = rest[: len(rest) // 2]
        self.wfile.write(rest)
        self.close_connection = True

    def log_message(self, format: str, *arguments: object) -> None:
        """Quiet."""


@pytest.fixture
def site() -> Iterator[Site]:
    server = Site()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.is_file())


def test_a_file_comes_whole_and_its_digest_is_noted(site: Site, tmp_path: Path) -> None:
    seen: list[tuple[int, int | None]] = []
    got = fetch(site.url, tmp_path, lambda done, total: seen.append((done, total)))
    assert got.path == tmp_path / "stage1_train.zip" and got.path.read_bytes() == CONTENT
    assert got.sha256 == hashlib.sha256(CONTENT).hexdigest() and got.first
    assert seen[-1] == (len(CONTENT), len(CONTENT))
    noted = (tmp_path / "stage1_train.zip.sha256").read_text(encoding="utf-8")
    assert noted == f"{got.sha256}  stage1_train.zip\n"
    assert names(tmp_path) == ["stage1_train.zip", "stage1_train.zip.sha256"]
    assert not fetch(site.url, tmp_path).first and len(site.asked) == 1


def test_cut_connections_are_gone_on_with_by_range(site: Site, tmp_path: Path) -> None:
    site.cuts = 4
    assert fetch(site.url, tmp_path, patience_s=0).path.read_bytes() == CONTENT
    assert site.asked[0] == "" and site.asked[1] == "bytes=150000-" and len(site.asked) == 5


def test_a_server_without_ranges_begins_again(site: Site, tmp_path: Path) -> None:
    site.cuts, site.ranges = 2, False
    assert fetch(site.url, tmp_path, patience_s=0).path.read_bytes() == CONTENT


def test_a_later_call_goes_on_where_an_earlier_one_ended(site: Site, tmp_path: Path) -> None:
    class Stopped(Exception):
        pass

    def stop(done: int, total: int | None) -> None:
        raise Stopped

    site.cuts = 1
    with pytest.raises(Stopped):
        fetch(site.url, tmp_path, stop, patience_s=0)
    assert 0 < (tmp_path / "stage1_train.zip.part").stat().st_size < len(CONTENT)
    assert fetch(site.url, tmp_path, patience_s=0).path.read_bytes() == CONTENT
    assert site.asked[-1].startswith("bytes=")


def test_a_part_that_is_whole_already_is_only_checked(site: Site, tmp_path: Path) -> None:
    got = fetch(site.url, tmp_path)
    mark = f'"{hashlib.md5(CONTENT).hexdigest()}"'
    got.path.rename(tmp_path / "stage1_train.zip.part")
    note = f'{{"url": "{site.url}", "mark": {mark.replace(chr(34), chr(92) + chr(34)).join([chr(34)] * 2)}}}'
    (tmp_path / "stage1_train.zip.part.json").write_text(note, encoding="utf-8")
    assert fetch(site.url, tmp_path, patience_s=0).path.read_bytes() == CONTENT
    assert site.asked[-1] == f"bytes={len(CONTENT)}-"


def test_a_rest_of_another_file_is_never_glued_on(site: Site, tmp_path: Path) -> None:
    site.cuts = 1
    with pytest.raises(DataError):
        site.status, first = 404, site.status
        fetch(site.url, tmp_path, patience_s=0)
    site.status = first
    (tmp_path / "stage1_train.zip.part").write_bytes(CONTENT[:1000])
    (tmp_path / "stage1_train.zip.part.json").write_text(
        f'{{"url": "{site.url}", "mark": "\\"older\\""}}', encoding="utf-8"
    )
    site.content = CONTENT[::-1]
    site.cuts = 0
    assert fetch(site.url, tmp_path, patience_s=0).path.read_bytes() == CONTENT[::-1]


def test_a_file_that_changed_at_its_source_or_on_disk_is_refused(site: Site, tmp_path: Path) -> None:
    path = fetch(site.url, tmp_path).path
    path.write_bytes(CONTENT[:-1] + b"x")
    with pytest.raises(DataError) as caught:
        fetch(site.url, tmp_path)
    assert caught.value.code == "fetch_changed"
    path.unlink()
    site.content = CONTENT + b"more"
    with pytest.raises(DataError) as caught:
        fetch(site.url, tmp_path, patience_s=0)
    assert caught.value.code == "fetch_changed" and not path.exists()
    assert names(tmp_path) == ["stage1_train.zip.sha256"]


@pytest.mark.parametrize(("status", "asked"), [(404, 1), (403, 1), (503, 5)])
def test_an_answer_that_is_no_file_is_an_error_in_words(
    site: Site, tmp_path: Path, status: int, asked: int
) -> None:
    site.status = status
    with pytest.raises(DataError) as caught:
        fetch(site.url, tmp_path, patience_s=0)
    assert caught.value.code == "fetch_failed" and str(status) in caught.value.sentence("es")
    assert len(site.asked) == asked and names(tmp_path) == []


def test_nobody_at_the_address_is_an_error_in_words(site: Site, tmp_path: Path) -> None:
    url = site.url.replace(str(site.server_port), "1")
    with pytest.raises(DataError) as caught:
        fetch(url, tmp_path, patience_s=0)
    assert caught.value.code == "fetch_failed"


def test_a_length_nobody_states_is_taken_as_it_ends(site: Site, tmp_path: Path) -> None:
    site.length = False
    assert fetch(site.url, tmp_path, patience_s=0).path.read_bytes() == CONTENT


def test_names_and_addresses_are_known_or_refused() -> None:
    assert address_of("BBBC038") == ARCHIVES["bbbc038"]
    assert address_of("https://x.org/a/b.zip?c") == "https://x.org/a/b.zip?c"
    for name in ("bbbc999", "file:///etc/passwd", "https://x.org", "ftp://x.org/a.zip"):
        with pytest.raises(DataError) as caught:
            address_of(name)
        assert caught.value.code == "fetch_unknown" and "bbbc038" in str(caught.value)


def test_the_command_fetches_and_unpacks(
    site: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a/images/a.png", b"picture")
    site.content = file.getvalue()
    assert main(["fetch", site.url, "--to", str(tmp_path), "--unpack"]) == 0
    assert (tmp_path / "stage1_train" / "a" / "images" / "a.png").read_bytes() == b"picture"
    assert hashlib.sha256(site.content).hexdigest() in capsys.readouterr().out
    site.content = b"no archive"
    assert main(["fetch", site.url, "--to", str(tmp_path / "other"), "--unpack"]) == 1
