"""`manage.py start`: one command from a checkout to a page that answers, and Ctrl-C to end it all."""

from __future__ import annotations

import signal
import sys
import threading
import time
import urllib.error
import urllib.request
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import connection

from webapp.accounts.services import FIRST_USERNAME
from webapp.bootstrap.ports import DEFAULT_HOST, DEFAULT_PORT, check_address, port_number
from webapp.bootstrap.words import Refusal, words
from webapp.common.addresses import network_addresses, url
from webapp.common.instance import only_one
from webapp.common.processes import end_left_behind
from webapp.common.supervisor import Supervisor
from webapp.jobs.leases import this_host
from webapp.jobs.services import leases_free
from webapp.portal.preparation import prepare
from webapp.portal.programs import programs

LEFTOVER_GRACE_S = 5.0
WEB_PATIENCE_S = 30


class Command(BaseCommand):
    help = words("start_help")
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default=DEFAULT_HOST, help=words("host_help"))
        parser.add_argument("--port", default=str(DEFAULT_PORT), help=words("port_help"))
        parser.add_argument("--no-demo", action="store_true", help=words("no_demo_help"))

    def handle(self, *args: Any, **options: Any) -> None:
        began = time.monotonic()
        # Until the supervisor listens for it, a kill or a closed terminal ends this as Ctrl-C does.
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.default_int_handler)
        try:
            host, port = options["host"], port_number(options["port"])
            run_folder = Path(settings.MEDULA_VAR) / "run"
            with only_one(run_folder, url(host, port)):
                ended = end_left_behind(run_folder, grace_s=LEFTOVER_GRACE_S)
                if ended:
                    self.say("leftovers", count=ended)
                check_address(host, port)
                prepare(self.say, demo=not options["no_demo"])
                leases_free(owner=this_host())
                connection.close()
                supervise(self, host, port, run_folder, began)
        except Refusal as refusal:
            self.stderr.write(str(refusal))
            sys.exit(1)
        except KeyboardInterrupt:
            self.say("ended")
            sys.exit(130)

    def say(self, key: str, **params: object) -> None:
        self.stdout.write(words(key, **params))
        self.stdout.flush()


def supervise(command: Command, host: str, port: int, run_folder: Path, began: float) -> None:
    """Run until someone ends it, and say when the first page can be opened."""
    command.say("starting")
    log_folder = Path(settings.MEDULA_VAR) / "log"
    log_folder.mkdir(parents=True, exist_ok=True)
    supervisor = Supervisor(
        programs(host, port), run_folder=run_folder, log_folder=log_folder, say=command.say
    )
    herald = threading.Thread(target=announce, args=(command, host, port, log_folder, began), daemon=True)
    herald.start()
    supervisor.run()


def announce(command: Command, host: str, port: int, log_folder: Path, began: float) -> None:
    """Print the address once a page answers there, not before."""
    address = url(host, port)
    deadline = time.monotonic() + WEB_PATIENCE_S
    while not answers(f"{address}health/"):
        if time.monotonic() > deadline:
            command.say("slow_web", seconds=WEB_PATIENCE_S, log=log_folder / "web.log")
            deadline = float("inf")
        time.sleep(0.1)
    command.say("open", address=address, seconds=time.monotonic() - began)
    others = [url(name.strip("[]"), port) for name in network_addresses(host)]
    if others:
        command.say("open_also", addresses="  ".join(others))
    command.say("sign_in", username=FIRST_USERNAME)
    command.say("how_to_end", log=log_folder)


def answers(address: str) -> bool:
    """Whether a web server says anything at all there."""
    # No proxy: it is this very computer that is asked.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(address, timeout=5):
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
