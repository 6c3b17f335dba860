"""`medula download`: labels, overlays, nuclei and the table, each checked against its sha256."""

from __future__ import annotations

import base64
import hashlib
import os
from pathlib import Path, PurePosixPath
from typing import Any

import requests
from tqdm import tqdm

from webapp.client.server import Server
from webapp.client.words import Failure, words

CHECKSUMS = "checksums.txt"
TABLE = "table.csv"
WHAT = {"labels": "labels/", "overlay": "overlay/", "nuclei": "nuclei.csv"}
ENDINGS = {"image/png": ".png", "image/tiff": ".tif", "text/csv": ".csv"}
ATTEMPTS = 2


def download(server: Server, batch: str, folder: Path) -> int:
    """Fetch what the batch has; what is there and whole is not fetched again. Returns how many files."""
    folder.mkdir(parents=True, exist_ok=True)
    known = checksums_read(folder)
    table = server.ask("GET", f"batches/{batch}/table.csv").content
    write_whole(folder / TABLE, table)
    known[TABLE] = hashlib.sha256(table).hexdigest()
    rows = [row for row in server.pages(f"batches/{batch}/table/", limit=100) if row["nuclei"] is not None]
    try:
        for row in tqdm(rows, desc=words("downloading"), unit=""):
            for what, path in WHAT.items():
                stem = name_of(row, what)
                if not any(is_whole(folder, f"{stem}{ending}", known) for ending in ENDINGS.values()):
                    name, digest = _fetch(server, f"analyses/{row['analysis']}/{path}", folder, stem)
                    known[name] = digest
    finally:
        lines = [f"{digest}  {name}\n" for name, digest in sorted(known.items())]
        write_whole(folder / CHECKSUMS, "".join(lines).encode())
    print(words("downloaded", count=len(known), folder=folder))
    return len(known)


def name_of(row: dict[str, Any], what: str) -> str:
    """Sorted as the batch is; another analysis of the picture has another name."""
    stem = PurePosixPath(row["name"]).stem or "picture"
    return f"{row['position']:05d}_{stem[:120]}_{row['analysis'][:8]}_{what}"


def checksums_read(folder: Path) -> dict[str, str]:
    """What an earlier run fetched: name -> sha256."""
    path = folder / CHECKSUMS
    if not path.is_file():
        return {}
    lines = (line.partition("  ") for line in path.read_text("utf-8").splitlines())
    return {name: digest for digest, _, name in lines if name}


def is_whole(folder: Path, name: str, known: dict[str, str]) -> bool:
    """Whether the file is there with the bytes that were fetched."""
    path = folder / name
    return name in known and path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == known[name]


def write_whole(path: Path, content: bytes) -> None:
    """Complete or not at all."""
    half = path.with_name(f".{path.name}.half")
    half.write_bytes(content)
    os.replace(half, path)


def _fetch(server: Server, address: str, folder: Path, stem: str) -> tuple[str, str]:
    for _ in range(ATTEMPTS):
        answer = server.ask("GET", address)
        digest = hashlib.sha256(answer.content)
        if announced(answer) == digest.digest():
            kind = answer.headers.get("Content-Type", "").partition(";")[0]
            name = stem + ENDINGS.get(kind, ".bin")
            write_whole(folder / name, answer.content)
            return name, digest.hexdigest()
    raise Failure("damaged", name=stem)


def announced(answer: requests.Response) -> bytes:
    """The digest that the server sent beside the bytes (RFC 9530)."""
    name, _, value = answer.headers.get("Repr-Digest", "").partition("=")
    return base64.b64decode(value.strip(":")) if name == "sha-256" else b""
