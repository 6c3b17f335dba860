"""ruff and mypy have nothing to say, and nobody's own folders are named in the tree."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from tests.house.tree import ROOT, files, shown

# Folders of one machine have no place in a project that runs on many.
MACHINE_PATHS = re.compile(rb"(?<![\w.])/(?:work|root|home/\w+|Users/\w+)/[\w.-]+")
NO_TEXT = {".png", ".jpg", ".ico", ".h5", ".mo", ".woff2", ".zip", ".tiff", ".tif", ".gif", ".webp"}


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True)


def test_ruff_has_nothing_to_say() -> None:
    done = run("ruff", "check", "--output-format", "concise", ".")
    assert done.returncode == 0, done.stdout


def test_every_file_is_laid_out_by_ruff() -> None:
    done = run("ruff", "format", "--check", ".")
    assert done.returncode == 0, done.stdout


@pytest.mark.timeout(600)
def test_mypy_has_nothing_to_say() -> None:
    done = run("mypy")
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_folder_of_one_machine_is_named() -> None:
    found = [
        f"{shown(path)}: {match.group().decode()}"
        for path in files()
        if path.suffix not in NO_TEXT and "vendor" not in path.parts
        for match in MACHINE_PATHS.finditer(path.read_bytes())
    ]
    assert found == []
