from __future__ import annotations

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from webapp.common.environment import Environment, SettingError, database, secret_key


def test_values_are_read_with_their_types(tmp_path: Path) -> None:
    env = Environment({"A": "yes", "B": "12", "C": "x, y,", "D": str(tmp_path), "E": ""})
    assert env.yes("A", False) is True
    assert env.yes("MISSING", True) is True
    assert env.whole("B", 1, least=0) == 12
    assert env.names("C", "z") == ["x", "y"]
    assert env.folder("D", Path("/")) == tmp_path
    assert env.text("E", "default") == "default"


@pytest.mark.parametrize(
    ("name", "value"),
    [("FLAG", "perhaps"), ("NUMBER", "many"), ("NUMBER", "-1"), ("WORD", "fr"), ("URL", "amqp://there")],
)
def test_a_bad_value_names_itself(name: str, value: str) -> None:
    env = Environment({name: value})
    with pytest.raises(SettingError) as caught:
        {
            "FLAG": lambda: env.yes("FLAG", False),
            "NUMBER": lambda: env.whole("NUMBER", 1, least=0),
            "WORD": lambda: env.choice("WORD", "es", ("es", "en")),
            "URL": lambda: env.url("URL", "", ("redis", "filesystem")),
        }[name]()
    assert name in str(caught.value)
    assert value in str(caught.value)


def test_a_bad_setting_stops_the_start_and_says_which(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import webapp.settings"],
        env={"MEDULA_HTTPS": "perhaps", "MEDULA_VAR": str(tmp_path), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "MEDULA_HTTPS='perhaps'" in done.stderr


def test_a_postgresql_address_is_taken_apart() -> None:
    entry = database("postgresql://ana:p%40ss@db.local:5433/medula?sslmode=require")
    assert entry["ENGINE"] == "django.db.backends.postgresql"
    assert [entry[key] for key in ("NAME", "USER", "PASSWORD", "HOST", "PORT")] == [
        "medula",
        "ana",
        "p@ss",
        "db.local",
        "5433",
    ]
    assert entry["OPTIONS"] == {"connect_timeout": 5, "sslmode": "require"}


def test_a_sqlite_address_waits_for_its_turn_to_write() -> None:
    entry = database("sqlite:////srv/medula data/base.sqlite3")
    assert entry["NAME"] == "/srv/medula data/base.sqlite3"
    options = entry["OPTIONS"]
    assert isinstance(options, dict)
    assert options["transaction_mode"] == "IMMEDIATE"
    assert "journal_mode=WAL" in options["init_command"]


@pytest.mark.parametrize(
    "url", ["mysql://a:secret@b/c", "postgresql://a:secret@b", "postgresql://a:secret@b:port/c"]
)
def test_a_database_that_cannot_be_used_is_named_without_its_password(url: str) -> None:
    with pytest.raises(SettingError) as caught:
        database(url)
    assert "DATABASE_URL" in str(caught.value)
    assert "secret" not in str(caught.value)


def test_the_secret_key_is_made_once_and_is_its_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "new" / "secret_key"
    key = secret_key(path)
    assert len(key) >= 64
    assert secret_key(path) == key
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [p.name for p in path.parent.iterdir()] == ["secret_key"]


def test_a_secret_key_that_is_too_short_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "secret_key"
    path.write_text("short")
    with pytest.raises(SettingError, match="too short"):
        secret_key(path)
