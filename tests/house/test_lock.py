"""What manage.py installs is what uv.lock names, and uv.lock is what pyproject.toml asks for."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from tests.house.tree import ROOT

LOCK: dict[str, Any] = tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
EXPORT_AGAIN = "run requirements/export.sh"


def locked() -> dict[tuple[str, str], set[str]]:
    """Name and version of every locked package -> the sha256 of its files."""
    return {
        (package["name"], package["version"]): {
            file["hash"].removeprefix("sha256:")
            for file in [*package.get("wheels", []), *([package["sdist"]] if "sdist" in package else [])]
        }
        for package in LOCK["package"]
        if package["name"] != "medula"
    }


def exported(name: str) -> dict[tuple[str, str], set[str]]:
    """The same, of a requirements file."""
    found: dict[tuple[str, str], set[str]] = {}
    text = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
    for entry in text.replace("\\\n", " ").splitlines():
        head, *hashes = re.split(r"\s--hash=sha256:", entry)
        requirement = Requirement(head)
        (version,) = [spec.version for spec in requirement.specifier]
        found[requirement.name, version] = {one.strip() for one in hashes}
    return found


def closure(first: Iterable[dict[str, Any]]) -> set[tuple[str, str]]:
    """Name and version of everything that is needed, extras included, whatever the platform."""
    packages: dict[str, list[dict[str, Any]]] = {}
    for package in LOCK["package"]:
        packages.setdefault(package["name"], []).append(package)
    needed: set[tuple[str, str]] = set()
    seen: set[tuple[str, str, str]] = set()
    waiting = [(entry, extra) for entry in first for extra in ["", *entry.get("extra", [])]]
    while waiting:
        entry, extra = waiting.pop()
        for package in packages[entry["name"]]:
            if entry.get("version", package["version"]) != package["version"]:
                continue
            if (package["name"], package["version"], extra) in seen:
                continue
            seen.add((package["name"], package["version"], extra))
            needed.add((package["name"], package["version"]))
            more = package.get("optional-dependencies", {}).get(extra, []) if extra else []
            for dependency in [*package.get("dependencies", []), *more]:
                waiting += [(dependency, name) for name in ["", *dependency.get("extra", [])]]
    return needed


def medula() -> dict[str, Any]:
    return next(package for package in LOCK["package"] if package["name"] == "medula")


@pytest.mark.parametrize("name", ["run", "test", "web", "gpu", "installer"])
def test_every_hash_is_the_locks(name: str) -> None:
    wheels = locked()
    for package, hashes in exported(name).items():
        assert hashes == wheels[package], f"{package}: {EXPORT_AGAIN}"


def test_nothing_is_missing_and_nothing_is_added() -> None:
    run = closure(medula()["dependencies"])
    groups = medula()["dev-dependencies"]
    assert set(exported("run")) == run, EXPORT_AGAIN
    assert set(exported("test")) == run | closure(groups["test"]), EXPORT_AGAIN
    assert set(exported("web")) == closure(groups["web"]), EXPORT_AGAIN
    assert set(exported("gpu")) == run | closure(groups["gpu"]), EXPORT_AGAIN
    assert set(exported("installer")) == closure(groups["installer"]), EXPORT_AGAIN


def asked_for(lines: list[str]) -> dict[str, Requirement]:
    return {canonicalize_name(one.name): one for one in map(Requirement, lines)}


def test_the_lock_is_what_the_project_asks_for() -> None:
    metadata = medula()["metadata"]
    pairs = [(PROJECT["project"]["dependencies"], metadata["requires-dist"])]
    for group in ("test", "web", "gpu", "installer"):
        pairs.append((PROJECT["dependency-groups"][group], metadata["requires-dev"][group]))
    for lines, entries in pairs:
        asked = {name: (one.specifier, one.extras) for name, one in asked_for(lines).items()}
        found = {
            entry["name"]: (SpecifierSet(entry.get("specifier", "")), set(entry.get("extras", [])))
            for entry in entries
        }
        assert found == asked, "run uv lock, then requirements/export.sh"


def test_the_webs_list_is_part_of_the_projects() -> None:
    web = PROJECT["dependency-groups"]["web"]
    assert set(web) <= set(PROJECT["project"]["dependencies"])
    assert set(exported("web")) <= set(exported("run"))
    heavy = {
        "h5py",
        "keras",
        "numpy",
        "opencv-python-headless",
        "pillow",
        "scikit-image",
        "scipy",
        "tensorflow",
    }
    assert not {name for name, _ in exported("web")} & heavy
