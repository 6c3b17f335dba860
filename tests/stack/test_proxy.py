"""The proxy of the compose stack before the real web: TLS, addresses, large bodies. Needs Caddy."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator

import pytest
import requests

from tests.house.tree import ROOT
from tests.services import free_port, wait_until
from tests.stack.compose import services
from tests.stack.stack import Browser, Stack

pytestmark = pytest.mark.timeout(1200)
DOMAIN = "localhost"


@pytest.fixture
def door(stack: Stack) -> Iterator[Browser]:
    """A browser that trusts the proxy's own authority, and knows only the proxy's address."""
    program = shutil.which("caddy")
    if program is None:
        pytest.skip("Caddy is not installed (Debian: apt-get install caddy)")
    web_port, http, https, health = (free_port() for _ in range(4))
    command = stack.command("web")
    command[command.index("--bind") + 1] = f"127.0.0.1:{web_port}"
    tls = {"MEDULA_HTTPS": "true", "MEDULA_ALLOWED_HOSTS": "localhost,127.0.0.1"}
    stack.start("web-behind", command, service="web", **tls)
    own = {"caddy": program, "/etc/caddy/Caddyfile": str(ROOT / "docker" / "Caddyfile")}
    stack.start(
        "proxy",
        [own.get(part, part) for part in services()["proxy"]["command"]],
        MEDULA_DOMAIN=DOMAIN,
        MEDULA_TLS="internal",
        MEDULA_PROXY_BODY="30MB",
        MEDULA_UPSTREAM=f"127.0.0.1:{web_port}",
        MEDULA_PROXY_HTTP=str(http),
        MEDULA_PROXY_HTTPS=str(https),
        MEDULA_PROXY_HEALTH=str(health),
        XDG_DATA_HOME=str(stack.folder),
        XDG_CONFIG_HOME=str(stack.folder),
    )
    root = stack.folder / "caddy" / "pki" / "authorities" / "local" / "root.crt"
    try:
        wait_until(root.exists, f"the proxy has made its authority\n{stack.logs()}", 120)
        browser = Browser(f"https://{DOMAIN}:{https}", verify=str(root))
        wait_until(lambda: _answers(browser), "the proxy answers", 120)
        assert requests.get(f"http://127.0.0.1:{health}/", timeout=5).text == "ok"
        plain = requests.get(f"http://{DOMAIN}:{http}/health/", timeout=5, allow_redirects=False)
        assert plain.is_redirect and plain.headers["Location"].startswith(f"https://{DOMAIN}")
        yield browser
    finally:
        stack.kill("proxy")
        stack.kill("web-behind")


def test_through_the_proxy_a_person_signs_in_and_hands_in_a_picture(
    stack: Stack, door: Browser, pictures: Callable[[int, int], dict[str, bytes]]
) -> None:
    answer = door.post("/accounts/login/", login="admin", password=stack.first_password)
    assert answer.url == f"{door.address}/"
    cookies = {cookie.name: cookie for cookie in door.session.cookies}
    assert cookies["medula_session"].secure
    assert "max-age" in answer.headers["Strict-Transport-Security"]
    case, upload = door.new_case("P-PROXY")
    assert door.upload(case, upload, pictures(4, 1)) == ["created"]
    # Far over what the web keeps in memory, and no picture: refused by the web in words, not by the proxy.
    assert door.upload(case, upload, {"grande.png": os.urandom(20 * 2**20)}) == ["refused"]


def test_a_body_over_the_limit_is_cut_off_and_nobody_else_notices(door: Browser) -> None:
    door.get("/accounts/login/")
    try:
        answer = door.session.post(
            f"{door.address}/accounts/login/",
            data={"csrfmiddlewaretoken": door.session.cookies["medula_csrf"]},
            files={"files": ("grande.png", bytes(40 * 2**20))},
            headers={"Referer": f"{door.address}/accounts/login/"},
            timeout=120,
        )
    except requests.ConnectionError:  # whoever goes on sending does not hear the answer
        pass
    else:
        assert answer.status_code in {413, 502}
    assert door.get("/accounts/login/").ok


def _answers(browser: Browser) -> bool:
    try:
        return browser.get("/health/").ok
    except requests.RequestException:
        return False
