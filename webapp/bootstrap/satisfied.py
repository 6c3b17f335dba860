"""Run by the environment's own Python: does it hold exactly what a requirements file names?

An environment made by another tool (uv, a colleague's image) is accepted as it is when it does.
"""

from __future__ import annotations

import sys
from importlib import metadata
from pathlib import Path


def satisfied(requirements: str) -> bool:
    """Whether every line that applies here is installed at its exact version."""
    from packaging.requirements import Requirement

    for line in requirements.splitlines():
        text = line.split("--hash", 1)[0].rstrip(" \\")
        if not text or line.startswith((" ", "#")):
            continue
        wanted = Requirement(text)
        if wanted.marker is not None and not wanted.marker.evaluate():
            continue
        try:
            found = metadata.version(wanted.name)
        except metadata.PackageNotFoundError:
            return False
        if not wanted.specifier.contains(found, prereleases=True):
            return False
    return True


if __name__ == "__main__":
    try:
        sys.exit(0 if satisfied(Path(sys.argv[1]).read_text(encoding="utf-8")) else 1)
    except ImportError:
        sys.exit(1)
