"""The checkout's own environment, .venv: is it the one the lock asks for, and if not, make it so.

It is built in place and stamped last: `medula-ready.json` holds the sha256 of each list that is wholly
installed, `medula-building` stands while pip is at work. An environment found with the second and
without the first was cut short, and is made anew. One builder at a time holds var/run/environment.lock.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from webapp.bootstrap import installer
from webapp.bootstrap.progress import Progress
from webapp.bootstrap.words import Refusal

DOWNLOAD_MEGABYTES = 900  # measured for Linux on x86-64; about the same elsewhere


@dataclass(frozen=True)
class Environment:
    """Where everything of one checkout's environment lies."""

    root: Path

    @property
    def venv(self) -> Path:
        return self.root / ".venv"

    @property
    def python(self) -> Path:
        return self.venv / "bin" / "python"

    @property
    def client(self) -> Path:
        """The command of the API's client."""
        return self.venv / "bin" / "medula"

    @property
    def stamp(self) -> Path:
        return self.venv / "medula-ready.json"

    @property
    def building(self) -> Path:
        return self.venv / "medula-building"

    @property
    def log(self) -> Path:
        return self.root / "var" / "log" / "install.log"

    def requirements(self, group: str) -> Path:
        return self.root / "requirements" / f"{group}.txt"

    def digest(self, group: str) -> str:
        return hashlib.sha256(self.requirements(group).read_bytes()).hexdigest()

    def is_inside(self) -> bool:
        """Whether this very process runs with the environment's Python."""
        return Path(sys.prefix).resolve() == self.venv.resolve()

    def is_ready(self, group: str) -> bool:
        """Whether `group` ("run" or "test") is wholly installed from the list as it is now."""
        tools = (self.python, self.client)
        stands = all(os.access(tool, os.X_OK) for tool in tools)
        return stands and self.stamps().get(group) == self.digest(group)

    def stamps(self) -> dict[str, str]:
        try:
            read = json.loads(self.stamp.read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return read if isinstance(read, dict) else {}


def ensure(environment: Environment, group: str, progress: Progress) -> None:
    """Make the environment what `group` asks for. Raises Refusal; safe against Ctrl-C and a second start."""
    if environment.is_ready(group):
        return
    try:
        for folder in ("log", "run", "tmp"):
            (environment.root / "var" / folder).mkdir(parents=True, exist_ok=True)
        with locked(environment.root / "var" / "run" / "environment.lock", progress) as lock:
            if not environment.is_ready(group):
                with ended_by_signals():
                    _build(environment, group, progress, lock)
    except PermissionError as error:
        raise Refusal("not_writable", path=error.filename, detail=error.strerror) from None
    except OSError as error:
        if error.errno == 28:  # ENOSPC
            raise Refusal("disk_full_meanwhile", needed=installer.NEEDED_GB) from None
        raise


@contextmanager
def locked(path: Path, progress: Progress) -> Iterator[int]:
    """Hold the lock file; say so when another process holds it, and wait."""
    with path.open("a") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            progress.say("waiting")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield handle.fileno()


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """Let a closed terminal or a kill end the work as Ctrl-C does, so that pip is ended too."""

    def interrupt(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    before = {number: signal.signal(number, interrupt) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _build(environment: Environment, group: str, progress: Progress, lock: int) -> None:
    fresh = environment.building.exists() or not _runs(environment.python)
    if not fresh and _satisfied(environment, group):
        _write_stamp(environment, group)
        return
    fresh = fresh or not _runs(environment.python, "-c", "import pip")
    needed = installer.NEEDED_GB if fresh else installer.NEEDED_GB_MORE
    installer.check_space(environment.root, needed, shutil.disk_usage)
    began = time.monotonic()
    if fresh:
        progress.say("installing", venv=environment.venv, download=DOWNLOAD_MEGABYTES)
    else:
        progress.say("adding_tests" if environment.is_ready("run") else "updating", venv=environment.venv)
    scratch = environment.root / "var" / "tmp" / "install"
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir()
    environment.log.write_text("", encoding="utf-8")
    try:
        if fresh:
            progress.show("step_venv")
            installer.make_venv(environment.venv, scratch, environment.log)
        environment.building.touch()
        environment.stamp.unlink(missing_ok=True)
        work = installer.Installation(
            environment.venv, environment.requirements(group), scratch, environment.log, (lock,)
        )
        installer.pip_install(work, progress)
        progress.show("step_compile")
        installer.compile_bytecode(environment.python, environment.log)
    finally:
        progress.close()
        shutil.rmtree(scratch, ignore_errors=True)
    _write_stamp(environment, group)
    progress.say("ready", seconds=round(time.monotonic() - began))


def _runs(python: Path, *arguments: str) -> bool:
    """Whether the environment's Python starts and is of a fitting version: its base may be gone."""
    if not os.access(python, os.X_OK):
        return False
    fitting = "import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))"
    command = [str(python), "-I", *(arguments or ("-c", fitting))]
    quiet = subprocess.DEVNULL
    return subprocess.run(command, stdout=quiet, stderr=quiet, check=False).returncode == 0


def _satisfied(environment: Environment, group: str) -> bool:
    script = Path(__file__).with_name("satisfied.py")
    return _runs(environment.python, str(script), str(environment.requirements(group)))


def _write_command(environment: Environment) -> None:
    """`.venv/bin/medula`, the client of the API, from whatever folder it is called."""
    client = environment.root / "webapp" / "client" / "__main__.py"
    command = environment.client
    called = f"exec {shlex.quote(str(environment.python))} {shlex.quote(str(client))}"
    command.write_text(f'#!/bin/sh\n{called} "$@"\n', encoding="utf-8")
    command.chmod(0o755)


def _write_stamp(environment: Environment, group: str) -> None:
    """The test list contains the run list: whoever has the first has both."""
    _write_command(environment)
    groups = ("run", "test") if group == "test" else ("run",)
    stamps = {name: environment.digest(name) for name in groups}
    kept = environment.stamps().get("test")
    if kept == environment.digest("test"):
        stamps["test"] = kept
    half = environment.stamp.with_suffix(".half")
    half.write_text(json.dumps(stamps, indent=1), encoding="utf-8")
    half.replace(environment.stamp)
    environment.building.unlink(missing_ok=True)
