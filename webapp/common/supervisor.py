"""Keeps a few programs running: starts them, restarts the one that dies, ends all of them together.

Each program runs in a session of its own, so that a terminal's Ctrl-C reaches only the supervisor, which
then ends them in order. If the supervisor itself is killed, its guard ends them (see guard.py).
"""

from __future__ import annotations

import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from webapp.common.log_files import rotate
from webapp.common.processes import MARK, end_left_behind

GUARD = Path(__file__).with_name("guard.py")
GRACE_S = 8.0
DEATHS = 5
WINDOW_S = 60.0
PAUSE_S = 60.0
ROTATE_EVERY_S = 60.0

Say = Callable[..., None]
"""Tells the person at the terminal: a key of bootstrap.words and its parameters."""


@dataclass(frozen=True)
class Program:
    """What to keep running."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    grace_s: float = GRACE_S


@dataclass
class _Child:
    program: Program
    log: Path
    process: subprocess.Popen[bytes] | None = None
    due_at: float = 0.0
    deaths: deque[float] = field(default_factory=lambda: deque(maxlen=DEATHS))


class Supervisor:
    """`run` returns when it was asked to stop and every program has ended."""

    def __init__(self, programs: Sequence[Program], *, run_folder: Path, log_folder: Path, say: Say) -> None:
        self._say = say
        self._run_folder = run_folder
        self._log_folder = log_folder
        self._children = [_Child(program, log_folder / f"{program.name}.log") for program in programs]
        self._guard: subprocess.Popen[bytes] | None = None
        self._asked_to_stop = 0
        self._rotated_at = 0.0

    def run(self, on_tick: Callable[[], None] | None = None) -> None:
        """Supervise until SIGINT, SIGTERM or SIGHUP. `on_tick` is called at least twice a second."""
        with self._signals() as bell:
            try:
                while not self._asked_to_stop:
                    self._reap()
                    self._start_due()
                    self._rotate()
                    if on_tick is not None:
                        on_tick()
                    select.select([bell], [], [], self._nap_s())
                    _drain(bell)
            finally:
                self._end_all(bell)

    def log_of(self, name: str) -> Path:
        return self._log_folder / f"{name}.log"

    # -- starting

    def _start_due(self) -> None:
        if self._guard is None or self._guard.poll() is not None:
            self._start_guard()
        for child in self._children:
            if child.process is None and time.monotonic() >= child.due_at:
                self._start(child)

    def _start_guard(self) -> None:
        with (self._log_folder / "guard.log").open("ab") as log:
            self._guard = subprocess.Popen(
                [sys.executable, "-I", "-S", str(GUARD)],
                stdin=subprocess.PIPE, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        for child in self._children:
            if child.process is not None:
                self._tell_guard(f"+ {child.process.pid} {child.program.grace_s}")

    def _start(self, child: _Child) -> None:
        rotate(child.log)
        environment = {**os.environ, **child.program.environment, MARK: str(self._run_folder)}
        try:
            with child.log.open("ab") as log:
                child.process = subprocess.Popen(
                    list(child.program.command), env=environment, stdin=subprocess.DEVNULL,
                    stdout=log, stderr=log, start_new_session=True,
                )  # fmt: skip
        except OSError as error:
            self._tell("cannot_start", name=child.program.name, detail=error)
            child.due_at = time.monotonic() + PAUSE_S
            return
        self._tell_guard(f"+ {child.process.pid} {child.program.grace_s}")

    # -- dying and restarting

    def _reap(self) -> None:
        for child in self._children:
            if child.process is None or child.process.poll() is None:
                continue
            self._tell_guard(f"- {child.process.pid}")
            # What the dead program had started is of no use without it.
            _signal_group(child.process.pid, signal.SIGKILL)
            status = child.process.returncode
            child.process = None
            self._plan_restart(child, status)

    def _plan_restart(self, child: _Child, status: int) -> None:
        now = time.monotonic()
        child.deaths.append(now)
        recent = sum(1 for death in child.deaths if now - death < WINDOW_S)
        name, log = child.program.name, child.log
        if recent >= DEATHS:
            child.due_at = now + PAUSE_S
            child.deaths.clear()
            self._tell("keeps_dying", name=name, times=recent, pause=round(PAUSE_S), log=log)
        else:
            # At once the first time; 1, 2, 4 s when it dies again soon.
            child.due_at = now + (2 ** (recent - 2) if recent > 1 else 0)
            self._tell("restarted", name=name, status=_status(status), log=log)

    # -- ending

    def _end_all(self, bell: socket.socket) -> None:
        alive = [child for child in self._children if child.process is not None]
        self._tell("ending")
        for child in alive:
            _signal(child, signal.SIGTERM)
        began, asked = time.monotonic(), self._asked_to_stop
        while alive := [child for child in alive if not _has_ended(child)]:
            waited = time.monotonic() - began
            for child in alive:
                # A second Ctrl-C means: at once.
                if waited > child.program.grace_s or self._asked_to_stop > asked:
                    self._tell("killed", name=child.program.name)
                    assert child.process is not None
                    _signal_group(child.process.pid, signal.SIGKILL)
                    child.process.wait()
            select.select([bell], [], [], 0.1)
            _drain(bell)
        for child in self._children:
            if child.process is not None:
                _signal_group(child.process.pid, signal.SIGKILL)
                self._tell_guard(f"- {child.process.pid}")
                child.process = None
        end_left_behind(self._run_folder, grace_s=2.0)
        self._end_guard()
        self._tell("ended")

    def _end_guard(self) -> None:
        if self._guard is not None and self._guard.stdin is not None:
            self._guard.stdin.close()
            self._guard.wait()

    # -- odds and ends

    def _tell(self, key: str, **params: object) -> None:
        with suppress(OSError):  # the terminal may be gone; the programs must be ended all the same
            self._say(key, **params)

    def _tell_guard(self, line: str) -> None:
        if self._guard is None or self._guard.stdin is None:
            return
        try:
            self._guard.stdin.write(line.encode() + b"\n")
            self._guard.stdin.flush()
        except BrokenPipeError:
            pass  # it was killed; the next tick starts another and tells it everything

    def _rotate(self) -> None:
        if time.monotonic() - self._rotated_at > ROTATE_EVERY_S:
            self._rotated_at = time.monotonic()
            for child in self._children:
                rotate(child.log)

    def _nap_s(self) -> float:
        now = time.monotonic()
        due = [child.due_at - now for child in self._children if child.process is None]
        return max(0.01, min([0.5, *due]))

    @contextmanager
    def _signals(self) -> Iterator[socket.socket]:
        """Count the wishes to stop; a byte on the returned socket wakes the loop at once."""

        def stop(number: int, frame: object) -> None:
            self._asked_to_stop += 1

        reader, writer = socket.socketpair()
        reader.setblocking(False)
        writer.setblocking(False)
        wake_before = signal.set_wakeup_fd(writer.fileno(), warn_on_full_buffer=False)
        wishes = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        before = {number: signal.signal(number, stop) for number in wishes}
        before[signal.SIGCHLD] = signal.signal(signal.SIGCHLD, lambda number, frame: None)
        try:
            yield reader
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
            signal.set_wakeup_fd(wake_before)
            reader.close()
            writer.close()


def _drain(bell: socket.socket) -> None:
    try:
        while bell.recv(64):
            pass
    except BlockingIOError:
        pass


def _has_ended(child: _Child) -> bool:
    return child.process is None or child.process.poll() is not None


def _signal(child: _Child, number: int) -> None:
    if child.process is not None:
        child.process.send_signal(number)


def _signal_group(leader: int, number: int) -> None:
    with suppress(ProcessLookupError, PermissionError):  # nobody is left in it
        os.killpg(leader, number)


def _status(code: int) -> str:
    return signal.Signals(-code).name if code < 0 else str(code)
