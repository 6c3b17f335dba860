"""In a container image the packages lie beside Python: manage.py makes no environment of its own there."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.house.tree import ROOT


def test_without_an_environment_of_its_own_a_command_runs_at_once(tmp_path: Path) -> None:
    """A copy that has no .venv and may write nothing beside itself, as /srv/medula is in the image."""
    shutil.copy(ROOT / "manage.py", tmp_path)
    for name in ("webapp", "segmentation", "templates", "locale"):
        (tmp_path / name).symlink_to(ROOT / name)
    environment = {**os.environ, "MEDULA_NO_VENV": "1", "MEDULA_VAR": str(tmp_path / "var")}
    done = subprocess.run(
        [sys.executable, str(tmp_path / "manage.py"), "check"],
        env=environment, cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert not (tmp_path / ".venv").exists()
