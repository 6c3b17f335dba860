"""A file over 300 lines or a function over 50 asks to be split, or to be listed here with a reason."""

from __future__ import annotations

import ast

from tests.house.tree import python_files, shown

FILE_LINES = 300
FUNCTION_LINES = 50
# path, or path::function -> why it is better whole
LONGER: dict[str, str] = {}


def too_long() -> dict[str, int]:
    found = {}
    for path in python_files():
        text = path.read_text(encoding="utf-8")
        lines = text.count("\n")
        if lines > FILE_LINES:
            found[shown(path)] = lines
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                length = (node.end_lineno or node.lineno) - node.lineno + 1
                if length > FUNCTION_LINES:
                    found[f"{shown(path)}::{node.name}"] = length
    return found


def test_files_and_functions_are_short() -> None:
    unexplained = {name: lines for name, lines in too_long().items() if name not in LONGER}
    assert unexplained == {}


def test_the_list_of_exceptions_is_not_longer_than_needed() -> None:
    assert set(LONGER) <= set(too_long())
