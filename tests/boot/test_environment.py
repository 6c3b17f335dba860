"""The first command makes the environment; what goes wrong meanwhile leaves nothing half-trusted."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.boot.checkout import Answer, Checkout

MAKING = "Making Medula's environment"


@pytest.fixture
def silent_index() -> Iterator[str]:
    """A package index that takes a call and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}/simple"


def test_the_first_command_makes_the_environment_and_then_runs(made: tuple[Path, Answer]) -> None:
    root, answer = made
    assert answer.status == 0, answer.err
    assert MAKING in answer.out
    assert f"django 1.0 does check --fast with {root / '.venv'}" in answer.out
    assert "medula-building" not in os.listdir(root / ".venv")
    assert list((root / ".venv").rglob("management.cpython-*.pyc")), "its bytecode is not compiled"
    assert os.listdir(root / "var" / "tmp") == []


def test_the_client_of_the_api_stands_beside_it(made: tuple[Path, Answer]) -> None:
    root, _ = made
    command = root / ".venv" / "bin" / "medula"
    assert os.access(command, os.X_OK)
    assert str(root / "webapp" / "client" / "__main__.py") in command.read_text()


def test_the_second_command_runs_at_once(ready: Checkout) -> None:
    answer = ready.manage("migrate")
    assert answer == Answer(0, f"django 1.0 does migrate with {ready.root / '.venv'}\n", "")


def test_test_adds_the_test_group_and_passes_its_arguments_on(ready: Checkout) -> None:
    answer = ready.manage("test", "-k", "one or two", "tests/boot")
    assert answer.status == 0, answer.err
    assert "Adding the test tools" in answer.out
    assert f"pytest runs --rootdir {ready.root} -k one or two tests/boot" in answer.out
    assert "Adding" not in ready.manage("test").out
    assert "django 1.0 does check" in ready.manage("check").out


def test_a_changed_lock_is_installed(ready: Checkout) -> None:
    ready.lock("1.1")
    answer = ready.manage("check")
    assert "up to date" in answer.out
    assert "django 1.1 does check" in answer.out
    assert "up to date" not in ready.manage("check").out


def test_a_changed_lock_is_installed_from_inside_the_environment_too(ready: Checkout) -> None:
    ready.lock("1.1")
    assert "django 1.1 does check" in ready.manage("check", python=ready.python).out


def test_an_environment_cut_short_is_made_anew(ready: Checkout) -> None:
    (ready.root / ".venv" / "medula-building").touch()
    (ready.root / ".venv" / "medula-ready.json").unlink()
    module = next((ready.root / ".venv").rglob("django/core/management.py"))
    module.write_text("half a li")
    answer = ready.manage("check")
    assert MAKING in answer.out
    assert "django 1.0 does check" in answer.out


def test_an_environment_whose_python_is_gone_is_made_anew(ready: Checkout) -> None:
    python = ready.root / ".venv" / "bin" / "python"
    python.unlink()
    python.symlink_to("/nowhere/python3")
    answer = ready.manage("check")
    assert MAKING in answer.out
    assert "django 1.0 does check" in answer.out


def test_an_environment_made_by_another_tool_is_taken_when_it_holds_the_same(ready: Checkout) -> None:
    import packaging

    site = next((ready.root / ".venv" / "lib").iterdir()) / "site-packages"
    shutil.copytree(Path(packaging.__file__).parent, site / "packaging")
    stamp = ready.root / ".venv" / "medula-ready.json"
    stamp.unlink()
    answer = ready.manage("check")
    assert answer.out.startswith("django 1.0 does check")
    assert "run" in json.loads(stamp.read_text())


def test_two_starts_at_once_make_one_environment(empty: Checkout) -> None:
    processes = [empty.start("check") for _ in range(2)]
    answers = [Answer.of(process) for process in processes]
    assert [answer.status for answer in answers] == [0, 0], answers
    assert sum(MAKING in answer.out for answer in answers) == 1
    assert sum("Another process is making the environment" in answer.out for answer in answers) == 1
    assert all("django 1.0 does check" in answer.out for answer in answers)


def installers(root: Path) -> list[psutil.Process]:
    return [
        process
        for process in psutil.process_iter(["cmdline"])
        if str(root / ".venv" / "bin" / "python") in (process.info["cmdline"] or [])
    ]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_installation_ends_cleanly_and_begins_again(
    empty: Checkout, silent_index: str, number: signal.Signals
) -> None:
    process = empty.start("check", PIP_NO_INDEX="0", PIP_FIND_LINKS="", PIP_INDEX_URL=silent_index)
    deadline = time.monotonic() + 60
    while not (empty.root / ".venv" / "medula-building").exists() or not installers(empty.root):
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.05)
    process.send_signal(number)
    answer = Answer.of(process)
    assert answer.status == 130
    assert answer.err == "Interrupted. It begins again next time; what was downloaded is kept.\n"
    assert installers(empty.root) == []
    again = empty.manage("check")
    assert MAKING in again.out
    assert "django 1.0 does check" in again.out


def test_a_killed_start_leaves_its_pip_the_lock_and_the_next_one_waits_for_it(
    empty: Checkout, silent_index: str
) -> None:
    first = empty.start("check", PIP_NO_INDEX="0", PIP_FIND_LINKS="", PIP_INDEX_URL=silent_index)
    deadline = time.monotonic() + 60
    while not (empty.root / ".venv" / "medula-building").exists() or not installers(empty.root):
        assert first.poll() is None and time.monotonic() < deadline
        time.sleep(0.05)
    first.kill()
    first.communicate()
    second = empty.start("check")
    waiting = second.stdout and second.stdout.readline()
    assert waiting == "Another process is making the environment; waiting for it …\n"
    threading.Timer(0.5, lambda: [pip.kill() for pip in installers(empty.root)]).start()
    answer = Answer.of(second)
    assert MAKING in answer.out
    assert "django 1.0 does check" in answer.out


def test_nothing_of_another_python_leaks_in(ready: Checkout, tmp_path: Path) -> None:
    (tmp_path / "elsewhere" / "django").mkdir(parents=True)
    (tmp_path / "elsewhere" / "django" / "__init__.py").write_text("raise SystemExit('the wrong Django')")
    answer = ready.manage("check", PYTHONPATH=str(tmp_path / "elsewhere"))
    assert "django 1.0 does check" in answer.out
