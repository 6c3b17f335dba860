"""The embedded bell under load: several writers and readers, no message empty, lost or doubled."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.faults.test_races import race
from tests.installation import Installation
from tests.services import wait_until

pytestmark = pytest.mark.timeout(900)
# Long messages keep a careless writer busy between opening the file and its last byte.
MESSAGES, WRITERS, LENGTH = 40, 2, 2_000_000
CONNECT = """
import sys, time
from pathlib import Path
from queue import Empty
from kombu import Connection
from webapp.jobs.broker import broker_settings
found = broker_settings()
connection = Connection(
    transport=found["broker_transport"], transport_options=found["broker_transport_options"]
)
channel = connection.default_channel
folder, me = Path(sys.argv[1]), sys.argv[2]
(folder / f"ready-{me}").touch()
while not (folder / "start").exists():
    time.sleep(0.01)
"""
WRITE = (
    f"for n in range({MESSAGES}): channel._put('pictures', {{'n': f'{{me}}-{{n}}', 'long': 'x' * {LENGTH}}})"
)
READ = f"""
ends = time.monotonic() + 240
heard = 0
while not (folder / "enough").exists() and time.monotonic() < ends:
    try:
        message = channel._get("pictures")
    except Empty:
        continue
    assert len(message["long"]) == {LENGTH}
    print(message["n"])
    heard += 1
    with (folder / "heard").open("ab") as file:
        file.write(b"1")
    if (folder / "heard").stat().st_size >= {MESSAGES * WRITERS}:
        (folder / "enough").touch()
"""
BOTH = f"{CONNECT}\nif me.startswith('writer'):\n    {WRITE}\nelse:\n" + "\n".join(
    f"    {line}" for line in READ.splitlines()
)


def test_no_message_is_empty_lost_or_heard_twice(embedded: Installation, tmp_path: Path) -> None:
    names = ["writer-1", "writer-2", "reader-1", "reader-2"]
    lines = race(embedded, tmp_path / "race", BOTH, names)
    heard = Counter(lines["reader-1"] + lines["reader-2"])
    assert set(heard.values()) == {1}
    assert len(heard) == MESSAGES * WRITERS
    assert "damaged" not in embedded.log()
    assert list((embedded.var / "broker" / "messages").iterdir()) == []


def test_the_clock_goes_on_when_the_folder_was_away(embedded: Installation) -> None:
    messages = embedded.var / "broker" / "messages"
    embedded.start_beat()
    wait_until(lambda: list(messages.glob("*.ledger.msg")), "the clock rings")
    away = messages.with_name("away")
    messages.rename(away)
    wait_until(lambda: "Couldn't apply scheduled task" in embedded.log(), "the clock fails to ring")
    messages.mkdir()
    wait_until(lambda: list(messages.glob("*.ledger.msg")), "the clock rings again")
