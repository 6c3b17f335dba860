"""A machine measures a bundle's paths once; trouble while measuring leaves the reference in use."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from segmentation.bundle import SHIPPED
from webapp.registry.models import ModelVersion
from webapp.registry.paths import must_measure
from webapp.registry.services import bundles_register
from worker import pace
from worker.device import processor_name
from worker.pace import settle_path

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def measuring_is_asked_for(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.MEDULA_PATH = "auto"
    # Another process, as it were: what one test gave up is no matter of the next.
    monkeypatch.setattr(pace, "_given_up", set())


def version() -> ModelVersion:
    bundles_register()
    return ModelVersion.objects.get(family="nuclei", version=2)


def test_the_shipped_bundle_is_measured_once_and_the_figures_stay(installation: Path) -> None:
    found = version()
    settle_path(found)
    kept = (installation / "speed.json").read_text()
    figures = json.loads(kept)[found.digest]["machines"][processor_name()]
    assert set(figures) == {"fp32", "int8"} and min(figures.values()) > 0
    settle_path(found)
    assert (installation / "speed.json").read_text() == kept


def test_a_bundle_that_cannot_be_measured_stops_nothing(settings: Settings, tmp_path: Path) -> None:
    settings.MEDULA_BUNDLES = tmp_path / "bundles"
    shutil.copytree(SHIPPED / "nuclei-2", settings.MEDULA_BUNDLES / "nuclei-2")
    (settings.MEDULA_BUNDLES / "nuclei-2" / "int8.tflite").write_bytes(b"others!")
    found = version()
    settle_path(found)
    assert must_measure(found, processor_name())
