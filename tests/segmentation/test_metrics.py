"""Figures of predicted instances against true ones, on arrays whose figures can be counted by hand."""

import numpy as np
import pytest

from segmentation.metrics import compare, mean_figures


def row(*runs: tuple[int, int]) -> np.ndarray:
    """A one-row label picture from (id, length) runs."""
    return np.concatenate([np.full(length, number, np.int32) for number, length in runs])[None]


def test_a_perfect_prediction_scores_one_whatever_its_numbers() -> None:
    truth = row((1, 5), (0, 3), (2, 7), (0, 5))
    figures = compare(truth, np.where(truth > 0, truth * 40 + 3, 0))
    assert figures.pop("count_error") == 0
    assert all(value == 1.0 for value in figures.values())


def test_two_empty_pictures_agree() -> None:
    empty = np.zeros((4, 6), np.int32)
    figures = compare(empty, empty)
    assert figures["map"] == figures["pq"] == figures["aji"] == figures["dice"] == 1.0
    assert figures["count_error"] == 0


def test_nuclei_found_in_an_empty_field_score_zero() -> None:
    figures = compare(np.zeros((1, 10), np.int32), row((1, 3), (0, 7)))
    assert figures["ap50"] == figures["pq"] == figures["aji"] == figures["dice"] == 0.0
    assert figures["pixel_accuracy"] == pytest.approx(0.7)
    assert figures["count_error"] == 1


def test_nothing_found_counts_every_nucleus_as_missed() -> None:
    figures = compare(row((1, 2), (0, 6), (2, 2)), np.zeros((1, 10), np.int32))
    assert figures["ap50"] == 0 and figures["aji"] == 0 and figures["count_error"] == 1
    assert figures["pixel_accuracy"] == pytest.approx(0.6)


def test_average_precision_counts_true_false_and_missed() -> None:
    # nucleus 1: IoU 8/10; nucleus 2 missed; one prediction in the background
    truth = row((1, 10), (0, 10), (2, 10), (0, 10))
    predicted = row((5, 8), (0, 12), (0, 10), (0, 2), (6, 4), (0, 4))
    figures = compare(truth, predicted)
    assert figures["ap50"] == figures["ap80"] == pytest.approx(1 / 3)
    assert figures["ap85"] == 0
    assert figures["map"] == pytest.approx(7 / 10 / 3)
    assert figures["pq"] == pytest.approx(0.8 / 2)
    assert figures["f1_50"] == pytest.approx(0.5)


def test_at_exactly_one_half_the_better_of_two_overlaps_is_matched_once() -> None:
    figures = compare(row((1, 10)), row((1, 5), (2, 5)))
    assert figures["f1_50"] == pytest.approx(2 / 3)
    assert figures["ap50"] == pytest.approx(1 / 2)


def test_aggregated_jaccard_follows_kumars_union() -> None:
    # both true nuclei have the same best prediction; dividing by the pooled foreground gives another value
    assert compare(row((1, 10), (2, 10)), row((1, 14), (2, 6)))["aji"] == pytest.approx(2 / 3)


def test_shapes_that_differ_are_refused() -> None:
    with pytest.raises(ValueError, match="one shape"):
        compare(np.zeros((2, 2), np.int32), np.zeros((2, 3), np.int32))


def test_means_are_taken_over_pictures() -> None:
    assert mean_figures([{"dice": 1.0}, {"dice": 0.5}]) == {"dice": 0.75}


def reference_table(truth: np.ndarray, predicted: np.ndarray) -> dict[str, float]:
    """The definitions spelled out with loops over nuclei, slow and independent of the vectorised code."""
    true_masks = [truth == i for i in np.unique(truth) if i]
    found_masks = [predicted == j for j in np.unique(predicted) if j]
    iou = [[(t & p).sum() / (t | p).sum() for p in found_masks] for t in true_masks]
    matched = [value for line in iou for value in line if value > 0.5]
    total = len(true_masks) + len(found_masks)
    hits75 = sum(value >= 0.75 for line in iou for value in line)
    inter = outer = 0.0
    used = set()
    for i, t in enumerate(true_masks):
        best = int(np.argmax(iou[i])) if found_masks else -1
        if best >= 0 and iou[i][best] > 0:
            inter += (t & found_masks[best]).sum()
            outer += (t | found_masks[best]).sum()
            used.add(best)
        else:
            outer += t.sum()
    outer += sum(p.sum() for j, p in enumerate(found_masks) if j not in used)
    return {
        "ap75": hits75 / (total - hits75),
        "pq": sum(matched) / (total / 2),
        "aji": inter / outer,
        "dice": 2 * ((truth > 0) & (predicted > 0)).sum() / ((truth > 0).sum() + (predicted > 0).sum()),
    }


@pytest.mark.parametrize("seed", range(8))
def test_the_vectorised_figures_equal_the_spelled_out_definitions(seed: int) -> None:
    generator = np.random.default_rng(seed)
    truth = np.zeros((48, 48), np.int32)
    y, x = np.mgrid[:48, :48]
    for number in range(1, 9):
        cy, cx, radius = generator.integers(0, 48), generator.integers(0, 48), generator.integers(3, 9)
        truth[(y - cy) ** 2 + (x - cx) ** 2 < radius**2] = number
    predicted = np.roll(truth, generator.integers(-2, 3, 2), (0, 1))
    predicted[generator.random(predicted.shape) < 0.03] = 0
    figures = compare(truth, predicted)
    for name, value in reference_table(truth, predicted).items():
        assert figures[name] == pytest.approx(value, abs=1e-9), name
