"""The network in int8: converted for tiles of any size, pinned by its digest, kept only if it is as good."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from segmentation.bundle import file_digest, find_bundle, load_spec, verified_int8, write_json
from segmentation.dataset import Sample
from segmentation.errors import BundleError
from segmentation.int8 import FILE, MOST_LOST, add_int8
from segmentation.metrics import compare
from segmentation.pace import measure_paths
from segmentation.predictor import Predictor, load_predictor
from segmentation.spec import Int8, ModelSpec, TileSpec
from segmentation.synthetic import draw_fluorescence


def drawn(seed: int, side: int = 256) -> Sample:
    rgb, labels = draw_fluorescence(seed, side, side, nuclei=side * side // 1600, radius_px=11)
    return Sample(f"d{seed}", rgb, labels, "fluorescence-dark")


@pytest.fixture(scope="module")
def fast() -> Predictor:
    return load_predictor(find_bundle("nuclei-2"), "int8")


@pytest.fixture(scope="module")
def exact() -> Predictor:
    return load_predictor(find_bundle("nuclei-2"))


def test_both_paths_find_the_same_nuclei(fast: Predictor, exact: Predictor) -> None:
    sample = drawn(3, 384)
    one, other = fast.segment(sample.rgb), exact.segment(sample.rgb)
    assert compare(other, one)["dice"] > 0.98
    assert abs(compare(sample.labels, one)["ap50"] - compare(sample.labels, other)["ap50"]) < 0.03
    assert fast.digest == fast.spec.int8.digest != exact.digest == exact.spec.digest


@pytest.mark.parametrize("shape", [(1, 1), (17, 400), (250, 33)])
def test_a_picture_of_any_size_goes_through_int8(fast: Predictor, shape: tuple[int, int]) -> None:
    labels = fast.segment(np.full((*shape, 3), 9, np.uint8))
    assert labels.shape == shape and not labels.any()


def test_int8_repeats_to_the_pixel_whatever_was_seen_between(fast: Predictor) -> None:
    sample = drawn(4)
    first = fast.segment(sample.rgb)
    fast.segment(drawn(5, 160).rgb)
    np.testing.assert_array_equal(first, fast.segment(sample.rgb))


def test_tiled_and_untiled_agree(fast: Predictor) -> None:
    rgb, _ = draw_fluorescence(seed=21, height=1024, width=1024, nuclei=700, radius_px=12)
    whole = Predictor(replace(fast.spec, tile=TileSpec(1024, 96)), fast.network, fast.engine)
    tiled = Predictor(replace(fast.spec, tile=TileSpec(512, 96)), fast.network, fast.engine)
    one, other = whole.segment(rgb), tiled.segment(rgb)
    assert int(one.max()) == int(other.max())
    assert compare(one, other)["dice"] >= 0.99


@pytest.fixture(scope="module")
def converted(tmp_path_factory: pytest.TempPathFactory, exact: Predictor) -> tuple[Path, ModelSpec]:
    folder = tmp_path_factory.mktemp("converted") / "nuclei-2"
    shutil.copytree(find_bundle("nuclei-2"), folder)
    (folder / FILE).unlink()
    training = [drawn(seed) for seed in range(6)]
    return folder, add_int8(folder, exact.spec, exact.network, training, [drawn(30), drawn(31)])


def test_a_network_that_loses_nothing_is_kept_with_its_digest(converted: tuple[Path, ModelSpec]) -> None:
    folder, spec = converted
    gate = json.loads((folder / "int8.json").read_text())
    assert gate["kept"] and max(gate["lost"].values()) <= MOST_LOST and gate["images"] == 2
    assert spec.int8 == Int8(FILE, file_digest(folder / FILE))
    write_json(folder / "spec.json", spec.to_dict())
    assert load_spec(folder) == spec and verified_int8(folder, spec).name == FILE
    assert load_predictor(folder, "int8").segment(drawn(32).rgb).any()


def test_a_network_that_loses_too_much_is_left_out(
    tmp_path: Path, exact: Predictor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("segmentation.int8.MOST_LOST", -2.0)  # nothing can win that much
    (tmp_path / FILE).write_bytes(b"of an earlier try")
    spec = add_int8(tmp_path, exact.spec, exact.network, [drawn(1)], [drawn(30)])
    assert spec.int8 is None and not (tmp_path / FILE).exists()
    assert json.loads((tmp_path / "int8.json").read_text())["kept"] is False


def test_an_int8_file_that_changed_is_not_loaded(converted: tuple[Path, ModelSpec], tmp_path: Path) -> None:
    folder = tmp_path / "nuclei-2"
    shutil.copytree(converted[0], folder)
    spec = converted[1]
    (folder / FILE).write_bytes(b"others!")
    with pytest.raises(BundleError) as caught:
        verified_int8(folder, spec)
    assert caught.value.code == "bundle_digest"
    with pytest.raises(BundleError) as caught:
        verified_int8(folder, replace(spec, int8=Int8("../int8.tflite", spec.int8.digest)))
    assert caught.value.code == "bundle_digest"


def test_a_bundle_without_int8_says_so() -> None:
    with pytest.raises(BundleError) as caught:
        load_predictor(find_bundle("nuclei-1"), "int8")
    assert caught.value.code == "bundle_int8_missing" and "nuclei-1" in caught.value.sentence("es")


def test_the_pace_of_each_path_is_measured() -> None:
    found = measure_paths(find_bundle("nuclei-2"))
    assert set(found) == {"fp32", "int8"} and min(found.values()) > 0
