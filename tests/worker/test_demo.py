"""The demo case: three pictures that need nobody's data, added once."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from webapp.accounts.models import Clinic
from webapp.cases.models import BiopsyImage
from webapp.cases.services import demo_case_create
from webapp.common.storage import absolute
from webapp.jobs.models import Job, State
from worker import decoder
from worker.runner import run_next


@pytest.fixture(autouse=True)
def closed_decoder() -> object:
    yield
    decoder.shared().close()


def test_the_demo_draws_its_pictures_and_asks_for_their_preparation(ledger: Path) -> None:
    clinic = Clinic.objects.create(name="Hospital del Norte", slug="norte")
    case = demo_case_create(clinic=clinic, user=None)
    assert demo_case_create(clinic=clinic, user=None) == case
    assert run_next("pictures")
    assert Job.objects.get(kind="demo").state == State.SUCCEEDED
    images = BiopsyImage.objects.filter(biopsy__case=case)
    assert sorted(image.biopsy.stain for image in images) == ["fluorescence", "giemsa", "ihc"]
    assert Job.objects.filter(kind="prepare", state=State.QUEUED).count() == 3
    colourful = {image.biopsy.stain: spread(absolute(image.original.path).read_bytes()) for image in images}
    assert colourful["fluorescence"] == 0 < min(colourful["giemsa"], colourful["ihc"])


def test_a_second_attempt_at_the_demo_adds_nothing_twice(ledger: Path) -> None:
    clinic = Clinic.objects.create(name="Hospital del Norte", slug="norte")
    demo_case_create(clinic=clinic, user=None)
    assert run_next("pictures")
    Job.objects.filter(kind="demo").update(state=State.QUEUED, queued_at="2000-01-01T00:00:00Z")
    assert run_next("pictures")
    assert Job.objects.get(kind="demo").attempt == 2
    assert BiopsyImage.objects.count() == 3
    assert Job.objects.filter(kind="prepare").count() == 3


def spread(content: bytes) -> float:
    """How far the colours of a picture lie from grey."""
    with Image.open(io.BytesIO(content)) as picture:
        rgb = np.asarray(picture.convert("RGB")).astype(int)
    return float((rgb.max(axis=2) - rgb.min(axis=2)).mean())
