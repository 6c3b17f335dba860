from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from segmentation.errors import BundleError
from tests.webapp.rows import make_version
from webapp.registry.models import ModelVersion
from webapp.registry.selectors import accuracy_rows, model_path, production
from webapp.registry.services import bundles_register

pytestmark = pytest.mark.django_db


@pytest.fixture
def bundles(settings: Settings, tmp_path: Path) -> Path:
    settings.MEDULA_BUNDLES = tmp_path / "bundles"
    return tmp_path / "bundles"


def put(bundles: Path, version: int, digest: str, report: Any = None, family: str = "nuclei") -> Path:
    folder = bundles / f"{family}-{version}"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "spec.json").write_text(json.dumps({"family": family, "version": version, "digest": digest}))
    if report is not None:
        (folder / "test_report.json").write_text(json.dumps(report))
    return folder


def test_the_newest_bundle_of_a_new_installation_goes_into_production(bundles: Path) -> None:
    put(bundles, 1, "a" * 64)
    put(bundles, 2, "b" * 64)
    assert [row.version for row in bundles_register()] == [1, 2]
    assert production().digest == "b" * 64
    assert ModelVersion.objects.get(version=1).stage == "candidate"


def test_a_version_in_production_stays_when_a_newer_one_arrives(bundles: Path) -> None:
    put(bundles, 1, "a" * 64)
    bundles_register()
    put(bundles, 2, "b" * 64)
    bundles_register()
    assert production().version == 1


def test_registering_again_changes_nothing_but_reads_the_report_anew(bundles: Path) -> None:
    put(bundles, 1, "a" * 64)
    (before,) = bundles_register()
    put(bundles, 1, "a" * 64, report={"rows": [{"name": "U-Net"}]})
    (after,) = bundles_register()
    assert after.pk == before.pk
    assert after.stage == "production"
    assert after.test_report == {"rows": [{"name": "U-Net"}]}


def test_other_weights_under_a_known_number_are_not_taken(
    bundles: Path, caplog: pytest.LogCaptureFixture
) -> None:
    put(bundles, 1, "a" * 64)
    bundles_register()
    put(bundles, 1, "b" * 64)
    assert bundles_register() == []
    assert production().digest == "a" * 64
    assert "new version number" in caplog.text


def test_a_spec_that_cannot_be_read_stops_nobody(bundles: Path, caplog: pytest.LogCaptureFixture) -> None:
    put(bundles, 1, "a" * 64)
    (put(bundles, 2, "b" * 64) / "spec.json").write_text("{ not json")
    assert [row.version for row in bundles_register()] == [1]
    assert "not a usable spec" in caplog.text


def test_without_a_version_in_production_asking_for_it_says_so() -> None:
    with pytest.raises(BundleError) as caught:
        production()
    assert "nuclei" in caught.value.sentence("es")


def test_the_path_of_a_bundle_stays_in_the_bundles_folder(bundles: Path) -> None:
    assert model_path(make_version(bundle="nuclei-1")) == bundles / "nuclei-1"
    assert (
        model_path(make_version(bundle="../../etc", version=2, digest="c", stage="retired"))
        == bundles / "etc"
    )


def test_figures_are_those_of_the_kind_of_picture_or_of_all() -> None:
    every = {"name": "U-Net", "modality": "all"}
    dark = {"name": "U-Net", "modality": "fluorescence-dark"}
    version = make_version(test_report={"rows": [every, dark]})
    assert accuracy_rows(version, "fluorescence-dark") == ("fluorescence-dark", [dark])
    assert accuracy_rows(version, "purple-white") == ("all", [every])
    assert accuracy_rows(make_version(version=2, digest="c", stage="candidate"), "x") == ("all", [])
