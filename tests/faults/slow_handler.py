"""Work that a test holds in its hand: it writes that it began, and ends when the file `go` is there."""

from __future__ import annotations

import os
import time
from pathlib import Path

from webapp.accounts.models import Clinic
from worker.work import Finish, Work


def handle(work: Work) -> Finish:
    folder = Path(work.payload["folder"])
    (folder / f"began-{work.attempt}").write_text(str(os.getpid()))
    hang = work.payload.get("hang", False)
    while not (folder / "go").exists():
        time.sleep(0.02)
        if not hang:
            work.progress("segmenting", 1, 2)

    def finish() -> None:
        # Any row will do; a second one would be seen.
        Clinic.objects.create(name=str(work.id), slug=f"done-{work.id}-{work.attempt}")

    return finish
