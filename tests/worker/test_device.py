"""A training's worker says what it computes on, and steps back only where it was started to."""

from __future__ import annotations

import os
import subprocess
import sys

from tests.installation import ROOT
from webapp.portal import programs
from worker import device

CODE = """
import os
from worker.device import step_back
step_back()
print(os.getpriority(os.PRIO_PROCESS, 0))
"""


def niceness(**environment: str) -> int:
    found = {name: value for name, value in os.environ.items() if name != device.STEPS_BACK}
    # A session of its own, as the supervisor gives each program.
    done = subprocess.run(
        [sys.executable, "-c", CODE], env=found | environment, cwd=ROOT, capture_output=True, text=True,
        check=True, start_new_session=True,
    )  # fmt: skip
    return int(done.stdout)


def test_a_worker_steps_back_only_where_it_was_started_to() -> None:
    own = os.getpriority(os.PRIO_PROCESS, 0)
    assert niceness() == own
    assert niceness(**{device.STEPS_BACK: "1"}) == max(own, device.NICE)
    assert programs.STEPS_BACK == device.STEPS_BACK


def test_the_processor_has_a_name() -> None:
    assert " × " in device.processor_name()
