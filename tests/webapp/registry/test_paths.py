"""An installation's analyses take the path that its machines measured to be faster; the choice is kept."""

import json
from pathlib import Path
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from tests.webapp.rows import make_version
from webapp.registry.models import ModelVersion
from webapp.registry.paths import must_measure, pace_record, path_parameters

INT8_DIGEST = "55ab" * 16
FAST = {"path": "int8", "digest": INT8_DIGEST}
pytestmark = pytest.mark.django_db


@pytest.fixture
def version(settings: Settings) -> ModelVersion:
    settings.MEDULA_PATH = "auto"
    return make_version(spec={"int8": {"file": "int8.tflite", "digest": INT8_DIGEST}})


def test_until_it_is_measured_the_reference_serves(version: ModelVersion) -> None:
    assert must_measure(version, "a") and path_parameters(version) == {}


def test_int8_is_taken_where_it_was_measured_to_be_worth_it(version: ModelVersion) -> None:
    pace_record(version=version, machine="a", figures={"fp32": 2.0, "int8": 7.0})
    assert path_parameters(version) == FAST
    assert not must_measure(version, "a") and must_measure(version, "b")


def test_every_machine_must_find_int8_worth_it(version: ModelVersion) -> None:
    pace_record(version=version, machine="a", figures={"fp32": 2.0, "int8": 7.0})
    pace_record(version=version, machine="a graphics card", figures={"fp32": 90.0, "int8": 9.0})
    assert path_parameters(version) == {}


def test_a_bundle_without_int8_has_nothing_to_choose() -> None:
    plain = make_version(spec={"int8": None})
    assert not must_measure(plain, "a") and path_parameters(plain) == {}


def test_figures_of_another_int8_network_do_not_count(version: ModelVersion) -> None:
    pace_record(version=version, machine="a", figures={"fp32": 2.0, "int8": 7.0})
    version.spec = {"int8": {"file": "int8.tflite", "digest": "77" * 32}}
    assert must_measure(version, "a") and path_parameters(version) == {}


@pytest.mark.parametrize("text", ["", "[]", '{"x": 1}', None])
def test_a_spoilt_file_is_measured_again(version: ModelVersion, installation: Path, text: str | None) -> None:
    spoilt: dict[str, Any] = {version.digest: {"int8": INT8_DIGEST, "machines": {"a": {"fp32": "fast"}}}}
    (installation / "speed.json").write_text(json.dumps(spoilt) if text is None else text)
    assert must_measure(version, "a") and path_parameters(version) == {}
    pace_record(version=version, machine="a", figures={"fp32": 2.0, "int8": 7.0})
    assert path_parameters(version) == FAST


def test_the_administrator_can_settle_it(version: ModelVersion, settings: Settings) -> None:
    settings.MEDULA_PATH = "int8"
    assert path_parameters(version) == FAST and not must_measure(version, "a")
    settings.MEDULA_PATH = "fp32"
    pace_record(version=version, machine="a", figures={"fp32": 2.0, "int8": 7.0})
    assert path_parameters(version) == {} and not must_measure(version, "b")
