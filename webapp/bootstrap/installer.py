"""Makes a virtual environment and lets pip fill it, saying how far it is.

pip rather than a faster tool: every Python has it, and it honours a hospital's own mirror, proxy and
certificates (pip.conf, PIP_INDEX_URL, HTTPS_PROXY). Everything is checked against the hashes of
requirements/*.txt, and only wheels are taken, so nothing is compiled from source.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from webapp.bootstrap import pip_wheel
from webapp.bootstrap.progress import Progress
from webapp.bootstrap.words import Refusal

# 2.7 GB installed, 0.8 GB unpacked meanwhile, 0.8 GB in pip's cache (measured on Linux).
NEEDED_GB = 5
NEEDED_GB_MORE = 1


@dataclass(frozen=True)
class Installation:
    """One run of pip: into which environment, from which list, and where it may write meanwhile."""

    venv: Path
    requirements: Path
    scratch: Path
    log: Path
    inherited: tuple[int, ...] = ()  # file descriptors pip keeps open: the lock outlives a killed parent

    @property
    def python(self) -> Path:
        return self.venv / "bin" / "python"


def check_space(path: Path, needed_gb: int, usage: Callable[[Path], tuple[int, int, int]]) -> None:
    """Raise Refusal when the disk of `path` has less than `needed_gb` free."""
    free_gb = usage(path)[2] / 1e9
    if free_gb < needed_gb:
        raise Refusal("disk_full", path=path, needed=needed_gb, free=f"{free_gb:.1f}")


def make_venv(venv: Path, scratch: Path, log: Path) -> None:
    """An empty environment with pip, made from the Python that runs, or from the one below it."""
    if importlib.util.find_spec("venv") is None:
        raise Refusal("no_venv")
    shutil.rmtree(venv, ignore_errors=True)
    # From inside the environment that is being replaced, its own interpreter is the wrong one to ask.
    base = getattr(sys, "_base_executable", None) or sys.executable
    whole = importlib.util.find_spec("ensurepip") is not None
    command = [base, "-I", "-m", "venv", *([] if whole else ["--without-pip"]), str(venv)]
    with log.open("ab") as output:
        made = subprocess.run(command, stdout=output, stderr=output, check=False).returncode == 0
    if not made:
        raise explained(log.read_text("utf-8", errors="replace"), log, fallback="no_venv")
    if not whole:
        pip_wheel.install(venv / "bin" / "python", scratch, log)


def pip_install(work: Installation, progress: Progress) -> None:
    """Fill the environment from the list; raise Refusal with the reason when pip cannot."""
    command = [
        str(work.python), "-I", "-m", "pip", "install", "--no-input", "--disable-pip-version-check",
        "--no-compile", "--only-binary", ":all:", "--require-hashes", "--no-warn-script-location",
        "--progress-bar", "off", "--requirement", str(work.requirements),
    ]  # fmt: skip
    with work.log.open("ab") as output:
        started_at = output.tell()
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, pass_fds=work.inherited,
            env=pip_environment(work.scratch), cwd=work.scratch,
        )  # fmt: skip
        try:
            _watch(process, work, started_at, progress)
        finally:
            _end(process)
    if process.returncode != 0:
        with work.log.open("rb") as log:
            log.seek(started_at)
            raise explained(log.read().decode("utf-8", errors="replace"), work.log)


def compile_bytecode(python: Path, log: Path) -> None:
    """Compile everything at once on all cores; TensorFlow then loads in a third of the time."""
    with log.open("ab") as output:
        # A package may ship files that are no valid Python (templates, tests): not our concern.
        subprocess.run(
            [str(python), "-I", "-m", "compileall", "-q", "-j", "0", str(site_packages(python))],
            stdout=output, stderr=output, check=False,
        )  # fmt: skip


def site_packages(python: Path) -> Path:
    """Where the environment keeps its packages."""
    return next((python.parent.parent / "lib").glob("python3.*")) / "site-packages"


def pip_environment(scratch: Path) -> dict[str, str]:
    """The person's own pip settings, without those that would install somewhere else."""
    kept = {name: value for name, value in os.environ.items() if name not in _ELSEWHERE}
    # Downloads are unpacked beside the environment: /tmp is often a small disk in memory.
    return kept | {"TMPDIR": str(scratch), "PIP_USER": "0", "PYTHONUNBUFFERED": "1"}


_ELSEWHERE = {
    "PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_REQUIREMENT", "PIP_NO_BINARY", "PIP_QUIET", "PIP_LOG",
}  # fmt: skip


def package_count(requirements: Path) -> int:
    """How many packages a list names for this kind of system."""
    lines = requirements.read_text("utf-8").splitlines()
    named = [line for line in lines if re.match(r"[a-z0-9]", line) and "== 'win32'" not in line]
    return len({line.split("==")[0] for line in named})


def _watch(process: subprocess.Popen[bytes], work: Installation, start: int, progress: Progress) -> None:
    total = package_count(work.requirements)
    before = len(list(site_packages(work.python).glob("*.dist-info")))
    with work.log.open("rb") as log:
        log.seek(start)
        text = b""
        while process.poll() is None:
            text += log.read()
            if b"Installing collected packages" in text:
                now = len(list(site_packages(work.python).glob("*.dist-info"))) - before
                progress.show("step_install", done=min(now, total), total=total)
            else:
                asked = text.count(b"\nCollecting ") + text.count(b"\nRequirement already satisfied")
                megabytes = _size(work.scratch) // 1_000_000
                progress.show("step_download", done=min(asked, total), total=total, megabytes=megabytes)
            time.sleep(0.3)


def _size(folder: Path) -> int:
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.lstat(os.path.join(place, name)).st_size
            except OSError:
                continue  # pip has moved it on meanwhile
    return total


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def explained(output: str, log: Path, fallback: str = "install_failed") -> Refusal:
    """What pip's output means, as the sentence to print."""
    index = pip_wheel.index_name()
    if "No space left on device" in output or "Disk quota exceeded" in output:
        return Refusal("disk_full_meanwhile", needed=NEEDED_GB)
    if "CERTIFICATE_VERIFY_FAILED" in output or "SSLCertVerificationError" in output:
        return Refusal("certificate", index=index, log=log)
    if "DO NOT MATCH THE HASHES" in output:
        return Refusal("hash_mismatch", log=log)
    if any(sign in output for sign in _NETWORK):
        return Refusal("no_network", index=index, log=log)
    missing = re.search(r"No matching distribution found for (\S+)", output)
    if missing:
        return Refusal("not_in_index", index=index, package=missing[1], log=log)
    return Refusal(fallback, log=log)


_NETWORK = (
    "NewConnectionError", "ConnectTimeoutError", "ReadTimeoutError", "ProxyError", "ProtocolError",
    "Failed to establish a new connection", "Temporary failure in name resolution", "Connection refused",
    "Network is unreachable", "Read timed out", "Max retries exceeded", "Connection aborted",
)  # fmt: skip
