"""`medula upload`: what the server has already is known by its sha256 and not sent again."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from tqdm import tqdm

from webapp.client.server import Server
from webapp.client.words import Failure, words

SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".webp", ".zip"})
FILES_A_REQUEST = 16
BYTES_A_REQUEST = 32_000_000
CHUNK_BYTES = 1 << 18
ROUNDS = 3


@dataclass(frozen=True)
class Local:
    """A file of the folder, as it was when its digest was taken."""

    path: Path
    name: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Target:
    """Where pictures are to go."""

    patient: str
    case: str
    name: str
    model_version: str | None = None
    is_new: bool = False
    specimen: dict[str, Any] | None = None
    at_once: int = FILES_A_REQUEST


def files_in(folder: Path) -> tuple[list[Path], int]:
    """The pictures and archives of a folder and of those within, in order; how many files were left out."""
    if not folder.is_dir():
        raise Failure("no_folder", folder=folder)
    every = sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))
    found = [path for path in every if path.suffix.lower() in SUFFIXES]
    if not found:
        raise Failure("no_pictures", folder=folder)
    return found, len(every) - len(found)


def local_file(folder: Path, path: Path) -> Local:
    """With the name the server is told: that of a folder within stands before it."""
    digest = hashlib.sha256()
    size = 0
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            digest.update(chunk)
            size += len(chunk)
    return Local(path, "__".join(path.relative_to(folder).parts), size, digest.hexdigest())


def batch_for(server: Server, target: Target) -> str:
    """The batch of this name in this case, made where there is none yet."""
    biopsy = _biopsy(server, target)
    if not target.is_new:
        for found in server.pages("batches/", biopsy=biopsy, name=target.name):
            if found["model_version"] == target.model_version:
                return str(found["id"])
    body = {"biopsy": biopsy, "name": target.name, "model_version": target.model_version}
    return str(server.post("batches/", json=body)["id"])


def upload(server: Server, folder: Path, target: Target) -> tuple[str, int]:
    """Hand in the folder. Returns the batch and how many files were refused."""
    paths, left_out = files_in(folder)
    if left_out:
        print(words("left_out", count=left_out))
    files = [local_file(folder, path) for path in paths]
    batch = batch_for(server, target)
    wanted = {file.sha256: file for file in files}
    refused: dict[str, dict[str, Any]] = {}
    with tqdm(total=sum(file.size for file in wanted.values()), unit="B", unit_scale=True) as bar:
        bar.set_description(words("uploading"))
        for turn in range(ROUNDS):
            there = _there(server, batch)
            todo = [file for digest, file in wanted.items() if digest not in there | refused.keys()]
            if turn == 0 and there & wanted.keys():
                count = len(there & wanted.keys())
                bar.write(words("resuming", batch=batch, count=count, total=len(wanted)))
            bar.update(sum(file.size for file in wanted.values()) - sum(f.size for f in todo) - bar.n)
            if not todo:
                break
            for group in groups(todo, target.at_once):
                refused |= _send(server, batch, group, bar)
    missing = wanted.keys() - _there(server, batch) - refused.keys()
    if missing:
        raise Failure("missing", count=len(missing))
    for answer in refused.values():
        print(words("refused", name=answer["name"], detail=answer["detail"]))
    print(words("uploaded", batch=batch, count=len(wanted) - len(refused), refused=len(refused)))
    return batch, len(refused)


def groups(files: list[Local], at_once: int = FILES_A_REQUEST) -> Iterator[list[Local]]:
    """As many as go into one request."""
    group: list[Local] = []
    for file in files:
        full = len(group) >= at_once or sum(f.size for f in group) + file.size > BYTES_A_REQUEST
        if group and full:
            yield group
            group = []
        group.append(file)
    yield group


class Form:
    """A multipart body that is read from disk while it is sent; its length is known beforehand."""

    def __init__(self, files: list[Local], boundary: str, moved: Callable[[int], object]) -> None:
        self.moved = moved
        self.open: BinaryIO | None = None
        heads = [_head(boundary, file) for file in files]
        tail = f"--{boundary}--\r\n".encode()
        self.size = sum(map(len, heads)) + sum(file.size + 2 for file in files) + len(tail)
        self.pieces = self._pieces(files, heads, tail)
        self.rest = b""

    def __len__(self) -> int:
        return self.size

    def read(self, size: int = -1) -> bytes:
        """At most `size` bytes, b"" at the end."""
        if not self.rest:
            self.rest = next(self.pieces, b"")
        piece, self.rest = (self.rest, b"") if size < 0 else (self.rest[:size], self.rest[size:])
        return piece

    def _pieces(self, files: list[Local], heads: list[bytes], tail: bytes) -> Iterator[bytes]:
        for file, head in zip(files, heads, strict=True):
            yield head
            left = file.size
            with file.path.open("rb") as opened:
                while left and (chunk := opened.read(min(CHUNK_BYTES, left))):
                    left -= len(chunk)
                    self.moved(len(chunk))
                    yield chunk
            if left:
                raise Failure("changed", name=file.name)
            yield b"\r\n"
        yield tail


def _head(boundary: str, file: Local) -> bytes:
    name = file.name.replace("\\", "_").replace('"', "%22").replace("\r", "").replace("\n", "")
    return (
        f'--{boundary}\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    ).encode("utf-8", "replace")


def _send(server: Server, batch: str, group: list[Local], bar: Any) -> dict[str, dict[str, Any]]:
    """Send one group; returns what was refused, by digest."""
    boundary = uuid.uuid4().hex
    begins = bar.n

    def body() -> Form:
        bar.update(begins - bar.n)  # back to where this group began
        return Form(group, boundary, bar.update)

    kind = f"multipart/form-data; boundary={boundary}"
    answer = server.post(f"batches/{batch}/files/", body=body, kind=kind)
    outcomes = zip(group, answer["files"], strict=True)
    return {file.sha256: told for file, told in outcomes if told["state"] == "refused"}


def _there(server: Server, batch: str) -> set[str]:
    """The digests of what the batch has: pictures, and archives being taken apart."""
    items = server.pages(f"batches/{batch}/items/", limit=100)
    return {item["sha256"] for item in items if item["sha256"]}


def _biopsy(server: Server, target: Target) -> str:
    """The first biopsy of the patient's case of this title, made where there is none."""
    for case in server.pages("cases/", patient_code=target.patient, title=target.case):
        if case["biopsies"]:
            return str(case["biopsies"][0]["id"])
    body = {"patient_code": target.patient, "title": target.case, **(target.specimen or {})}
    return str(server.post("cases/", json=body)["biopsies"][0]["id"])
