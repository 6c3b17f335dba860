"""The reliability table and its error, by hand."""

import numpy as np
import pytest

from segmentation.calibration import reliability


def test_the_error_is_the_mean_gap_between_said_and_seen() -> None:
    said = np.array([0.95] * 4 + [0.25] * 4)
    hit = np.array([1, 1, 1, 0, 0, 0, 0, 1], bool)
    report = reliability(said, hit)
    assert [(row["nuclei"], row["said"], row["seen"]) for row in report["bins"]] == [
        (4, 0.25, 0.25),
        (4, 0.95, 0.75),
    ]
    assert report["ece"] == pytest.approx(0.1) and report["matched"] == 4
    assert report["brier"] == pytest.approx(float(((said - hit) ** 2).mean()), abs=1e-4)


def test_one_and_nought_have_a_bin_and_nothing_has_none() -> None:
    assert [row["low"] for row in reliability(np.array([0.0, 1.0]), np.array([False, True]))["bins"]] == [
        0,
        0.9,
    ]
    nothing = reliability(np.zeros(0), np.zeros(0, bool))
    assert nothing["ece"] is None and nothing["bins"] == []
