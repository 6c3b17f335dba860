"""The command against the real API on a real socket, and against servers that are away or moody."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from django.db import connections
from django.test.testcases import LiveServerThread

from tests.services import free_port
from tests.webapp.rows import analyse, end_job, make_version, png, prepare
from webapp.accounts.models import Clinic, User
from webapp.accounts.tokens import token_create
from webapp.analyses.batches import prepared_analyses
from webapp.analyses.models import Batch
from webapp.cases.models import BiopsyImage, Case
from webapp.client.downloading import checksums_read, download
from webapp.client.server import Server
from webapp.client.uploading import Form, Local, Target, files_in, groups, local_file, upload
from webapp.client.watching import watch
from webapp.client.words import WORDS, Failure, language

TARGET = Target(patient="P-7", case="lunes", name="lunes")


@pytest.fixture
def address(transactional_db: None, installation: Path) -> Iterator[str]:
    """The real application on a port, with this test's database, settings and folder."""
    connection = connections["default"]  # the connection itself: the proxy would look for itself
    connection.inc_thread_sharing()
    served = LiveServerThread("127.0.0.1", lambda handler: handler, {"default": connection})
    served.start()
    served.is_ready.wait()
    assert served.error is None
    yield f"http://127.0.0.1:{served.port}"
    served.terminate()
    # Sharing stays allowed: the server does not wait for its threads, and one that still keeps a line open
    # lets go of the connection only when that line is cut.


@pytest.fixture
def server(address: str) -> Iterator[Server]:
    """Before the real API, with a token."""
    clinic = Clinic.objects.create(name="Norte", slug="norte")
    user = User.objects.create_user("lab", clinic=clinic)
    _, secret = token_create(user=user, name="x", scopes=["read", "upload"], days=1)
    make_version()
    with Server(address, secret, patience_s=5) as found:
        yield found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    found = tmp_path / "lunes"
    (found / "b").mkdir(parents=True)
    for n in range(4):
        (found / f"campo «{n}».png").write_bytes(png(n + 2))
    (found / "b" / "campo.png").write_bytes(png(9))
    (found / "roto.png").write_bytes(b"no picture")
    (found / "notas.txt").write_text("x")
    return found


def analysed() -> None:
    """What the worker would have done."""
    for image in BiopsyImage.objects.filter(tiles=None):
        prepared_analyses(image=prepare(image), user=None, family="nuclei")
        analyse(image, image.analyses.get().model_version)


def test_a_folder_is_handed_in_followed_and_fetched(
    server: Server, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    batch, refused = upload(server, folder, TARGET)
    assert refused == 1
    images = {image.original_name: image.original.sha256 for image in BiopsyImage.objects.all()}
    assert images["campo «1».png"] == hashlib.sha256(png(3)).hexdigest()
    assert set(images) == {"b__campo.png", *(f"campo «{n}».png" for n in range(4))}
    assert Case.objects.get().patient.code == "P-7"
    analysed()
    assert watch(server, batch, pause_s=0.05) == 0
    output = tmp_path / "out"
    assert download(server, batch, output) == 5 * 3 + 1
    before = {path: path.stat().st_mtime_ns for path in output.iterdir() if "labels" in path.name}
    damaged = next(iter(before))
    damaged.write_bytes(b"x")
    download(server, batch, output)
    for name, digest in checksums_read(output).items():
        assert hashlib.sha256((output / name).read_bytes()).hexdigest() == digest
    assert all(path.stat().st_mtime_ns == when for path, when in before.items() if path != damaged)
    assert "roto.png" in capsys.readouterr().out


def test_handed_in_again_it_goes_on_where_it_was(server: Server, folder: Path) -> None:
    batch, _ = upload(server, folder, TARGET)
    (folder / "nueva.png").write_bytes(png(20))
    assert upload(server, folder, TARGET)[0] == batch
    assert (Batch.objects.count(), Case.objects.count(), BiopsyImage.objects.count()) == (1, 1, 6)
    assert Batch.objects.get().items.count() == 7
    anew = Target(patient="P-7", case="lunes", name="lunes", is_new=True)
    assert upload(server, folder, anew)[0] != batch
    assert BiopsyImage.objects.count() == 6


def test_a_failed_picture_is_counted(server: Server, folder: Path) -> None:
    batch, _ = upload(server, folder, TARGET)
    for image in BiopsyImage.objects.all():
        end_job(image.prepare_job, "failed", error_code="damaged")
    assert watch(server, batch, pause_s=0.05) == 5


def test_a_refusal_is_said_in_a_sentence(server: Server, address: str) -> None:
    with pytest.raises(Failure, match="404"):
        watch(server, "00000000-0000-4000-8000-000000000000")
    with Server(address, "medula_wrong") as stranger, pytest.raises(Failure, match="401"):
        stranger.get("cases/")
    with Server(address + "/nowhere", "x") as lost, pytest.raises(Failure) as caught:
        lost.get("cases/")
    assert caught.value.key == "no_medula"


def test_a_server_that_is_away_is_asked_again_until_patience_ends() -> None:
    address = f"http://127.0.0.1:{free_port()}"
    with Server(address, "x", patience_s=0.6) as away, pytest.raises(Failure) as caught:
        away.get("cases/")
    assert caught.value.key == "gave_up"


class Moody(BaseHTTPRequestHandler):
    """Breaks off, asks to wait, and answers in the end; remembers the keys."""

    keys: list[str] = []
    bodies: list[bytes] = []

    def do_POST(self) -> None:
        self.keys.append(self.headers["Idempotency-Key"])
        self.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
        if len(self.keys) == 1:
            self.close_connection = True
            return
        status, body = (429, b"{}") if len(self.keys) == 2 else (200, b'{"ok": true}')
        if len(self.keys) == 3:
            status, body = 409, b'{"code": "key_running", "detail": "x"}'
        self.send_response(status)
        self.send_header("Retry-After", "0.1")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing on the terminal."""


def test_a_lost_answer_is_asked_for_again_with_the_same_key_and_body(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(png(30, 30))
    file = local_file(tmp_path, tmp_path / "a.png")
    with HTTPServer(("127.0.0.1", 0), Moody) as moody:
        thread = threading.Thread(target=moody.serve_forever)
        thread.start()
        try:
            with Server(f"http://127.0.0.1:{moody.server_port}", "x") as server:
                kind = "multipart/form-data; boundary=b"
                answer = server.post("x/", body=lambda: Form([file], "b", lambda n: None), kind=kind)
        finally:
            moody.shutdown()
            thread.join()
    assert answer == {"ok": True}
    assert len(Moody.keys) == 4
    assert len(set(Moody.keys)) == 1
    assert len(set(Moody.bodies)) == 1
    assert png(30, 30) in Moody.bodies[0]


def test_files_are_grouped_by_number_and_size(tmp_path: Path) -> None:
    files = [Local(tmp_path, str(n), size, str(n)) for n, size in enumerate([10, 40_000_000, 10, 10, 10])]
    assert [len(group) for group in groups(files, at_once=2)] == [1, 1, 2, 1]


def test_a_folder_without_pictures_and_none_at_all_are_said(tmp_path: Path) -> None:
    for path, key in ((tmp_path, "no_pictures"), (tmp_path / "x", "no_folder")):
        with pytest.raises(Failure) as caught:
            files_in(path)
        assert caught.value.key == key


def test_a_file_that_changes_while_it_is_sent_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"ab")
    file = local_file(tmp_path, tmp_path / "a.png")
    (tmp_path / "a.png").write_bytes(b"a")
    form = Form([file], "b", lambda n: None)
    with pytest.raises(Failure) as caught:
        while form.read(10):
            pass
    assert caught.value.key == "changed"


def test_the_terminals_language_is_spoken() -> None:
    assert language({"LANG": "en_GB.UTF-8"}) == "en"
    assert language({"LC_ALL": "es_PA.UTF-8", "LANG": "en"}) == "es"
    assert language({}) == "es"
    assert all(spanish != english for spanish, english in WORDS.values())
