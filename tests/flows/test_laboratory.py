"""A laboratory hands in a folder while the server is killed and comes back: nothing lost, nothing twice."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.flows.laboratory import PICTURES, Laboratory, all_is_there_once, draw
from tests.installation import Installation, family
from tests.services import free_port, wait_until

SET_UP = """
from webapp.accounts.models import User
from webapp.accounts.services import clinic_create
from webapp.accounts.tokens import token_create
from webapp.registry.services import bundles_register
from django.core.management import call_command
call_command("collectstatic", "--noinput", verbosity=0)
bundles_register()
user = User.objects.create_user("lab", clinic=clinic_create(name="Laboratorio del Norte"))
print(token_create(user=user, name="microscope", scopes=["read", "upload"], days=1)[1])
"""


class Site:
    """An installation with a server at an address that stays the same."""

    def __init__(self, folder: Path) -> None:
        self.made = Installation(folder / "var", f"sqlite:///{folder}/ledger.sqlite3")
        self.made.migrate()
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.laboratory = Laboratory(self.made, self.address, self.made.python(SET_UP).splitlines()[-1])

    def serve(self) -> subprocess.Popen[bytes]:
        command = ["-m", "gunicorn", "webapp.wsgi", "--worker-class", "gthread", "--threads", "4"]
        bind = ["--bind", f"127.0.0.1:{self.port}", "--no-control-socket"]
        server = self.made._start([sys.executable, *command, *bind])
        wait_until(self.answers, f"the server answers\n{self.made.log()}", 120)
        return server

    def answers(self) -> bool:
        try:
            return requests.get(f"{self.address}/health/", timeout=5).status_code == 200
        except requests.RequestException:
            return False


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    found = Site(tmp_path)
    yield found
    found.made.kill_all()


@pytest.mark.timeout(1200)
def test_a_folder_is_analysed_once_although_the_server_is_killed_in_the_middle(
    site: Site, tmp_path: Path
) -> None:
    folder = draw(tmp_path / "lunes")
    server = site.serve()
    site.made.start_worker("pictures")
    laboratory = site.laboratory
    upload = laboratory.start(*laboratory.upload(folder))
    laboratory.wait_for_some(upload)
    for process in family(server.pid):
        process.kill()
    server.wait(10)
    assert not site.answers()
    site.serve()
    all_is_there_once(laboratory, laboratory.ended(upload), folder, tmp_path / "resultados")
    assert site.made.states() == {"succeeded": 2 * PICTURES}
