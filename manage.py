#!/usr/bin/env python3
# -*- coding: utf-8 -*-
"""The one door: `start`, `test`, and every Django command. Makes its own environment in .venv first.

Standard library only, and written so that even Python 2.7 can read it: the first thing it may have to
say is which Python is needed. All the rest is in webapp/bootstrap.
"""

from __future__ import unicode_literals

import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.abspath(__file__))
OLDEST, NEWEST = (3, 11), (3, 13)
SENTENCES = (
    "Medula necesita CPython 3.11, 3.12 o 3.13, y este es Python {found}: {hint_es}.\n"
    "Medula needs CPython 3.11, 3.12 or 3.13, and this is Python {found}: {hint_en}.\n"
)
HINTS = ("use «{command}»", "use “{command}”")
NO_HINTS = (
    "instale uno de https://www.python.org/downloads/ y use «python3.13 manage.py start»",
    "install one from https://www.python.org/downloads/ and use “python3.13 manage.py start”",
)


def found_beside():
    """The name of a fitting Python on the PATH that really runs, newest first, or None."""
    for name in ("python3.13", "python3.12", "python3.11"):
        try:
            with open(os.devnull, "w") as nowhere:
                if subprocess.call([name, "-c", ""], stdout=nowhere, stderr=nowhere) == 0:
                    return name
        except OSError:
            pass
    return None


def say_which_python():
    """One clear sentence in both languages; bytes, because old Pythons trip over accents."""
    name = found_beside()
    if name:
        command = "{0} manage.py {1}".format(name, sys.argv[1] if len(sys.argv) > 1 else "start")
        hints = [hint.format(command=command) for hint in HINTS]
    else:
        hints = NO_HINTS
    found = "{0}.{1}".format(*sys.version_info[:2])
    text = SENTENCES.format(found=found, hint_es=hints[0], hint_en=hints[1])
    os.write(2, text.encode("utf-8"))


def main():
    if not OLDEST <= tuple(sys.version_info[:2]) <= NEWEST:
        python = os.path.join(ROOT, ".venv", "bin", "python")
        ready = os.path.join(ROOT, ".venv", "medula-ready.json")
        inside = os.path.realpath(sys.prefix) == os.path.realpath(os.path.join(ROOT, ".venv"))
        if not inside and os.access(python, os.X_OK) and os.path.exists(ready):
            # The environment stands and has its own, fitting Python: use it.
            os.execv(python, [python] + sys.argv)
        say_which_python()
        return 1
    sys.path.insert(0, ROOT)
    from webapp.bootstrap.command import run

    return run(sys.argv)


if __name__ == "__main__":
    sys.exit(main())
