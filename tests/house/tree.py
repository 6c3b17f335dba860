"""The files of the project, as a newcomer gets them."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NOT_OURS = {".git", ".venv", "var", "__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache"}
PACKAGES = ("segmentation", "webapp", "worker")


def files() -> list[Path]:
    """Every file that git keeps or would keep; without git (an unpacked archive), every file of ours."""
    if (ROOT / ".git").exists():
        command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout
        return sorted(ROOT / name for name in listed.decode().split("\0") if name and (ROOT / name).is_file())
    found = []
    for folder, folders, names in os.walk(ROOT):
        folders[:] = [name for name in folders if name not in NOT_OURS]
        found += [Path(folder) / name for name in names]
    return sorted(found)


def python_files() -> list[Path]:
    """Code and tests, without the migrations, which Django writes."""
    return [path for path in files() if path.suffix == ".py" and "migrations" not in path.parts]


def shown(path: Path) -> str:
    return str(path.relative_to(ROOT))
