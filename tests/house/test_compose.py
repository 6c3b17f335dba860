"""The compose file keeps to the house's rules; no Docker engine is needed to see that."""

from __future__ import annotations

import re
import sys
from typing import Any

import pytest

from tests.house.tree import ROOT
from tests.stack.compose import FILE, required, services, variables, whole
from webapp.portal import programs
from webapp.portal.programs import Program

SERVICES = services()
OURS = {"proxy", "init", "web", "worker-ledger", "worker-pictures", "worker-training", "worker-gpu", "beat"}
SETTINGS = (ROOT / "webapp" / "settings.py").read_text(encoding="utf-8")
EXAMPLE = (ROOT / ".env.example").read_text(encoding="utf-8")
EXACT = re.compile(r"[a-z][a-z0-9/-]*:[0-9]+\.[0-9]+(\.[0-9]+)?(-[a-z0-9]+)*")
# The image's own user of that name, which is not root.
NAMED_USERS = {"postgres", "redis"}
SECRET = re.compile(r"(?i)(password|secret|token|key)\s*[:=]\s*[\"']?(?!\s|\$\{|\"|')\w{3,}")


def dockerfiles() -> list[str]:
    return sorted(path.name for path in (ROOT / "docker").glob("*.Dockerfile"))


def dockerfile(name: str) -> str:
    return (ROOT / "docker" / name).read_text(encoding="utf-8")


def test_every_service_is_known_here() -> None:
    assert set(SERVICES) == OURS | {"db", "redis"}


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_is_confined_watched_and_limited(name: str) -> None:
    service = SERVICES[name]
    assert EXACT.fullmatch(service["image"]), service["image"]
    assert service["user"] in {"10001:10001", *NAMED_USERS}
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service.get("cap_add", []) == (["NET_BIND_SERVICE"] if name == "proxy" else [])
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "privileged" not in service and "network_mode" not in service
    assert re.fullmatch(r"[0-9]+[mg]", service["mem_limit"])
    assert service["logging"]["options"]["max-size"]
    if name == "init":
        assert service["restart"] == "no"
    else:
        assert service["restart"] == "unless-stopped"
        assert service["healthcheck"]["test"][0] in {"CMD", "CMD-SHELL"}
        assert int(service["stop_grace_period"].removesuffix("s")) >= 15


def test_only_the_proxy_can_be_reached() -> None:
    assert {name for name, service in SERVICES.items() if "ports" in service} == {"proxy"}
    assert {name for name, service in SERVICES.items() if "outside" in service["networks"]} == {"proxy"}
    assert whole()["networks"]["inside"] == {"internal": True}


@pytest.mark.parametrize("name", dockerfiles())
def test_an_image_is_of_an_exact_version_and_not_roots(name: str) -> None:
    text = dockerfile(name)
    (base,) = re.findall(r"^FROM (\S+)$", text, re.MULTILINE)
    assert re.fullmatch(r"[a-z]+:[0-9]+\.[0-9]+\.[0-9]+(-[a-z0-9]+)*", base)
    assert re.findall(r"^USER (\S+)$", text, re.MULTILINE) == ["10001:10001"]
    for source in re.findall(r"^COPY (.+) \S+$", text, re.MULTILINE):
        for path in source.replace("${LIST}", "gpu").split():
            assert (ROOT / path).exists(), path


def test_the_python_of_the_images_is_one_we_support() -> None:
    versions = {re.findall(r"^FROM python:(\d+\.\d+)", dockerfile(f"{one}.Dockerfile"), re.M)[0] for one in
                ("web", "worker")}  # fmt: skip
    assert versions <= {"3.11", "3.12", "3.13"}


def test_each_image_of_ours_is_built_by_one_service() -> None:
    built = [service["image"] for service in SERVICES.values() if "build" in service]
    assert len(built) == len(set(built))
    assert set(built) == {SERVICES[name]["image"] for name in OURS}
    for service in SERVICES.values():
        assert "build" not in service or (ROOT / service["build"]["dockerfile"]).is_file()


def test_no_secret_is_written_down() -> None:
    for path in (FILE, ROOT / ".env.example", *(ROOT / "docker").glob("*file")):
        assert not SECRET.findall(path.read_text(encoding="utf-8")), path
    assert not (ROOT / ".env").exists() or ".env" in (ROOT / ".gitignore").read_text().splitlines()


def test_every_variable_is_explained_and_every_setting_exists() -> None:
    explained = set(re.findall(r"^#?([A-Z_]+)=", EXAMPLE, re.MULTILINE))
    assert variables() | {"COMPOSE_PROFILES"} == explained
    assert set(re.findall(r"^([A-Z_]+)=$", EXAMPLE, re.MULTILINE)) == required()
    read = set(re.findall(r"env\.\w+\(\s*\"([A-Z_]+)\"", SETTINGS))
    for name in OURS - {"proxy"}:
        assert set(SERVICES[name]["environment"]) - {"LANG"} <= read
    caddy = (ROOT / "docker" / "Caddyfile").read_text(encoding="utf-8")
    assert set(SERVICES["proxy"]["environment"]) <= set(re.findall(r"\{\$([A-Z_]+)", caddy))


def test_what_is_missing_is_said() -> None:
    for name in required():
        with pytest.raises(KeyError, match=f"Set {name} in .env"):
            services(dict.fromkeys(required() - {name}, "x"))


def started(program: Program) -> list[str]:
    return ["python" if part == sys.executable else part for part in program.command]


@pytest.mark.parametrize(
    ("name", "program"),
    [
        ("web", programs.web("0.0.0.0", 8000)),
        *((f"worker-{lane}", programs.worker(lane)) for lane in ("ledger", "pictures", "training")),
        ("beat", programs.clock()),
    ],
)
def test_a_program_is_started_as_start_does(name: str, program: Any) -> None:
    assert SERVICES[name]["command"] == started(program)
    # An orderly stop is given at least as long as `start` gives it.
    assert int(SERVICES[name]["stop_grace_period"].removesuffix("s")) >= program.grace_s


def test_every_lane_of_start_has_a_worker() -> None:
    assert {f"worker-{lane}" for lane in programs.LANES} <= set(SERVICES)
