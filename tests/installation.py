"""A whole installation in a folder: its database, its bell, its real processes. For tests that kill them."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import psycopg

from tests.services import PATIENCE_S, wait_until

ROOT = Path(__file__).resolve().parent.parent


@dataclass
class Installation:
    """Started and stopped like a real one; its ledger is read from outside, by SQL, as a stranger would."""

    var: Path
    database_url: str
    broker_url: str = "filesystem://"
    celery_app: str = "worker.app"
    extra: dict[str, str] = field(default_factory=dict)
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "webapp.settings",
            "MEDULA_VAR": str(self.var),
            "MEDULA_STORAGE": str(self.var / "storage"),
            "DATABASE_URL": self.database_url,
            "BROKER_URL": self.broker_url,
            # the reference, whatever this machine is fastest with
            "MEDULA_PATH": "fp32",
            "PYTHONPATH": str(ROOT),
            **self.extra,
        }

    def python(self, code: str, *arguments: str) -> str:
        """Run code after django.setup(); returns what it printed."""
        command = [sys.executable, "-c", f"import django; django.setup()\n{code}", *arguments]
        done = subprocess.run(command, env=self.environment, cwd=ROOT, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def start_python(self, code: str, *arguments: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-c", f"import django; django.setup()\n{code}", *arguments]
        return self._start(command, stdout=subprocess.PIPE)

    def migrate(self) -> None:
        self.python("from django.core.management import call_command as c; c('migrate', verbosity=0)")

    def start_worker(self, lane: str) -> subprocess.Popen[bytes]:
        return self._celery("worker", "-Q", lane, "-n", f"{lane}@%h")

    def start_beat(self) -> subprocess.Popen[bytes]:
        return self._celery("beat")

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        if self.database_url.startswith("sqlite"):
            with closing(sqlite3.connect(self.database_url.removeprefix("sqlite:///"), timeout=20)) as file:
                return file.execute(sql).fetchall()
        with psycopg.connect(self.database_url) as server:
            return server.execute(sql.encode()).fetchall()

    def states(self) -> dict[str, int]:
        """How many jobs there are in each state."""
        return {
            state: int(n) for state, n in self.query("SELECT state, count(*) FROM jobs_job GROUP BY state")
        }

    def wait_for(self, sql: str, rows: list[tuple[Any, ...]], timeout_s: float = PATIENCE_S) -> None:
        try:
            wait_until(lambda: self.query(sql) == rows, f"{sql} gives {rows}", timeout_s)
        except AssertionError as late:
            raise AssertionError(f"{late}; it gives {self.query(sql)}\n{self.log()}") from None

    def log(self) -> str:
        path = self.var / "processes.log"
        return path.read_text(errors="replace")[-8000:] if path.exists() else ""

    def kill_all(self) -> None:
        """kill -9 of every process at once, children first-hand too, as a power cut would."""
        tree = [child for process in self.processes for child in family(process.pid)]
        for process in tree:
            try:
                process.send_signal(signal.SIGKILL)
            except psutil.NoSuchProcess:
                continue
        psutil.wait_procs(tree, timeout=60)
        for process in self.processes:
            process.wait(60)
            if process.stdout is not None:
                process.stdout.close()
        self.processes.clear()

    def _celery(self, *arguments: str) -> subprocess.Popen[bytes]:
        return self._start([sys.executable, "-m", "celery", "-A", self.celery_app, *arguments])

    def _start(self, command: list[str], stdout: int | None = None) -> subprocess.Popen[bytes]:
        self.var.mkdir(parents=True, exist_ok=True)
        with (self.var / "processes.log").open("ab") as log:
            process = subprocess.Popen(
                command, env=self.environment, cwd=ROOT, stdout=stdout or log, stderr=log
            )
        self.processes.append(process)
        return process


def family(pid: int) -> list[psutil.Process]:
    """A process and all its descendants."""
    try:
        parent = psutil.Process(pid)
        return [parent, *parent.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []
