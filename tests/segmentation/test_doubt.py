"""What a network said of itself, beside the truth: by hand on drawn fields."""

import numpy as np

from segmentation.confidence import FEATURES, Confidence, Found, evidence
from segmentation.doubt import Doubt


def field(true: int, found: int) -> tuple[np.ndarray, np.ndarray, Found]:
    """`true` squares in a row, of which a network that says 0.5 of each finds the first `found`."""
    truth = np.zeros((12, 12 * true), np.int32)
    for i in range(true):
        truth[3:9, 12 * i + 3 : 12 * i + 9] = i + 1
    labels = np.where(truth <= found, truth, 0)
    maps = np.repeat((labels > 0).astype(np.uint8)[..., None] * 255, 2, axis=2)
    zeros = (0.0,) * len(FEATURES)
    even = Confidence(FEATURES, zeros, (1.0,) * len(FEATURES), zeros, 0.0, 0.0, 1.0, 0.0, 1.0)
    return np.zeros((*truth.shape, 3), np.uint8), truth, Found(labels, even, evidence(maps, labels))


def test_confidence_and_counts_are_compared_with_the_truth() -> None:
    doubt = Doubt()
    for true, found in ((4, 4), (12, 4)):
        rgb, truth, nuclei = field(true, found)
        doubt.add("fluorescence-dark", rgb, truth, nuclei)
    report = doubt.report()
    assert report is not None
    # each of the 8 was said to match with 0.5, and all of them do
    assert report["calibration"]["nuclei"] == 8 and report["calibration"]["ece"] == 0.5
    assert report["kinds"]["fluorescence-dark"] == report["calibration"]
    # 4 are expected, give or take the root of 4 · 0.25 + 2
    assert report["counts"]["images"] == 2 and report["counts"]["held"] == 1
    assert report["counts"]["bias"] == round((0 - 8 / 12) / 2, 4)


def test_nothing_is_claimed_without_confidence_or_nuclei() -> None:
    doubt = Doubt()
    rgb, truth, nuclei = field(3, 0)
    doubt.add("fluorescence-dark", rgb, truth, nuclei)
    doubt.add("fluorescence-dark", rgb, truth, Found(truth))
    assert doubt.report() is None
