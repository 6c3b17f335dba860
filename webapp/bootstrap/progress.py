"""One line that is rewritten on a terminal; a line now and then where the output goes to a file."""

from __future__ import annotations

import sys
import time
from typing import TextIO

from webapp.bootstrap.words import words

QUIET_SECONDS = 15.0


class Progress:
    """Shows the step that runs now. `close` leaves the cursor at the start of a fresh line."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stdout
        self._terminal = self._stream.isatty()
        self._step = ""
        self._line = ""
        self._shown_at = 0.0

    def show(self, step: str, **numbers: object) -> None:
        """The step's sentence, rewritten in place; elsewhere at a new step and every 15 s."""
        line = words(step, **numbers)
        if line == self._line:
            return
        if self._terminal:
            end = "\n" if self._line and step != self._step else ""
            self._stream.write(f"{end}\r{line}\x1b[K")
        elif step != self._step or time.monotonic() - self._shown_at > QUIET_SECONDS:
            self._stream.write(line + "\n")
            self._shown_at = time.monotonic()
        self._step, self._line = step, line
        self._stream.flush()

    def say(self, key: str, **params: object) -> None:
        """A sentence on a line of its own."""
        self.close()
        self._stream.write(words(key, **params) + "\n")
        self._stream.flush()

    def close(self) -> None:
        if self._terminal and self._line:
            self._stream.write("\n")
            self._stream.flush()
        self._line = self._step = ""
