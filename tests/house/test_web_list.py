"""The web runs with nothing but its own list of packages, as it does in its image."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

from packaging.utils import canonicalize_name

from tests.house.test_lock import exported
from tests.house.tree import ROOT

# Packages that the image lacks are not found here either; then everything that the web may load is loaded.
WITHOUT = """
import json, sys

class Absent:
    names = set(json.loads(sys.argv[1]))
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in self.names:
            raise ModuleNotFoundError(f"No module named {name!r} in the web's image", name=name)

sys.meta_path.insert(0, Absent())
import webapp.wsgi
from django.core.management import call_command, get_commands, load_command_class
from django.urls import get_resolver
get_resolver().url_patterns
call_command("check")
for name, app in get_commands().items():
    load_command_class(app, name)
import gunicorn.app.wsgiapp, gunicorn.workers.gthread, kombu.transport.redis
print(json.dumps(sorted(set(sys.modules) & Absent.names)))
"""


def test_the_web_needs_no_package_outside_its_list(tmp_path: Path) -> None:
    inside = {name for name, _ in exported("web")}
    absent = sorted(
        module
        for module, owners in packages_distributions().items()
        if not {canonicalize_name(owner) for owner in owners} & inside
    )
    assert {"numpy", "PIL", "cv2", "keras", "tensorflow", "skimage"} <= set(absent)
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "webapp.settings", "PYTHONPATH": str(ROOT)}
    environment |= {"MEDULA_VAR": str(tmp_path), "DATABASE_URL": "postgresql://medula@db/medula"}
    environment |= {"BROKER_URL": "redis://redis:6379/0", "CACHE_URL": "redis://redis:6379/1"}
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT, json.dumps(absent)],
        env=environment, cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert set(json.loads(done.stdout.splitlines()[-1])) <= {"_distutils_hack"}
