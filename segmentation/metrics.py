"""How well predicted instances match true ones, picture by picture.

Foreground: pixel accuracy, Dice, IoU. Instances: average precision TP / (TP + FP + FN) at IoU 0.5 … 0.95
(Caicedo et al. 2019), its mean, F1 at 0.5, panoptic quality (Kirillov et al. 2019), aggregated Jaccard
index (Kumar et al. 2017), relative count error.
"""

from __future__ import annotations

import numpy as np

THRESHOLDS = tuple(round(0.5 + 0.05 * i, 2) for i in range(10))


def compare(truth: np.ndarray, predicted: np.ndarray) -> dict[str, float]:
    """All figures of one picture.

    truth, predicted: HxW integers of one shape, 0 background, every other value one nucleus (numbers may
    have gaps). Two empty pictures agree perfectly (1; count error 0). Raises ValueError when shapes differ.
    """
    if truth.shape != predicted.shape:
        raise ValueError(f"truth is {truth.shape}, predicted {predicted.shape}: they must be one shape")
    overlap, truth_area, predicted_area = _overlap(truth, predicted)
    union = truth_area[:, None] + predicted_area[None] - overlap
    iou = np.divide(overlap, union, out=np.zeros(overlap.shape), where=union > 0)
    n, m = iou.shape
    hits = {t: _matches(iou, t) for t in THRESHOLDS}
    precision = {t: (hits[t] / (n + m - hits[t]) if n + m - hits[t] else 1.0) for t in THRESHOLDS}
    return {
        **_foreground(truth > 0, predicted > 0),
        **{f"ap{round(t * 100)}": precision[t] for t in THRESHOLDS},
        "map": float(np.mean(list(precision.values()))),
        "f1_50": 2 * hits[0.5] / (n + m) if n + m else 1.0,
        "pq": float(iou[iou > 0.5].sum() / (0.5 * (n + m))) if n + m else 1.0,
        "aji": _aggregated_jaccard(iou, overlap, union, truth_area, predicted_area),
        "count_error": abs(m - n) / max(n, 1),
    }


def matched(truth: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    """Which predicted nuclei match a true one at IoU 0.5 or more: N bool, in order of their numbers."""
    overlap, truth_area, predicted_area = _overlap(truth, predicted)
    # areas are whole nuclei's: the union of an overlapping pair is never 0
    iou = overlap / np.maximum(truth_area[:, None] + predicted_area[None] - overlap, 1)
    result = np.zeros(predicted_area.size, bool)
    result[[column for _, column in _pairs(iou)]] = True
    return result


def mean_figures(rows: list[dict[str, float]]) -> dict[str, float]:
    """The mean over pictures of every figure; `rows` must not be empty."""
    return {name: float(np.mean([row[name] for row in rows])) for name in rows[0]}


def _overlap(truth: np.ndarray, predicted: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Shared pixels of every true and predicted nucleus (n x m), and the areas of both."""
    true_ids, a = np.unique(truth, return_inverse=True)
    predicted_ids, b = np.unique(predicted, return_inverse=True)
    table = np.zeros((true_ids.size, predicted_ids.size), np.int64)
    counts = np.bincount(a.ravel() * predicted_ids.size + b.ravel(), minlength=table.size)
    table[:] = counts.reshape(table.shape)
    truth_area, predicted_area = table.sum(1), table.sum(0)
    rows, columns = true_ids != 0, predicted_ids != 0
    return (
        table[rows][:, columns].astype(float),
        truth_area[rows].astype(float),
        predicted_area[columns].astype(float),
    )


def _matches(iou: np.ndarray, threshold: float) -> int:
    """True positives of a one-to-one matching at `threshold`.

    Above 0.5 a nucleus overlaps at most one other that much; at exactly 0.5 two may, and the better
    goes first.
    """
    if threshold > 0.5:
        return int((iou >= threshold).sum())
    return len(_pairs(iou))


def _pairs(iou: np.ndarray) -> list[tuple[int, int]]:
    """True and predicted nuclei that match one-to-one at 0.5, the best first."""
    candidates = np.argwhere(iou >= 0.5)
    order = np.argsort(-iou[tuple(candidates.T)], kind="stable")
    rows: set[int] = set()
    columns: set[int] = set()
    found = []
    for i, j in candidates[order].tolist():
        if i not in rows and j not in columns:
            rows.add(i)
            columns.add(j)
            found.append((i, j))
    return found


def _foreground(truth: np.ndarray, predicted: np.ndarray) -> dict[str, float]:
    both, total = int((truth & predicted).sum()), int(truth.sum()) + int(predicted.sum())
    return {
        "pixel_accuracy": float((truth == predicted).mean()),
        "dice": 2 * both / total if total else 1.0,
        "iou": both / (total - both) if total else 1.0,
    }


def _aggregated_jaccard(
    iou: np.ndarray,
    overlap: np.ndarray,
    union: np.ndarray,
    truth_area: np.ndarray,
    predicted_area: np.ndarray,
) -> float:
    """Kumar's index: every true nucleus with its best predicted one; what stays unused counts against it."""
    n, m = iou.shape
    if not n or not m:
        return 1.0 if n == m else 0.0
    best = iou.argmax(axis=1)
    rows = np.arange(n)
    touched = iou[rows, best] > 0
    inter = overlap[rows, best][touched].sum()
    outer = union[rows, best][touched].sum() + truth_area[~touched].sum()
    unused = np.setdiff1d(np.arange(m), best[touched])
    return float(inter / (outer + predicted_area[unused].sum()))
