"""A whole installation with the network that is shipped, and pictures that come in as uploads do."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.installation import Installation

SET_UP = """
from webapp.accounts.models import Clinic
from webapp.cases.services import case_create
from webapp.registry.services import bundles_register
bundles_register()
clinic = Clinic.objects.create(name="Hospital del Norte", slug="norte")
case_create(clinic=clinic, user=None, patient_code="P-1", um_per_px=0.25)
"""
UPLOAD = """
import sys
from pathlib import Path
from segmentation.errors import PictureRefused
from webapp.cases.models import Biopsy
from webapp.cases.services import image_create
for path in sorted(Path(sys.argv[1]).iterdir()):
    try:
        image_create(
            biopsy=Biopsy.objects.get(), name=path.name, chunks=[path.read_bytes()],
            size_hint=path.stat().st_size,
        )
    except PictureRefused as refused:
        print(path.name, refused.code)
"""


def make_site(folder: Path) -> Installation:
    site = Installation(
        folder / "site", f"sqlite:///{folder}/ledger.sqlite3", celery_app="tests.faults.slow_app"
    )
    site.migrate()
    site.python(SET_UP)
    return site


def upload(site: Installation, folder: Path) -> dict[str, str]:
    """Hand in every file of the folder; which were turned away at the door, and why."""
    lines = site.python(UPLOAD, str(folder)).splitlines()
    return {name: code for name, _, code in (line.rpartition(" ") for line in lines)}


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Installation]:
    found = make_site(tmp_path)
    yield found
    found.kill_all()
