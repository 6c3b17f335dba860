"""What `start` keeps running: the web server, one worker a lane, the clock."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

from django.conf import settings

from webapp.common.addresses import allowed_hosts, in_url
from webapp.common.supervisor import Program

LANES = ("ledger", "pictures")
STEPS_BACK = "MEDULA_STEPS_BACK"
DEVICES = Path("/dev")
WEB_PROCESSES = 2
WEB_THREADS = 8


def programs(host: str, port: int) -> list[Program]:
    """In the order in which they are started and ended."""
    return [web(host, port), *(worker(lane) for lane in LANES), training(), clock()]


def web(host: str, port: int) -> Program:
    """gunicorn with threads: a slow download holds up nobody else."""
    command = [
        sys.executable, "-m", "gunicorn", "webapp.wsgi:application",
        "--bind", f"{in_url(host)}:{port}",
        "--worker-class", "gthread",
        "--workers", str(WEB_PROCESSES),
        "--threads", str(WEB_THREADS),
        "--timeout", "120",
        "--graceful-timeout", "5",
        "--name", "medula-web",
        "--no-control-socket",
    ]  # fmt: skip
    hosts = os.environ.get("MEDULA_ALLOWED_HOSTS") or ",".join(allowed_hosts(host))
    return Program("web", command, {**common(), "MEDULA_ALLOWED_HOSTS": hosts})


def training() -> Program:
    """The worker of trainings. Where there is a GPU it is the GPU's: it takes both lanes, and no job moves.

    It steps back behind the pictures on the processor, so that a clinician never waits for a training.
    """
    if has_gpu():
        return worker("gpu", "gpu,training", {STEPS_BACK: "1"})
    return worker("training", environment={STEPS_BACK: "1"})


def has_gpu() -> bool:
    """Whether NVIDIA's driver shows a device here. TensorFlow is not asked: this process must not hold it."""
    return any(re.fullmatch(r"nvidia\d+", entry.name) for entry in DEVICES.glob("nvidia*"))


def worker(lane: str, queues: str = "", environment: dict[str, str] | None = None) -> Program:
    """One Celery worker with one child, which does one job at a time."""
    command = [
        sys.executable, "-m", "celery", "--app", "worker.app", "worker",
        "--queues", queues or lane,
        "--hostname", f"{lane}@%h",
        "--loglevel", settings.LOG_LEVEL,
    ]  # fmt: skip
    # An idle Celery worker takes six seconds to end; one at work must also hand its job back.
    return Program(f"worker-{lane}", command, {**common(), **(environment or {})}, grace_s=15.0)


def clock() -> Program:
    """Celery's beat: calls the sweep. It keeps nothing between starts."""
    celery = [sys.executable, "-m", "celery", "--app", "worker.app"]
    return Program("beat", [*celery, "beat", "--loglevel", "WARNING", "--pidfile="], common())


def common() -> dict[str, str]:
    """The children find the project wherever `start` was called from, and show each line at once."""
    return {
        "PYTHONPATH": str(Path(settings.BASE_DIR)),
        "PYTHONUNBUFFERED": "1",
        "DJANGO_SETTINGS_MODULE": "webapp.settings",
    }
