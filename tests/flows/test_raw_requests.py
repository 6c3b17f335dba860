"""What no client library sends, on a socket to the real server: bodies that are not what they declare."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
import requests

from tests.flows.test_laboratory import Site
from tests.webapp.rows import png

BOUNDARY = "------------------------medula"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    found = Site(tmp_path_factory.mktemp("raw"))
    try:
        found.serve()
        yield found
    finally:
        found.made.kill_all()


def ask(site: Site, path: str, body: dict[str, Any]) -> dict[str, Any]:
    bearer = {"Authorization": f"Bearer {site.token}"}
    answer = requests.post(f"{site.address}/api/v1/{path}", json=body, headers=bearer, timeout=30)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


@pytest.fixture(scope="module")
def batch(site: Site) -> str:
    case = ask(site, "cases/", {"patient_code": "P-1"})
    return str(ask(site, "batches/", {"biopsy": case["biopsies"][0]["id"]})["id"])


def form(picture: bytes) -> bytes:
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="files"; filename="a.png"\r\n\r\n'
    return head.encode() + picture + f"\r\n--{BOUNDARY}--\r\n".encode()


def sent(site: Site, batch: str, body: bytes, *headers: str, ends: bool = True) -> tuple[int, dict[str, Any]]:
    """Write a request as it stands, then nothing more; the answer's status and its JSON, if it is any."""
    lines = [
        f"POST /api/v1/batches/{batch}/files/ HTTP/1.1",
        "Host: 127.0.0.1",
        f"Authorization: Bearer {site.token}",
        "Accept-Language: es",
        "Connection: close",
        *headers,
    ]
    answer = b""
    with closing(socket.create_connection(("127.0.0.1", site.port), timeout=30)) as wire:
        wire.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
        if ends:
            wire.shutdown(socket.SHUT_WR)
        while piece := wire.recv(65536):
            answer += piece
    head, _, content = answer.partition(b"\r\n\r\n")
    status = int(head.split(b" ", 2)[1]) if head.startswith(b"HTTP/") else 0
    return status, json.loads(content) if b"json" in head else {}


FORM = f"Content-Type: multipart/form-data; boundary={BOUNDARY}"
ZIP = "Content-Type: application/zip"


@pytest.mark.parametrize("kind", [FORM, ZIP], ids=["form", "zip"])
def test_a_body_that_stops_before_its_declared_end_keeps_nothing(site: Site, batch: str, kind: str) -> None:
    body = form(png(20, 20)) if kind == FORM else b"PK\x03\x04" + bytes(400)
    before = site.count("analyses_batchitem")
    status, said = sent(site, batch, body, kind, f"Content-Length: {len(body) + 500}")
    assert (status, said["code"]) == (400, "body_incomplete")
    assert "Content-Length" in said["detail"] and "No se guardó nada" in said["detail"]
    assert site.count("analyses_batchitem") == before
    assert not list((site.made.var / "uploads").iterdir())


@pytest.mark.parametrize("kind", [FORM, ZIP], ids=["form", "zip"])
def test_a_body_larger_than_declared_is_read_no_further(site: Site, batch: str, kind: str) -> None:
    """Bytes behind the declared end are nobody's: the form is incomplete, and what follows is not obeyed."""
    body = form(png(20, 20)) if kind == FORM else b"PK\x03\x04" + bytes(400)
    smuggled = b"POST /api/v1/batches/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 0\r\n\r\n"
    before = site.count("analyses_batchitem")
    status, said = sent(site, batch, body + smuggled, kind, f"Content-Length: {len(body) - 30}", ends=False)
    if kind == FORM:
        assert (status, said["code"]) == (400, "body_incomplete")
        assert site.count("analyses_batchitem") == before
    else:  # a whole body as far as can be told; its job finds that it is no archive
        assert (status, said["files"][0]["state"]) == (202, "queued")
    assert site.count("analyses_batch") == 1


def test_two_lengths_or_none_that_can_be_read_are_refused(site: Site, batch: str) -> None:
    body = form(png(21, 21))
    before = site.count("analyses_batchitem")
    for lengths in (("Content-Length: 10", f"Content-Length: {len(body)}"), ("Content-Length: -1",)):
        status, _ = sent(site, batch, body, FORM, *lengths)
        assert status == 400
    status, _ = sent(site, batch, body, FORM, f"Content-Length: {len(body)}", "Transfer-Encoding: chunked")
    assert status == 400
    assert site.count("analyses_batchitem") == before


def test_more_than_is_taken_at_once_is_refused_before_it_is_sent(site: Site, batch: str) -> None:
    status, said = sent(site, batch, b"PK\x03\x04", ZIP, f"Content-Length: {3 * 1024**3}", ends=False)
    assert (status, said["code"]) == (413, "body_too_large")


def test_the_server_still_serves(site: Site) -> None:
    assert site.answers()
