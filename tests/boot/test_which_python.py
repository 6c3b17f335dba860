"""An unfitting Python is told so in one clear sentence, and told by a file it can read at all."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

MANAGE = Path(__file__).resolve().parents[2] / "manage.py"
# The real file in a real process that only claims to be another version.
PRETEND = """
import sys
sys.version_info = ({major}, {minor}, 0, "final", 0)
sys.argv = ["manage.py", "start"]
source = open({path!r}, encoding="utf-8").read()
exec(compile(source, {path!r}, "exec"), {{"__name__": "__main__", "__file__": {elsewhere!r}}})
"""


def run_as(version: tuple[int, int], elsewhere: Path, path: str) -> subprocess.CompletedProcess[str]:
    code = PRETEND.format(
        major=version[0], minor=version[1], path=str(MANAGE), elsewhere=str(elsewhere / "manage.py")
    )
    command = [sys.executable, "-I", "-c", code]
    return subprocess.run(command, env={"PATH": path}, capture_output=True, text=True, encoding="utf-8")


@pytest.mark.parametrize("version", [(2, 7), (3, 8), (3, 10), (3, 14)])
def test_another_python_hears_one_sentence_in_each_language(version: tuple[int, int], tmp_path: Path) -> None:
    answer = run_as(version, tmp_path, path="")
    assert answer.returncode == 1
    assert answer.stdout == ""
    spanish, english = answer.stderr.splitlines()
    assert f"necesita CPython 3.11, 3.12 o 3.13, y este es Python {version[0]}.{version[1]}" in spanish
    assert f"needs CPython 3.11, 3.12 or 3.13, and this is Python {version[0]}.{version[1]}" in english
    assert "python.org" in english


def test_a_fitting_python_on_the_path_is_named(tmp_path: Path) -> None:
    (tmp_path / "python3.13").write_text("#!/bin/sh\nexit 1\n")  # there, but it does not run
    (tmp_path / "python3.12").write_text("#!/bin/sh\nexit 0\n")
    for name in ("python3.13", "python3.12"):
        (tmp_path / name).chmod(0o755)
    answer = run_as((3, 14), tmp_path, path=str(tmp_path))
    assert "“python3.12 manage.py start”" in answer.stderr


def test_an_environment_that_stands_is_used_whatever_python_asks(tmp_path: Path) -> None:
    python = tmp_path / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text('#!/bin/sh\necho "the environment runs $2"\n')
    python.chmod(0o755)
    (tmp_path / ".venv" / "medula-ready.json").write_text("{}")
    answer = run_as((3, 14), tmp_path, path="/usr/bin:/bin")
    assert (answer.returncode, answer.stdout) == (0, "the environment runs start\n")


def test_the_file_holds_nothing_an_old_python_cannot_read() -> None:
    tree = ast.parse(MANAGE.read_text(encoding="utf-8"), feature_version=(3, 4))
    too_new = (ast.JoinedStr, ast.NamedExpr, ast.AnnAssign, ast.AsyncFunctionDef, ast.Match)
    for node in ast.walk(tree):
        assert not isinstance(node, too_new), f"line {node.lineno}"
        if isinstance(node, ast.FunctionDef):
            assert node.returns is None and not node.args.kwonlyargs, f"line {node.lineno}"
            assert all(argument.annotation is None for argument in node.args.args), f"line {node.lineno}"
    assert MANAGE.read_bytes().splitlines()[1] == b"# -*- coding: utf-8 -*-"
