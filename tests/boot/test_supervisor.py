"""Real small programs under a real supervisor: restarted when they die, ended when and however it ends."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest

from webapp.common.processes import end_left_behind, left_behind

ROOT = Path(__file__).resolve().parents[2]
# Each writes its pid on a line of its log, where the test reads it.
STEADY = "import os, time; print(os.getpid(), flush=True); time.sleep(300)"
STUBBORN = (
    "import os, signal, subprocess, sys, time\n"
    "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(300)'])\n"
    "print(os.getpid(), child.pid, flush=True)\n"
    "time.sleep(300)"
)
SICKLY = "print('I fail', flush=True); raise SystemExit(3)"


@dataclass
class Supervision:
    folder: Path
    process: subprocess.Popen[str]
    said: list[str] = field(default_factory=list)

    def pids(self, name: str) -> list[int]:
        """Every pid the program has written so far, oldest first."""
        log = self.folder / f"{name}.log"
        return [int(word) for word in log.read_text().split()] if log.exists() else []

    def end(self, number: int = signal.SIGINT, timeout_s: float = 20) -> list[str]:
        self.process.send_signal(number)
        out, _ = self.process.communicate(timeout=timeout_s)
        return out.splitlines()


def until(ready: Callable[[], bool], timeout_s: float = 30) -> None:
    deadline = time.monotonic() + timeout_s
    while not ready():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def gone(pids: list[int]) -> bool:
    """Whether none of them runs; a zombie whose new parent has not looked yet does not count as running."""
    alive = [psutil.Process(pid) for pid in pids if psutil.pid_exists(pid)]
    try:
        return all(process.status() == psutil.STATUS_ZOMBIE for process in alive)
    except psutil.NoSuchProcess:
        return False  # it ended while we looked; the next look will see it


@pytest.fixture
def supervise(tmp_path: Path) -> Iterator[Callable[..., Supervision]]:
    """Start a supervisor over (name, code, grace) programs; whatever is left afterwards is killed."""
    started: list[subprocess.Popen[str]] = []

    def start(*programs: tuple[str, str, float]) -> Supervision:
        command = [sys.executable, "-m", "tests.boot.supervised", str(tmp_path), json.dumps(programs)]
        process = subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True
        )
        started.append(process)
        return Supervision(tmp_path, process)

    yield start
    for process in started:
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()
    end_left_behind(tmp_path, grace_s=1)


def test_a_program_that_dies_is_started_again(supervise: Callable[..., Supervision]) -> None:
    supervision = supervise(("one", STEADY, 5), ("two", STEADY, 5))
    until(lambda: bool(supervision.pids("one") and supervision.pids("two")))
    os.kill(supervision.pids("one")[0], signal.SIGKILL)
    until(lambda: len(supervision.pids("one")) == 2)
    assert len(supervision.pids("two")) == 1
    assert supervision.end() == ["restarted one", "ending ", "ended "]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_all_end_when_it_is_asked_to_end(
    supervise: Callable[..., Supervision], number: signal.Signals
) -> None:
    supervision = supervise(("one", STEADY, 5), ("two", STEADY, 5))
    until(lambda: bool(supervision.pids("one") and supervision.pids("two")))
    began = time.monotonic()
    said = supervision.end(number)
    assert time.monotonic() - began < 4
    assert said == ["ending ", "ended "]
    assert supervision.process.returncode == 0
    assert gone(supervision.pids("one") + supervision.pids("two"))


def test_a_program_that_will_not_end_is_killed_with_its_children(
    supervise: Callable[..., Supervision],
) -> None:
    supervision = supervise(("stubborn", STUBBORN, 0.5), ("one", STEADY, 5))
    until(lambda: len(supervision.pids("stubborn")) == 2 and bool(supervision.pids("one")))
    assert supervision.end() == ["ending ", "killed stubborn", "ended "]
    until(lambda: gone(supervision.pids("stubborn") + supervision.pids("one")), 5)


def test_a_second_ctrl_c_waits_for_nobody(supervise: Callable[..., Supervision]) -> None:
    supervision = supervise(("stubborn", STUBBORN, 60))
    until(lambda: len(supervision.pids("stubborn")) == 2)
    supervision.process.send_signal(signal.SIGINT)
    time.sleep(0.5)
    assert supervision.process.poll() is None
    assert supervision.end(timeout_s=10) == ["ending ", "killed stubborn", "ended "]
    until(lambda: gone(supervision.pids("stubborn")), 5)


def test_a_closed_terminal_does_not_stop_it_from_ending_everything(
    supervise: Callable[..., Supervision],
) -> None:
    supervision = supervise(("one", STEADY, 5))
    until(lambda: bool(supervision.pids("one")))
    assert supervision.process.stdout is not None
    supervision.process.stdout.close()  # from now on, every word it says is an error
    supervision.process.send_signal(signal.SIGHUP)
    assert supervision.process.wait(timeout=10) is not None
    assert gone(supervision.pids("one"))


def test_when_the_supervisor_is_killed_its_programs_end_by_themselves(
    supervise: Callable[..., Supervision],
) -> None:
    supervision = supervise(("one", STEADY, 5), ("stubborn", STUBBORN, 0.5))
    until(lambda: bool(supervision.pids("one")) and len(supervision.pids("stubborn")) == 2)
    os.kill(supervision.pids("one")[0], signal.SIGKILL)  # the one that runs then is the second
    until(lambda: len(supervision.pids("one")) == 2)
    supervision.process.kill()
    until(lambda: gone(supervision.pids("one") + supervision.pids("stubborn")), 10)


def test_when_everything_but_the_programs_is_killed_the_next_start_ends_them(
    supervise: Callable[..., Supervision], tmp_path: Path
) -> None:
    supervision = supervise(("one", STEADY, 5), ("stubborn", STUBBORN, 60))
    until(lambda: bool(supervision.pids("one")) and len(supervision.pids("stubborn")) == 2)
    supervisor = psutil.Process(supervision.process.pid)
    guard = next(child for child in supervisor.children() if "guard.py" in " ".join(child.cmdline()))
    supervisor.suspend()  # or it would start another guard
    guard.kill()
    supervisor.kill()
    supervision.process.wait()
    assert len(left_behind(tmp_path)) == 3
    assert end_left_behind(tmp_path, grace_s=0.5) == 3
    assert gone(supervision.pids("one") + supervision.pids("stubborn"))
    assert left_behind(tmp_path) == []


def test_a_guard_that_dies_is_replaced(supervise: Callable[..., Supervision]) -> None:
    supervision = supervise(("one", STEADY, 5))
    until(lambda: bool(supervision.pids("one")))
    supervisor = psutil.Process(supervision.process.pid)

    def guards() -> set[int]:
        found = set()
        for child in supervisor.children():
            with contextlib.suppress(psutil.NoSuchProcess):  # it may end while it is looked at
                if child.status() != psutil.STATUS_ZOMBIE and "guard.py" in " ".join(child.cmdline()):
                    found.add(child.pid)
        return found

    until(lambda: len(guards()) == 1)
    first = guards()
    os.kill(min(first), signal.SIGKILL)
    until(lambda: bool(guards() - first))
    supervision.process.kill()
    until(lambda: gone(supervision.pids("one")), 10)


def test_one_that_keeps_dying_is_said_clearly_and_the_rest_goes_on(
    supervise: Callable[..., Supervision],
) -> None:
    supervision = supervise(("sickly", SICKLY, 5), ("one", STEADY, 5))
    log = supervision.folder / "sickly.log"
    until(lambda: log.exists() and log.read_text().count("I fail") == 5)
    time.sleep(1.0)
    assert log.read_text().count("I fail") == 5
    assert not gone(supervision.pids("one"))
    assert supervision.end() == [*["restarted sickly"] * 4, "keeps_dying sickly", "ending ", "ended "]


def test_a_ctrl_c_of_the_terminal_reaches_only_the_supervisor(
    supervise: Callable[..., Supervision],
) -> None:
    supervision = supervise(("one", STEADY, 5))
    until(lambda: bool(supervision.pids("one")))
    sessions = {os.getsid(process.pid) for process in psutil.Process(supervision.process.pid).children()}
    assert os.getsid(supervision.process.pid) not in sessions


def test_a_program_that_does_not_exist_is_said_and_the_rest_goes_on(tmp_path: Path) -> None:
    code = (
        "import sys, pathlib\n"
        "from webapp.common.supervisor import Program, Supervisor\n"
        "from tests.boot.supervised import say\n"
        "folder = pathlib.Path(sys.argv[1])\n"
        "one = Program('one', [sys.executable, '-c', sys.argv[2]])\n"
        "programs = [Program('none', ['/nowhere/program']), one]\n"
        "Supervisor(programs, run_folder=folder, log_folder=folder, say=say).run()\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path), STEADY], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    supervision = Supervision(tmp_path, process)
    until(lambda: bool(supervision.pids("one")))
    assert supervision.end() == ["cannot_start none", "ending ", "ended "]
