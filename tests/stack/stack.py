"""The compose stack as processes on loopback, started by the very commands of docker-compose.yml."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import psycopg
import redis
import requests

from tests.house.tree import ROOT
from tests.installation import family
from tests.services import free_port, wait_until
from tests.stack.compose import services

APP = "tests.stack.brisk_app"
PASSWORD = re.compile(r"contraseña +(\S+)")
PATIENCE_S = 240.0
# name of a program -> its service; two for the pictures, as `--scale worker-pictures=2` has.
PROGRAMS = {
    "web": "web",
    "worker-ledger": "worker-ledger",
    "worker-pictures-1": "worker-pictures",
    "worker-pictures-2": "worker-pictures",
    "worker-training": "worker-training",
    "beat": "beat",
}

ACCOUNT = """
import sys
from webapp.accounts.models import User
from webapp.accounts.services import account_create
name, role = sys.argv[1:]
clinic = User.objects.get(username="admin").clinic
print(account_create(clinic=clinic, username=name, role=role, must_change_password=False)[1])
"""


@dataclass
class Stack:
    """Redis and all programs of ours; PostgreSQL is the test session's."""

    folder: Path
    database_url: str
    redis_port: int = field(default_factory=free_port)
    web_port: int = field(default_factory=free_port)
    first_password: str = ""
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.web_port}"

    @property
    def var(self) -> Path:
        return self.folder / "var"

    def environment(self, name: str, service: str = "") -> dict[str, str]:
        """What compose would give the program, with the addresses of this computer; plain http."""
        given = services()[service or PROGRAMS.get(name, name)].get("environment", {})
        here = {
            "DATABASE_URL": self.database_url,
            "BROKER_URL": f"redis://127.0.0.1:{self.redis_port}/0",
            "CACHE_URL": f"redis://127.0.0.1:{self.redis_port}/1",
            "MEDULA_VAR": str(self.var),
            "MEDULA_ALIVE_FILE": str(self.alive(name)),
            "MEDULA_HTTPS": "false",
            "MEDULA_PATH": "fp32",
            "DJANGO_SETTINGS_MODULE": "webapp.settings",
            "PYTHONPATH": str(ROOT),
        }
        images = {"PYTHONUTF8": "1", "MEDULA_NO_VENV": "1"}
        inherited = {key: os.environ[key] for key in ("PATH", "HOME", "TMPDIR") if key in os.environ}
        return {**inherited, **images, **given, **here}

    def alive(self, name: str) -> Path:
        return self.folder / f"alive-{name}"

    def command(self, name: str) -> list[str]:
        own = {"python": sys.executable, "worker.app": APP, "0.0.0.0:8000": f"127.0.0.1:{self.web_port}"}
        command = [own.get(part, part) for part in services()[PROGRAMS.get(name, name)]["command"]]
        if name == "redis":
            command[command.index("/data")] = str(self.folder)
            command += ["--port", str(self.redis_port), "--bind", "127.0.0.1"]
        return command

    def start(self, name: str, command: list[str] | None = None, *, service: str = "", **more: str) -> None:
        with (self.folder / f"{name}.log").open("ab") as log:
            self.running[name] = subprocess.Popen(
                command or self.command(name),
                env={**self.environment(name, service), **more}, cwd=ROOT, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip
        if name == "redis":
            with redis.Redis(port=self.redis_port) as client:
                wait_until(lambda: _pings(client), "Redis answers", PATIENCE_S)

    def begin(self) -> None:
        """As `docker compose up` does, each after what it depends on."""
        self.start("redis")
        (self.first_password,) = PASSWORD.findall(self.prepare())
        self.whole()

    def prepare(self) -> str:
        """What `init` does, without the demo; what it printed."""
        done = subprocess.run(
            [*self.command("init"), "--no-demo"],
            env=self.environment("init"), cwd=ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    def whole(self) -> None:
        """Start whatever does not run, as Docker restarts it, and wait until all of it is well."""
        for name in ("redis", *PROGRAMS):
            process = self.running.get(name)
            if process is None or process.poll() is not None:
                self.alive(name).unlink(missing_ok=True)
                self.start(name)
        wait_until(lambda: _answers(f"{self.address}/health/"), "the web answers", PATIENCE_S)
        for name in PROGRAMS:
            if name != "web":
                wait_until(lambda name=name: self.turns(name), f"{name} turns", PATIENCE_S)

    def turns(self, name: str) -> bool:
        ended = self.running[name].poll()
        assert ended is None, f"{name} ended with {ended}"
        return self.alive(name).exists()

    def family(self, name: str) -> list[psutil.Process]:
        return family(self.running[name].pid)

    def signal(self, name: str, number: int) -> None:
        """To a program and all its children at once, as to a container."""
        for process in self.family(name):
            try:
                process.send_signal(number)
            except psutil.NoSuchProcess:
                continue

    def kill(self, name: str) -> None:
        """kill -9 of everything in the program's container."""
        killed = self.family(name)
        self.signal(name, signal.SIGKILL)
        self.running.pop(name).wait(60)
        wait_until(lambda: not any(map(_runs, killed)), f"{name} is gone", 60)

    def end(self) -> None:
        for name in list(self.running):
            self.kill(name)

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.database_url) as server:
            return server.execute(sql.encode()).fetchall()

    def python(self, code: str, *arguments: str) -> str:
        """Run code after django.setup(), as an installation's owner may; what it printed."""
        command = [sys.executable, "-c", f"import django; django.setup()\n{code}", *arguments]
        done = subprocess.run(
            command, env=self.environment("web"), cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def sign_in(self, username: str = "admin", password: str = "") -> Browser:
        browser = Browser(self.address)
        browser.post("/accounts/login/", login=username, password=password or self.first_password)
        assert "medula_session" in browser.session.cookies, "signed in"
        return browser

    def account(self, username: str, role: str) -> str:
        """A person of the first laboratory, as its administrator makes one; the password."""
        return self.python(ACCOUNT, username, role)

    def logs(self) -> str:
        """The end of every program's log, for a story that went wrong."""
        texts = []
        for path in sorted(self.folder.glob("*.log")):
            texts.append(f"=== {path.name}\n{path.read_text(encoding='utf-8', errors='replace')[-4000:]}")
        return "\n".join(texts)


class Browser:
    """A person's browser without the pictures: cookies, forms, and nothing of our code."""

    def __init__(self, address: str, verify: str | bool = True) -> None:
        self.address = address
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.verify = verify
        self.session.headers["Accept-Language"] = "es"

    def get(self, path: str, **more: Any) -> requests.Response:
        answer = self.session.get(self.address + path, timeout=120, **more)
        answer.raise_for_status()
        return answer

    def post(
        self, path: str, files: list[Any] | None = None, form: str = "", **fields: Any
    ) -> requests.Response:
        """Open the page that has the form (`form`, else `path` itself), then send it."""
        self.get(form or path)
        answer = self.session.post(
            self.address + path,
            data={**fields, "csrfmiddlewaretoken": self.session.cookies.get("medula_csrf", "")},
            files=files,
            headers={"Referer": self.address + path, "Accept": "application/json" if files else "text/html"},
            timeout=120,
        )
        answer.raise_for_status()
        return answer

    def new_case(self, patient_code: str) -> tuple[str, str]:
        """A new case: its page's path, and where its first biopsy takes pictures."""
        page = self.post(
            "/cases/new/",
            patient_code=patient_code,
            specimen="aspirate_smear",
            stain="giemsa",
            diagnosis="unknown",
        )
        (door,) = set(re.findall(r"/biopsies/[0-9a-f-]{36}/images/", page.text))
        return page.url.removeprefix(self.address), door

    def upload(self, case: str, door: str, pictures: dict[str, bytes]) -> list[str]:
        """Hand in pictures, one a request as the page does; what was answered about each."""
        states = []
        for name, content in pictures.items():
            answer = self.post(door, files=[("files", (name, content))], form=case)
            states += [one["state"] for one in answer.json()["files"]]
        return states


def _runs(process: psutil.Process) -> bool:
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def _pings(client: redis.Redis) -> bool:
    try:
        return bool(client.ping())
    except redis.ConnectionError:
        return False


def _answers(address: str) -> bool:
    try:
        return requests.get(address, timeout=5).ok
    except requests.RequestException:
        return False
