"""Fetches pip itself for a Python that comes without it (Debian and Ubuntu without python3-venv).

So that a person who may not install system packages needs none: the wheel named in
requirements/installer.txt is read from the same index pip would use, checked, and run from the file.
"""

from __future__ import annotations

import configparser
import hashlib
import os
import re
import ssl
import subprocess
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

from webapp.bootstrap.words import Refusal

REQUIREMENTS = Path(__file__).resolve().parents[2] / "requirements" / "installer.txt"
PYPI = "https://pypi.org/simple"


def index_url() -> str:
    """The package index of this person or institution: PIP_INDEX_URL, else pip.conf, else PyPI."""
    if os.environ.get("PIP_INDEX_URL"):
        return os.environ["PIP_INDEX_URL"]
    return _configured("index-url") or PYPI


def index_name() -> str:
    """The index without a user name or password in it, fit to be printed."""
    parts = urllib.parse.urlsplit(index_url())
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


def install(python: Path, scratch: Path, log: Path) -> None:
    """Put pip into the environment of `python`, which has none."""
    try:
        wheel = fetch(scratch)
    except (OSError, urllib.error.URLError, LookupError) as error:
        with log.open("a", encoding="utf-8") as output:
            output.write(f"fetching pip: {error!r}\n")
        raise Refusal("no_pip", index=index_name()) from None
    command = [
        str(python), "-I", f"{wheel}/pip", "install", "--no-input", "--disable-pip-version-check",
        "--no-index", "--find-links", str(wheel.parent), "--require-hashes",
        "--requirement", str(REQUIREMENTS),
    ]  # fmt: skip
    with log.open("ab") as output:
        subprocess.run(command, stdout=output, stderr=output, check=True, env={**os.environ, "PIP_USER": "0"})


def fetch(folder: Path) -> Path:
    """Download the wheel of requirements/installer.txt into `folder`; LookupError when it is not offered."""
    text = REQUIREMENTS.read_text("utf-8")
    version = re.search(r"^pip==(\S+)", text, re.MULTILINE)
    if version is None:
        raise LookupError("requirements/installer.txt names no pip")
    name = f"pip-{version[1]}-py3-none-any.whl"
    page_url = index_url().rstrip("/") + "/pip/"
    page = _read(page_url).decode("utf-8", errors="replace")
    links = [link for link in re.findall(r'href="([^"]+)"', page) if f"/{name}" in f"/{link}"]
    if not links:
        raise LookupError(f"{name} is not in the index")
    data = _read(urllib.parse.urljoin(page_url, links[0].replace("&amp;", "&").partition("#")[0]))
    if hashlib.sha256(data).hexdigest() not in text:
        raise LookupError(f"{name} has another sha256 than requirements/installer.txt says")
    target = folder / name
    target.write_bytes(data)
    return target


def _read(url: str) -> bytes:
    """The bytes behind a URL; proxies come from the environment, a certificate from pip's settings."""
    parts = urllib.parse.urlsplit(url)
    headers = {"Accept": "text/html"}
    if parts.username:
        manager = urllib.request.HTTPPasswordMgrWithDefaultRealm()
        url = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
        manager.add_password(None, url, urllib.parse.unquote(parts.username), parts.password or "")
        login = [urllib.request.HTTPBasicAuthHandler(manager)]
    else:
        login = []
    certificate = os.environ.get("PIP_CERT") or _configured("cert") or os.environ.get("REQUESTS_CA_BUNDLE")
    secure = urllib.request.HTTPSHandler(context=ssl.create_default_context(cafile=certificate))
    opener = urllib.request.build_opener(secure, *login)
    with opener.open(urllib.request.Request(url, headers=headers), timeout=30) as answer:
        return bytes(answer.read())


def _configured(option: str) -> str | None:
    """A setting of pip.conf, from the places pip reads, the later one winning."""
    home = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    places = [Path("/etc/pip.conf"), Path.home() / ".pip" / "pip.conf", home / "pip" / "pip.conf"]
    places.append(Path.home() / "Library" / "Application Support" / "pip" / "pip.conf")
    if os.environ.get("PIP_CONFIG_FILE"):
        places.append(Path(os.environ["PIP_CONFIG_FILE"]))
    parser = configparser.RawConfigParser(strict=False)
    parser.read(places, encoding="utf-8")
    for section in ("install", "global"):
        if parser.has_option(section, option):
            return str(parser.get(section, option))
    return None
