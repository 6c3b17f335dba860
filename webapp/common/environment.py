"""The environment, read with types: a bad value stops the start and names itself. Standard library only."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

YES = frozenset({"1", "true", "yes", "on", "si", "sí"})
NO = frozenset({"0", "false", "no", "off", ""})


class SettingError(Exception):
    """A setting that cannot be used; the message names it, its value and what would be right."""


class Environment:
    """Reads named values out of a mapping (os.environ unless told)."""

    def __init__(self, values: Mapping[str, str] | None = None) -> None:
        self.values = os.environ if values is None else values

    def text(self, name: str, default: str) -> str:
        return self.values.get(name, "").strip() or default

    def choice(self, name: str, default: str, allowed: tuple[str, ...]) -> str:
        value = self.text(name, default)
        if value not in allowed:
            raise SettingError(f"{name}={value!r}: use one of {', '.join(allowed)}.")
        return value

    def yes(self, name: str, default: bool) -> bool:
        if name not in self.values:
            return default
        value = self.values[name].strip().lower()
        if value in YES:
            return True
        if value in NO:
            return False
        raise SettingError(f"{name}={value!r}: use true or false.")

    def whole(self, name: str, default: int, *, least: int) -> int:
        value = self.text(name, str(default))
        try:
            number = int(value)
        except ValueError:
            raise SettingError(f"{name}={value!r}: use a whole number.") from None
        if number < least:
            raise SettingError(f"{name}={value!r}: the least is {least}.")
        return number

    def names(self, name: str, default: str) -> list[str]:
        return [part.strip() for part in self.text(name, default).split(",") if part.strip()]

    def folder(self, name: str, default: Path) -> Path:
        path = Path(self.text(name, str(default))).expanduser()
        if path.exists() and not path.is_dir():
            raise SettingError(f"{name}={str(path)!r}: this is a file, a folder is needed.")
        return path.resolve()

    def url(self, name: str, default: str, schemes: tuple[str, ...]) -> str:
        value = self.text(name, default)
        if value and urlsplit(value).scheme not in schemes:
            raise SettingError(f"{name}={_hidden(value)!r}: it must begin with {' or '.join(schemes)}.")
        return value


def database(url: str, *, name: str = "DATABASE_URL") -> dict[str, object]:
    """Django's DATABASES entry of `sqlite:///file.sqlite3` or `postgresql://user:word@host:port/base`."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise SettingError(f"{name}={_hidden(url)!r}: the address cannot be read.") from None
    if parts.scheme == "sqlite":
        return _sqlite(unquote(parts.path)[1:], name)
    if parts.scheme not in {"postgresql", "postgres"}:
        raise SettingError(f"{name}={_hidden(url)!r}: it must begin with sqlite:/// or postgresql://.")
    base = unquote(parts.path.lstrip("/"))
    if not base:
        raise SettingError(f"{name}={_hidden(url)!r}: the name of the database is missing.")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": base,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or ""),
        "PORT": str(port or ""),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"connect_timeout": 5, **dict(parse_qsl(parts.query))},
    }


def _sqlite(path: str, name: str) -> dict[str, object]:
    if not path:
        raise SettingError(f"{name}: sqlite:/// needs the path of a file after it.")
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": path,
        # Writers queue for the lock at BEGIN instead of failing in the middle of a transaction.
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
        },
    }


def secret_key(path: Path) -> str:
    """The installation's own key, made at first use, readable by its owner only."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(64))
        try:
            os.link(draft, path)  # fails where another process was first: then its key is ours too
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    key = path.read_text().strip()
    if len(key) < 32:
        raise SettingError(f"{path}: the secret key is too short. Delete the file and start again.")
    return key


def _hidden(url: str) -> str:
    """The address without its password: messages end in logs."""
    head, at, tail = url.rpartition("@")
    if not at or "://" not in head:
        return url
    scheme, _, who = head.partition("://")
    return f"{scheme}://{who.split(':')[0]}:***@{tail}"
