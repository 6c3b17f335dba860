"""The real `manage.py start` of this checkout, with a folder of its own for everything it writes."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from tests.services import free_port
from webapp.common.processes import end_left_behind, left_behind

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = re.compile(r"password +(\S+)")


@dataclass
class Start:
    """One `start`, its port, and what it has printed so far."""

    process: subprocess.Popen[bytes]
    port: int
    output: Path

    def printed(self) -> str:
        return self.output.read_text(encoding="utf-8")

    def until(self, text: str, timeout_s: float = 60) -> None:
        deadline = time.monotonic() + timeout_s
        while text not in self.printed():
            assert self.process.poll() is None, self.printed()
            assert time.monotonic() < deadline, self.printed()
            time.sleep(0.05)

    def page(self) -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/", timeout=10) as answer:
            return str(answer.read().decode())

    def programs(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Start]]:
    """Start with `--no-demo` unless told; whatever still runs after the test is killed."""
    var = tmp_path / "installation"
    processes: list[subprocess.Popen[bytes]] = []

    def run(*arguments: str, port: int | None = None) -> Start:
        chosen = port or free_port()
        output = tmp_path / f"output-{len(processes)}"
        environment = {name: value for name, value in os.environ.items() if not name.startswith("MEDULA_")}
        environment |= {"MEDULA_VAR": str(var), "LC_ALL": "en_US.UTF-8"}
        for name in ("DATABASE_URL", "BROKER_URL"):
            environment.pop(name, None)
        command = [sys.executable, str(ROOT / "manage.py"), "start", "--no-demo", "--port", str(chosen)]
        with output.open("wb") as printed:
            process = subprocess.Popen(
                [*command, *arguments],
                env=environment, cwd=tmp_path, stdin=subprocess.DEVNULL, stdout=printed, stderr=printed,
                start_new_session=True,
            )  # fmt: skip
        processes.append(process)
        return Start(process, chosen, output)

    yield run
    for process in processes:
        process.kill()
        process.wait()
    end_left_behind(var / "run", grace_s=1)


def test_from_one_command_to_a_page_and_back(start: Callable[..., Start], tmp_path: Path) -> None:
    var = tmp_path / "installation"
    first = start()
    first.until("Medula is ready")
    assert 'name="login"' in first.page()
    found = PASSWORD.search(first.printed())
    assert found is not None
    password = found[1].encode()
    written = [path for path in var.rglob("*") if path.is_file() and password in path.read_bytes()]
    assert written == []
    names = " ".join(" ".join(process.cmdline()) for process in first.programs())
    for part in ("webapp.wsgi", "--queues ledger", "--queues pictures", "beat"):
        assert part in names

    second = start()
    assert second.process.wait(timeout=30) == 1
    assert second.printed().splitlines() == [
        f"Medula is already running at http://127.0.0.1:{first.port}/ (process {first.process.pid}): "
        "end it with Ctrl-C in its terminal before starting it again."
    ]

    programs = first.programs()
    first.process.send_signal(signal.SIGINT)
    assert first.process.wait(timeout=30) == 0
    assert first.printed().endswith("Ending Medula …\nMedula has ended.\n")
    assert [process for process in programs if process.is_running()] == []

    third = start(port=first.port)
    third.until("Medula is ready")
    assert "password  " not in third.printed()
    assert 'name="login"' in third.page()


def test_killed_with_all_its_programs_it_starts_again(start: Callable[..., Start], tmp_path: Path) -> None:
    first = start()
    first.until("Medula is ready")
    family = first.programs()
    first.process.kill()
    for process in family[:2]:  # some are killed with it, the others end by themselves or are ended
        process.kill()
    second = start(port=first.port)
    second.until("Medula is ready")
    psutil.wait_procs(family, timeout=10)
    assert [process for process in family if process.is_running()] == []
    assert 'name="login"' in second.page()
    run_folder = tmp_path / "installation" / "run"
    ours = {process.pid for process in second.programs()}
    assert {process.pid for process in left_behind(run_folder)} <= ours


def test_a_port_in_use_is_one_sentence(start: Callable[..., Start]) -> None:
    port = free_port()
    with socket.create_server(("127.0.0.1", port)):
        refused = start(port=port)
        assert refused.process.wait(timeout=30) == 1
    assert refused.printed().splitlines() == [
        f"Port {port} is already in use: close the other program or choose another with --port, "
        f"for example --port {port + 1}."
    ]


def test_a_port_that_is_none_is_one_sentence(start: Callable[..., Start]) -> None:
    refused = start("--port", "99999")
    assert refused.process.wait(timeout=30) == 1
    assert refused.printed() == "“99999” is not a port: use a number between 1 and 65535.\n"


def test_a_bad_setting_is_one_sentence(start: Callable[..., Start], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CACHE_URL", "memcached://here")
    refused = start()
    assert refused.process.wait(timeout=30) == 1
    (sentence,) = refused.printed().splitlines()
    assert sentence.startswith("A setting of the environment cannot be used. CACHE_URL='memcached://here'")
