"""A nucleus' confidence is read from the maps and the shape; a bundle without the file claims none."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from segmentation import confidence
from segmentation.bundle import find_bundle
from segmentation.confidence import (
    FEATURES,
    FILE,
    Confidence,
    evidence,
    features,
    load_confidence,
    logistic,
)
from segmentation.errors import BundleError
from segmentation.measurements import measure
from segmentation.predictor import load_predictor
from segmentation.synthetic import draw_fluorescence


def model(**changes: object) -> Confidence:
    zeros, ones = (0.0,) * len(FEATURES), (1.0,) * len(FEATURES)
    plain = Confidence(FEATURES, zeros, ones, zeros, 0.0, 0.1, 0.5, 0.0, 2.0)
    return replace(plain, **changes)  # type: ignore[arg-type]


def two_squares() -> tuple[np.ndarray, np.ndarray]:
    """Two squares of 4 x 4 side by side with 200 and 100 of 255 inside, and 51 a rim around."""
    labels = np.zeros((10, 14), np.int32)
    labels[3:7, 3:7], labels[3:7, 7:11] = 1, 2
    maps = np.zeros((10, 14, 2), np.uint8)
    maps[3:7, 3:7, 0], maps[3:7, 7:11, 0] = 200, 100
    maps[5, 5, 1], maps[4, 8, 1] = 255, 51
    return maps, labels


def test_the_evidence_is_what_a_pencil_finds() -> None:
    maps, labels = two_squares()
    found = evidence(maps, labels)
    assert found["foreground"] == pytest.approx([200 / 255, 100 / 255])
    assert found["peak"] == pytest.approx([1.0, 0.2])
    assert found["depth"] == pytest.approx([1 / 16, 0.2 / 16])
    # each square has 12 border pixels, 4 of them beside the other one
    assert found["touching"] == pytest.approx([4 / 12, 4 / 12])
    # the left one's two middle pixels beside the right one fall by 100, its corners by 200 outwards
    assert found["sharpness"] == pytest.approx([(10 * 200 + 2 * 100) / 12 / 255, 10 * 100 / 12 / 255])
    assert found["unclaimed"] == pytest.approx([0.0, 0.0])


def test_probability_that_no_nucleus_claims_is_seen_by_all() -> None:
    maps, labels = two_squares()
    maps[0, :, 0] = 240
    inside, outside = 16 * 300, 14 * 240
    assert evidence(maps, labels)["unclaimed"] == pytest.approx([np.log1p(outside / inside)] * 2)


def test_bands_do_not_change_the_evidence(monkeypatch: pytest.MonkeyPatch) -> None:
    generator = np.random.default_rng(3)
    _, labels = draw_fluorescence(seed=3, height=90, width=70, nuclei=12, radius_px=8)
    labels[labels == 2] = 0  # numbers may have gaps
    maps = generator.integers(0, 256, (90, 70, 2)).astype(np.uint8)
    whole = evidence(maps, labels)
    monkeypatch.setattr(confidence, "_BAND_PIXELS", 500)
    banded = evidence(maps, labels)
    assert len(whole["peak"]) == len(np.unique(labels)) - 1
    assert all(banded[name] == pytest.approx(whole[name]) for name in whole)


def test_a_field_without_nuclei_has_no_confidence_and_no_interval() -> None:
    labels = np.zeros((20, 30), np.int32)
    found = evidence(np.full((20, 30, 2), 9, np.uint8), labels)
    table = features(found, measure(labels, np.zeros((20, 30, 3), np.uint8)))
    assert table.shape == (0, len(FEATURES))
    assert model().probabilities(table).shape == (0,)
    assert model().expected(np.zeros(0), np.zeros(0)) is None


def test_the_expected_count_adds_what_is_missed_and_its_interval_holds_it() -> None:
    # 100 nuclei, 80 expected to match: a tenth of those and half of the 20 others are missed besides
    said = np.full(100, 0.8)
    expected = model().expected(said, np.zeros(100))
    assert expected is not None and expected.count == 98
    reach = 2.0 * np.sqrt(100 * 0.8 * 0.2 + 18)
    assert (expected.low, expected.high) == (np.floor(98 - reach), np.ceil(98 + reach))
    touching = model(missed_per_touching=1.0).expected(said, np.full(100, 0.1))
    assert touching is not None and touching.count == 108
    few = model(spread=9.0).expected(np.array([0.5]), np.zeros(1))
    assert few is not None and few.low == 0


def test_a_feature_with_weight_moves_the_confidence() -> None:
    table = np.zeros((2, len(FEATURES)))
    table[1, FEATURES.index("peak")] = 2.0
    weights = tuple(1.5 if name == "peak" else 0.0 for name in FEATURES)
    assert model(coefficients=weights).probabilities(table) == pytest.approx([0.5, logistic(np.array(3.0))])
    assert logistic(np.array([-1e4, 1e4])) == pytest.approx([0, 1])


def test_a_file_that_was_written_is_read_as_it_was(tmp_path: Path) -> None:
    assert load_confidence(tmp_path) is None
    (tmp_path / FILE).write_text(json.dumps({"model": model(intercept=0.25).to_dict()}))
    assert load_confidence(tmp_path) == model(intercept=0.25)


@pytest.mark.parametrize(
    "broken",
    [
        "{",
        "[]",
        '{"model": 3}',
        json.dumps({"model": model().to_dict() | {"features": ["peak"]}}),
        json.dumps({"model": model().to_dict() | {"means": [0.0]}}),
        json.dumps({"model": model().to_dict() | {"spread": None}}),
        json.dumps({"model": model().to_dict() | {"spread": float("nan")}}),
        json.dumps({"model": {**model().to_dict(), "more": 1.0}}),
    ],
)
def test_a_file_that_says_what_we_do_not_know_is_refused(tmp_path: Path, broken: str) -> None:
    (tmp_path / FILE).write_text(broken)
    with pytest.raises(BundleError, match=tmp_path.name):
        load_confidence(tmp_path)


def test_the_shipped_network_says_its_confidence_and_the_older_one_claims_none() -> None:
    rgb, truth = draw_fluorescence(seed=5, height=192, width=192, nuclei=20)
    found = load_predictor(find_bundle("nuclei-2")).find(rgb)
    columns = measure(found.labels, rgb)
    expected = found.scored(columns)
    said = columns["confidence"]
    assert said.shape == columns["id"].shape and 0 < said.min() <= said.max() < 1 and np.median(said) > 0.8
    assert expected is not None and expected.low <= len(np.unique(truth)) - 1 <= expected.high
    older = load_predictor(find_bundle("nuclei-1")).find(rgb)
    columns = measure(older.labels, rgb)
    assert older.scored(columns) is None and "confidence" not in columns
