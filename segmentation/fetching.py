"""Public archives by name or address, downloaded so that a cut costs nothing and a change is noticed.

What came stays in `NAME.part` and the next try asks for the rest (HTTP Range, held to the same file by its
ETag). The sha256 of the first whole download is noted in `NAME.sha256`, as sha256sum writes it, and every
later one is held to it. No digest is shipped that nobody here computed.
"""

from __future__ import annotations

import http.client
import json
import os
import re
import shutil
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from segmentation.bundle import file_digest, write_json
from segmentation.errors import DataError

_BROAD = "https://data.broadinstitute.org/bbbc"
ARCHIVES = {
    "bbbc038": f"{_BROAD}/BBBC038/stage1_train.zip",
    "bbbc038-stage1-test": f"{_BROAD}/BBBC038/stage1_test.zip",
    "bbbc039-images": f"{_BROAD}/BBBC039/images.zip",
    "bbbc039-masks": f"{_BROAD}/BBBC039/masks.zip",
}
"""Data Science Bowl 2018 (Caicedo et al. 2019, CC0) and U2OS nuclei (BBBC039v1, CC0)."""
_PIECE = 1 << 20
_TIMEOUT_S = 60.0
_TRIES = 5
_PATIENCE_S = 2.0
_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+|\*)")

Progress = Callable[[int, int | None], None]


@dataclass(frozen=True)
class Fetched:
    """The file, its sha256, and whether this download was the first, which noted it."""

    path: Path
    sha256: str
    first: bool


def address_of(name: str) -> str:
    """The address of a known archive, or the address itself. Raises DataError "fetch_unknown"."""
    if name.lower() in ARCHIVES:
        return ARCHIVES[name.lower()]
    parts = urllib.parse.urlsplit(name)
    if parts.scheme in ("http", "https") and parts.netloc and Path(parts.path).name:
        return name
    raise DataError("fetch_unknown", name=name, known=", ".join(ARCHIVES))


def fetch(
    url: str, folder: Path, progress: Progress | None = None, patience_s: float = _PATIENCE_S
) -> Fetched:
    """Download `url` into `folder`, or go on where an earlier call was cut; a file that is there is checked.

    A cut connection is tried again while anything comes. `progress(bytes, total or None)`. Raises DataError
    "fetch_failed", "fetch_no_space" or "fetch_changed".
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / urllib.parse.unquote(Path(urllib.parse.urlsplit(url).path).name).replace("/", "_")
    if path.is_file():
        return _checked(path, path)
    part = path.with_name(path.name + ".part")
    left = _TRIES
    while True:
        before = part.stat().st_size if part.exists() else 0
        try:
            if _download(url, part, progress):
                break
            detail = "connection"
        except urllib.error.HTTPError as error:
            error.close()
            if error.code < 500 and error.code != 429:
                raise DataError("fetch_failed", url=url, detail=f"HTTP {error.code}") from error
            detail = f"HTTP {error.code}"
        except (OSError, http.client.HTTPException) as error:
            detail = str(getattr(error, "reason", error)) or type(error).__name__
        came = (part.stat().st_size if part.exists() else 0) > before
        left = _TRIES if came else left - 1
        if left <= 0:
            raise DataError("fetch_failed", url=url, detail=detail)
        time.sleep(patience_s)
    return _checked(part, path)


def _download(url: str, part: Path, progress: Progress | None) -> bool:
    """Ask for what is missing and append it; True once the file is whole."""
    note = part.with_name(part.name + ".json")
    have = part.stat().st_size if part.exists() else 0
    known = _noted(note, url)
    request = urllib.request.Request(
        url, headers={"User-Agent": "medula-fetch", "Accept-Encoding": "identity"}
    )
    if have and known:
        request.add_header("Range", f"bytes={have}-")
        request.add_header("If-Range", known)
    try:
        answer = urllib.request.urlopen(request, timeout=_TIMEOUT_S)
    except urllib.error.HTTPError as error:
        if error.code != 416:
            raise
        # nothing is missing, or the file there is another one: then from the start
        error.close()
        total = (error.headers.get("Content-Range") or "").rpartition("/")[2]
        if total == str(have):
            return True
        part.unlink(missing_ok=True)
        return False
    with answer:
        start, total_bytes = _place(answer)
        if start not in (0, have):
            part.unlink(missing_ok=True)
            return False
        mark = answer.headers.get("ETag") or answer.headers.get("Last-Modified") or ""
        # a weak ETag does not promise the same bytes
        write_json(note, {"url": url, "mark": "" if mark.startswith("W/") else mark})
        missing = None if total_bytes is None else total_bytes - start
        if missing is not None and missing > shutil.disk_usage(part.parent).free:
            raise DataError("fetch_no_space", path=str(part), megabytes=missing // 1_000_000 + 1)
        with part.open("r+b" if part.exists() else "wb") as file:
            file.truncate(start)
            file.seek(start)
            whole = _copy(answer, file, start, total_bytes, progress)
    return whole


def _copy(
    answer: http.client.HTTPResponse,
    file: IO[bytes],
    start: int,
    total: int | None,
    progress: Progress | None,
) -> bool:
    done = start
    while piece := answer.read(_PIECE):
        file.write(piece)
        done += len(piece)
        if progress:
            progress(done, total)
    return total is None or done == total


def _place(answer: http.client.HTTPResponse) -> tuple[int, int | None]:
    """Where the answer begins in the file, and how long the file is."""
    if answer.status == 206:
        found = _RANGE.fullmatch(answer.headers.get("Content-Range") or "")
        if found is None:
            return -1, None
        return int(found[1]), None if found[3] == "*" else int(found[3])
    length = answer.headers.get("Content-Length")
    return 0, int(length) if length else None


def _noted(note: Path, url: str) -> str:
    """What holds the part file to its source; "" where it is of another address or nothing holds it."""
    try:
        values = json.loads(note.read_text(encoding="utf-8"))
        return str(values["mark"]) if values["url"] == url else ""
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def _checked(found: Path, path: Path) -> Fetched:
    """Hold a whole file to the sha256 noted for it, or note it; then it stands under its own name."""
    note = path.with_name(path.name + ".sha256")
    digest = file_digest(found)
    first = not note.is_file()
    if not first:
        noted = (note.read_text(encoding="utf-8").split() or ["-"])[0]
        if noted != digest:
            if found != path:
                _dropped(found)
            raise DataError("fetch_changed", path=str(path), found=digest, noted=noted)
    if found != path:
        os.replace(found, path)
        _dropped(found)
    if first:
        temporary = note.with_name(note.name + ".part")
        temporary.write_text(f"{digest}  {path.name}\n", encoding="utf-8")
        os.replace(temporary, note)
    return Fetched(path, digest, first)


def _dropped(part: Path) -> None:
    part.unlink(missing_ok=True)
    part.with_name(part.name + ".json").unlink(missing_ok=True)
