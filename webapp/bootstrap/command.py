"""From `python3 manage.py …` to the command itself, by way of the environment."""

from __future__ import annotations

import os
import platform
import sys
from pathlib import Path

from webapp.bootstrap.environment import Environment, ensure
from webapp.bootstrap.ports import address_in, check_address
from webapp.bootstrap.progress import Progress
from webapp.bootstrap.words import Refusal, words

ROOT = Path(__file__).resolve().parents[2]
NO_VENV = "MEDULA_NO_VENV"
"""Set in the container images, whose packages are installed beside their Python: there is nothing to make."""


def run(arguments: list[str], root: Path = ROOT) -> int:
    """Do what the command line asks; the exit status. Does not return where it becomes another program."""
    if os.environ.get(NO_VENV) == "1":
        return django([str(root / "manage.py"), *arguments[1:]])
    environment = Environment(root)
    command = arguments[1] if len(arguments) > 1 else ""
    group = "test" if command == "test" else "run"
    try:
        if not environment.is_ready(group):
            if command in ("", "help", "-h", "--help"):
                print(words("usage"))
                return 0
            check_machine()
            if command == "start":
                check_address(*address_in(arguments[2:]))
            ensure(environment, group, Progress())
    except Refusal as refusal:
        print(refusal, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(words("interrupted"), file=sys.stderr)
        return 130
    if command == "test":
        become(environment, ["-m", "pytest", "--rootdir", str(root), *arguments[2:]], root)
    if not environment.is_inside():
        become(environment, [str(root / "manage.py"), *arguments[1:]])
    return django([str(root / "manage.py"), *arguments[1:]])


def become(environment: Environment, arguments: list[str], folder: Path | None = None) -> None:
    """Go on as the environment's Python. Nothing of another Python may leak into it."""
    sys.stdout.flush()
    for name in ("PYTHONPATH", "PYTHONHOME", "__PYVENV_LAUNCHER__"):
        os.environ.pop(name, None)
    if folder is not None:
        os.chdir(folder)
    os.execv(environment.python, [str(environment.python), *arguments])


def django(arguments: list[str]) -> int:
    """Any other command is Django's, or one of the apps' own."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webapp.settings")
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    try:
        execute_from_command_line(arguments)
    except ImproperlyConfigured as error:
        print(words("bad_setting", detail=error), file=sys.stderr)
        return 1
    return 0


def check_machine() -> None:
    """Raise Refusal where TensorFlow offers nothing to install."""
    if sys.platform == "win32":
        raise Refusal("windows")
    if sys.implementation.name != "cpython":
        raise Refusal("not_cpython", found=platform.python_implementation())
    machine = platform.machine().lower()
    if sys.platform == "darwin":
        fits = machine == "arm64"
    else:
        fits = machine in ("x86_64", "amd64", "aarch64", "arm64") and platform.libc_ver()[0] == "glibc"
    if not fits:
        raise Refusal("machine", machine=f"{platform.system()} {platform.machine()}")
