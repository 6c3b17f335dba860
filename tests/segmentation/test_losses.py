"""The loss falls to nothing on a perfect prediction and rises where it should."""

import numpy as np
import pytest

from segmentation.losses import NucleusLoss, PixelAccuracy
from segmentation.targets import targets


def two_touching() -> np.ndarray:
    labels = np.zeros((32, 48), np.int32)
    labels[6:26, 6:24], labels[6:26, 24:42] = 1, 2
    return targets(labels)[None]


def logits(probability: np.ndarray) -> np.ndarray:
    p = np.clip(probability, 1e-6, 1 - 1e-6)
    return np.log(p / (1 - p)).astype(np.float32)


def value(truth: np.ndarray, predicted: np.ndarray, **settings: float) -> float:
    return float(NucleusLoss(**settings)(truth, predicted))


def test_a_perfect_prediction_costs_nothing() -> None:
    truth = two_touching()
    assert value(truth, logits(truth)) == pytest.approx(0, abs=1e-3)


def test_an_empty_field_found_empty_costs_nothing() -> None:
    empty = np.zeros((2, 16, 16, 2), np.float32)
    assert value(empty, logits(empty)) == pytest.approx(0, abs=1e-3)


def test_missing_a_nucleus_costs_more_than_a_blurred_one() -> None:
    truth = two_touching()
    missed = truth.copy()
    missed[:, :, 24:] = 0
    blurred = np.clip(truth * 0.8 + 0.05, 0, 1)
    assert value(truth, logits(missed)) > value(truth, logits(blurred)) > 0.01


def test_merging_touching_nuclei_costs_more_when_their_border_is_weighted() -> None:
    truth = two_touching()
    merged = truth.copy()
    merged[0, 8:24, 20:28, 1] = 0.9
    elsewhere = truth.copy()
    elsewhere[0, :, :3, 1] = 0.5
    plain, weighted = value(truth, logits(merged)), value(truth, logits(merged), touching_weight=6.0)
    assert weighted > 1.5 * plain
    # a mistake on the open background gains nothing by the weight
    assert value(truth, logits(elsewhere), touching_weight=6.0) <= value(truth, logits(elsewhere))


def test_the_settings_of_the_loss_are_kept_with_it() -> None:
    loss = NucleusLoss(0.3, 0.7, 2.0)
    assert NucleusLoss(**loss.get_config()).get_config() == loss.get_config()


def test_pixel_accuracy_is_the_share_of_right_pixels() -> None:
    truth = np.zeros((1, 4, 4, 2), np.float32)
    truth[0, :2, :, 0] = 1
    predicted = np.full((1, 4, 4, 2), -3, np.float32)
    predicted[0, 0, :, 0] = 3
    metric = PixelAccuracy()
    metric.update_state(truth, predicted)
    assert float(metric.result()) == pytest.approx(0.75)
