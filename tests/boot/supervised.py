"""Run as a script: a supervisor over programs given as JSON. Says what it is told to say, a line each."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from webapp.common.supervisor import Program, Supervisor


def say(key: str, **params: object) -> None:
    print(key, params.get("name", ""), flush=True)


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    programs = [
        Program(name, [sys.executable, "-c", code], grace_s=float(grace))
        for name, code, grace in json.loads(sys.argv[2])
    ]
    Supervisor(programs, run_folder=folder, log_folder=folder, say=say).run()
