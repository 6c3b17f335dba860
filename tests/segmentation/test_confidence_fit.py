"""The fit finds what was put in, judges itself on unseen groups, and claims nothing from too little."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from segmentation.confidence import FEATURES, FILE, load_confidence, logistic
from segmentation.confidence_fit import Fields, fit, fit_confidence, newton
from segmentation.dataset import Sample
from segmentation.spec import ModelSpec
from segmentation.synthetic import draw_fluorescence


def fields(pictures: int = 40, nuclei: int = 60, missed: int = 6) -> Fields:
    """Nuclei whose true chance to match depends on two features; `missed` true ones more a picture."""
    generator = np.random.default_rng(7)
    table = generator.normal(0, 1, (pictures * nuclei, len(FEATURES)))
    table[:, FEATURES.index("touching")] = 0
    hit = generator.random(len(table)) < logistic(1 + 1.5 * table[:, 0] - table[:, 7])
    picture = np.repeat(np.arange(pictures), nuclei)
    true = np.bincount(picture, hit) + missed
    return Fields(table, hit, picture, true, tuple(f"g{i // 2}" for i in range(pictures)))


def test_newton_finds_the_coefficients_that_were_put_in() -> None:
    found = fields(pictures=200)
    weights = newton(found.table, found.hit)
    assert weights[[0, 1, 8]] == pytest.approx([1, 1.5, -1], abs=0.12)
    assert np.abs(np.delete(weights, [0, 1, 8])).max() < 0.12


def test_newton_ends_where_the_classes_are_apart_or_there_is_one() -> None:
    table = np.linspace(-1, 1, 50)[:, None]
    assert np.isfinite(newton(table, table[:, 0] > 0)).all()
    assert np.isfinite(newton(table, np.ones(50, bool))).all()


def test_confidences_are_calibrated_and_intervals_hold_the_truth() -> None:
    found = fields()
    fitted = fit(found)
    assert fitted is not None
    model, report = fitted
    assert report["calibration"]["ece"] < 0.04
    assert report["calibration"]["nuclei"] == 2400 and report["groups"] == 20 and report["folds"] == 10
    held = 0
    for picture, true in enumerate(found.true):
        rows = found.table[found.picture == picture]
        expected = model.expected(model.probabilities(rows), rows[:, FEATURES.index("touching")])
        assert expected is not None
        held += expected.low <= true <= expected.high
    assert held >= 37  # 95 % of 40 is 38
    assert model.missed_per_match + model.missed_per_false > 0.05


def test_pictures_without_a_found_nucleus_are_counted_as_missed() -> None:
    found = fields()
    empty = replace(found, true=np.append(found.true, [5.0, 5.0]), group=(*found.group, "a", "b"))
    fitted = fit(empty)
    assert fitted is not None and fitted[1]["pictures"] == 42


def test_too_little_or_one_group_alone_claims_nothing() -> None:
    assert fit(fields(pictures=7)) is None
    assert fit(replace(fields(), hit=np.ones(2400, bool))) is None
    assert fit(replace(fields(), group=("one",) * 40)) is None


class Drawn:
    """The maps of a network that sees every nucleus, blurred where the picture's number is odd."""

    spec = ModelSpec("drawn", 1, "ab" * 32, "2026-11-24")

    def maps(self, rgb, progress=None):
        if progress:
            progress(1, 1)
        level = np.clip(rgb[..., 0].astype(int) * 3, 0, 255).astype(np.uint8)
        return np.stack([level, level], axis=-1)


def test_a_bundle_gets_its_file_or_loses_one_that_nothing_holds(tmp_path: Path) -> None:
    samples = []
    for seed in range(10):
        rgb, truth = draw_fluorescence(seed=seed, height=128, width=128, nuclei=14, radius_px=8)
        truth[np.isin(truth, np.unique(truth)[1::3])] = 0  # of what is found a third is not true
        samples.append(Sample(f"p{seed}", rgb, truth, "fluorescence-dark"))
    beats: list[int] = []
    assert fit_confidence(tmp_path, Drawn(), samples, {}, lambda: beats.append(1))
    written = json.loads((tmp_path / FILE).read_text())
    assert written["digest"] == Drawn.spec.digest and written["fitted_on"]["pictures"] == 10
    assert load_confidence(tmp_path) is not None and len(beats) >= 10
    assert not fit_confidence(tmp_path, Drawn(), samples[:3], {})
    assert load_confidence(tmp_path) is None
