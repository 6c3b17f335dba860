"""docker-compose.yml as Docker reads it: merged, and filled in from an environment."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import yaml

from tests.house.tree import ROOT

FILE = ROOT / "docker-compose.yml"
# ${NAME}, ${NAME:-default} or ${NAME:?what to do}; $$ is a dollar.
VARIABLE = re.compile(r"\$(?:\$|\{(?P<name>[A-Z_0-9]+)(?P<how>:[-?])?(?P<rest>[^}]*)\})")
FILLED_IN = {"MEDULA_DOMAIN": "medula.example", "POSTGRES_PASSWORD": "word"}


def services(environment: Mapping[str, str] = FILLED_IN) -> dict[str, dict[str, Any]]:
    """Every service by its name."""
    found: dict[str, dict[str, Any]] = whole(environment)["services"]
    return found


def whole(environment: Mapping[str, str] = FILLED_IN) -> Any:
    return filled_in(yaml.safe_load(FILE.read_text(encoding="utf-8")), environment)


def filled_in(value: Any, environment: Mapping[str, str]) -> Any:
    """The same with every variable replaced; KeyError with the message of a required one that is missing."""
    if isinstance(value, dict):
        return {key: filled_in(one, environment) for key, one in value.items()}
    if isinstance(value, list):
        return [filled_in(one, environment) for one in value]
    return VARIABLE.sub(lambda found: _one(found, environment), value) if isinstance(value, str) else value


def _one(found: re.Match[str], environment: Mapping[str, str]) -> str:
    name, how, rest = found["name"], found["how"], found["rest"]
    if name is None:
        return "$"
    given = environment.get(name, "")
    if given or how is None:
        return given
    if how == ":?":
        raise KeyError(rest)
    return str(rest)


def variables() -> set[str]:
    """The names that the file asks its surroundings for, whichever way."""
    return {found["name"] for found in VARIABLE.finditer(FILE.read_text("utf-8")) if found["name"]}


def required() -> set[str]:
    found = VARIABLE.finditer(FILE.read_text("utf-8"))
    return {one["name"] for one in found if one["how"] == ":?"}
