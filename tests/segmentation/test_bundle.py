"""Bundles are found by name, and no weights are loaded that their spec does not name by digest."""

import json
from pathlib import Path

import pytest

from segmentation.bundle import SHIPPED, file_digest, find_bundle, load_spec, verified_weights, write_json
from segmentation.errors import BundleError
from segmentation.spec import ModelSpec


def make(root: Path, family: str, version: int, weights: bytes = b"numbers") -> Path:
    folder = root / f"{family}-{version}"
    folder.mkdir()
    path = folder / "weights.weights.h5"
    path.write_bytes(weights)
    spec = ModelSpec(family, version, file_digest(path), "2026-11-23")
    write_json(folder / "spec.json", spec.to_dict())
    return folder


def test_a_bundle_is_found_by_folder_name_and_family(tmp_path: Path) -> None:
    make(tmp_path, "nuclei", 9)
    newest = make(tmp_path, "nuclei", 10)
    smear = make(tmp_path, "smear", 1)
    assert find_bundle(None, tmp_path) == newest
    assert find_bundle("nuclei", tmp_path) == newest
    assert find_bundle("nuclei-9", tmp_path).name == "nuclei-9"
    assert find_bundle(str(smear), tmp_path) == smear


def test_a_missing_bundle_is_named_with_those_there_are(tmp_path: Path) -> None:
    make(tmp_path, "nuclei", 1)
    with pytest.raises(BundleError) as caught:
        find_bundle("marrow", tmp_path)
    assert caught.value.sentence("es") == "No existe el modelo «marrow». Disponibles: nuclei-1."


def test_a_spec_survives_the_way_to_disk_and_back(tmp_path: Path) -> None:
    folder = make(tmp_path, "nuclei", 3)
    spec = load_spec(folder)
    assert spec.name == "nuclei-3"
    assert ModelSpec.from_dict(json.loads(json.dumps(spec.to_dict()))) == spec


def test_weights_that_changed_are_not_loaded(tmp_path: Path) -> None:
    folder = make(tmp_path, "nuclei", 1)
    assert verified_weights(folder, load_spec(folder)).name == "weights.weights.h5"
    (folder / "weights.weights.h5").write_bytes(b"others!")
    with pytest.raises(BundleError) as caught:
        verified_weights(folder, load_spec(folder))
    assert caught.value.code == "bundle_digest"


def test_a_spec_cannot_reach_for_weights_outside_its_folder(tmp_path: Path) -> None:
    folder = make(tmp_path, "nuclei", 1)
    (tmp_path / "elsewhere.h5").write_bytes(b"numbers")
    values = json.loads((folder / "spec.json").read_text()) | {"weights": "../elsewhere.h5"}
    write_json(folder / "spec.json", values)
    with pytest.raises(BundleError) as caught:
        verified_weights(folder, load_spec(folder))
    assert caught.value.code == "bundle_digest"


@pytest.mark.parametrize("text", ["", "[]", "{", '{"family": "nuclei"}', '{"colour": 1}'])
def test_a_spec_that_cannot_be_read_is_said_to_be_so(tmp_path: Path, text: str) -> None:
    (tmp_path / "spec.json").write_text(text)
    with pytest.raises(BundleError) as caught:
        load_spec(tmp_path)
    assert caught.value.code == "bundle_spec"


@pytest.mark.parametrize("folder", sorted(SHIPPED.glob("*-*")), ids=lambda folder: folder.name)
def test_every_shipped_bundle_is_whole(folder: Path) -> None:
    spec = load_spec(folder)
    assert folder.name == spec.name
    assert verified_weights(folder, spec).stat().st_size <= 10_000_000
    for name in (
        "training.json",
        "split.csv",
        "curves.csv",
        "curves.png",
        "thresholds.json",
        "model_card.md",
    ):
        assert (folder / name).stat().st_size > 0, name
    report = json.loads((folder / "test_report.json").read_text(encoding="utf-8"))
    assert report["digest"] == spec.digest and report["part"] == "test"
    assert {"U-Net", "Otsu + watershed", "All background"} == {row["name"] for row in report["rows"]}
    assert spec.digest in (folder / "model_card.md").read_text(encoding="utf-8")
    assert spec.digest in (folder / "test_readings.csv").read_text(encoding="utf-8")
