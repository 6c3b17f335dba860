"""Fits a bundle's confidence on the validation part, and says by cross-fitting how far it can be believed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from scipy.optimize import nnls

from segmentation.bundle import write_json
from segmentation.calibration import reliability
from segmentation.confidence import (
    FEATURES,
    FILE,
    LEVEL,
    Confidence,
    evidence,
    features,
    logistic,
)
from segmentation.dataset import Sample
from segmentation.instances import instances
from segmentation.measurements import measure
from segmentation.metrics import matched
from segmentation.spec import ModelSpec

FOLDS = 10
LEAST_PICTURES, LEAST_OF_EACH = 8, 20
"""Below these no confidence is claimed: pictures, and nuclei that match and that do not."""

TOUCHING = FEATURES.index("touching")

_RIDGE = 1.0
_STEPS = 50


class Maps(Protocol):
    """What is asked of a predictor."""

    spec: ModelSpec

    def maps(self, rgb: np.ndarray, progress: Callable[[int, int], None] | None = None) -> np.ndarray: ...


@dataclass(frozen=True)
class Fields:
    """The validation part as the regression sees it: a row a nucleus found, `picture` its picture's index.

    table N x F, hit N bool, picture N int; true: nuclei drawn in each of the P pictures; group: P names.
    """

    table: np.ndarray
    hit: np.ndarray
    picture: np.ndarray
    true: np.ndarray
    group: tuple[str, ...]

    def of(self, pictures: np.ndarray) -> Fields:
        """Only the nuclei of the pictures for which `pictures` (P bool) is true; the numbering stays."""
        rows = pictures[self.picture]
        return replace(self, table=self.table[rows], hit=self.hit[rows], picture=self.picture[rows])


def fit_confidence(
    folder: Path,
    predictor: Maps,
    validation: list[Sample],
    groups: dict[str, str],
    tick: Callable[[], None] | None = None,
) -> bool:
    """Write the bundle's confidence.json; False, and no file, where the validation part is too small.

    `groups` names each picture's group (its own where unknown): fits are judged on groups unseen.
    """
    beat = tick or (lambda: None)
    found = read_fields(predictor, validation, [groups.get(s.name, s.name) for s in validation], beat)
    fitted = fit(found)
    path = folder / FILE
    if fitted is None:
        path.unlink(missing_ok=True)
        return False
    model, report = fitted
    write_json(path, {"digest": predictor.spec.digest, "fitted_on": report, "model": model.to_dict()})
    return True


def read_fields(
    predictor: Maps, samples: list[Sample], groups: Sequence[str], tick: Callable[[], None]
) -> Fields:
    """Run the network over the pictures and compare what it finds with the truth."""
    tables, hits, pictures, true = [np.zeros((0, len(FEATURES)))], [np.zeros(0, bool)], [np.zeros(0, int)], []
    for number, sample in enumerate(samples):
        maps = predictor.maps(sample.rgb, lambda done, total: tick())
        labels = instances(maps, predictor.spec.thresholds, tick)
        tables.append(features(evidence(maps, labels), measure(labels, sample.rgb)))
        hits.append(matched(sample.labels, labels))
        pictures.append(np.full(len(hits[-1]), number))
        true.append(np.unique(sample.labels[sample.labels > 0]).size)
        tick()
    stacked = np.concatenate(tables), np.concatenate(hits), np.concatenate(pictures)
    return Fields(*stacked, np.array(true, float), tuple(groups))


def fit(found: Fields) -> tuple[Confidence, dict[str, Any]] | None:
    """The confidence and how well it held on groups it had not seen; None where there is too little."""
    pictures, hits = len(found.group), int(found.hit.sum())
    if pictures < LEAST_PICTURES or min(hits, found.hit.size - hits) < LEAST_OF_EACH:
        return None
    folds = _folds(found.group)
    if len(np.unique(folds)) < 2:
        return None
    unseen = np.zeros(found.hit.size)
    judged: list[tuple[int, float, float]] = []  # picture, expected, deviation
    for fold in np.unique(folds):
        model = _fit(found.of(folds != fold), folds != fold)
        rows = folds[found.picture] == fold
        unseen[rows] = model.probabilities(found.table[rows])
        for picture in np.flatnonzero(folds == fold):
            own = found.picture == picture
            if own.any():
                hit, missed, variance = model.moments(unseen[own], found.table[own, TOUCHING])
                judged.append((int(picture), hit + missed, float(np.sqrt(variance))))
    numbers = np.array(judged)
    error = np.abs(found.true[numbers[:, 0].astype(int)] - numbers[:, 1])
    spread = _quantile(error / np.maximum(numbers[:, 2], 1e-6))
    model = replace(_fit(found, np.ones(pictures, bool)), spread=round(spread, 4))
    report = {
        "part": "validation",
        "pictures": pictures,
        "groups": len(set(found.group)),
        "folds": int(folds.max()) + 1,
        "true_nuclei": int(found.true.sum()),
        "level": LEVEL,
        "median_half_width": round(float(np.median(spread * numbers[:, 2] / numbers[:, 1])), 4),
        "calibration": reliability(unseen, found.hit),
    }
    return model, report


def _folds(groups: Sequence[str]) -> np.ndarray:
    """The fold of each picture: groups whole, the largest dealt first, each to the smallest fold."""
    names, sizes = np.unique(np.array(groups), return_counts=True)
    load = np.zeros(min(FOLDS, len(names)), int)
    place = {}
    for i in np.argsort(-sizes, kind="stable").tolist():
        fold = int(load.argmin())
        place[str(names[i])] = fold
        load[fold] += sizes[i]
    return np.array([place[group] for group in groups])


def _fit(found: Fields, used: np.ndarray) -> Confidence:
    """Regression and rates of missing on the pictures for which `used` is true."""
    means, scales = found.table.mean(0), found.table.std(0)
    scales[scales < 1e-6] = 1.0
    weights = newton((found.table - means) / scales, found.hit)
    model = Confidence(
        features=FEATURES,
        means=_rounded(means),
        scales=_rounded(scales),
        coefficients=_rounded(weights[1:]),
        intercept=round(float(weights[0]), 6),
        missed_per_match=0.0,
        missed_per_false=0.0,
        missed_per_touching=0.0,
        spread=0.0,
    )
    said = model.probabilities(found.table)
    pictures = len(found.group)
    beside = found.table[:, TOUCHING]
    match, false, touching, hits = (
        np.bincount(found.picture, values, minlength=pictures)
        for values in (said, 1 - said, beside, found.hit)
    )
    missed = found.true - hits
    # misses are counts: their variance grows with their number
    weight = np.where(used, 1 / np.sqrt(np.maximum(match + false, 1)), 0.0)
    rates, _ = nnls(np.column_stack([match, false, touching]) * weight[:, None], missed * weight)
    names = ("missed_per_match", "missed_per_false", "missed_per_touching")
    missing: dict[str, Any] = dict(zip(names, _rounded(rates), strict=True))
    return replace(model, **missing)


def newton(table: np.ndarray, hit: np.ndarray) -> np.ndarray:
    """Coefficients of a ridge-penalised logistic regression, the intercept (not penalised) first.

    table N x F standardised, hit N bool. Newton's method, which for this convex loss converges in a few
    steps; each is halved while it would make the loss worse.
    """
    design = np.column_stack([np.ones(len(table)), table])
    penalty = np.full(design.shape[1], _RIDGE)
    penalty[0] = 1e-6

    def loss(weights: np.ndarray) -> float:
        z = design @ weights
        return float(np.logaddexp(0, z).sum() - z[hit].sum() + (penalty * weights**2).sum() / 2)

    weights = np.zeros(design.shape[1])
    for _ in range(_STEPS):
        said = logistic(design @ weights)
        slope = design.T @ (said - hit) + penalty * weights
        curve = (design.T * (said * (1 - said))) @ design + np.diag(penalty)
        step = np.linalg.solve(curve, slope)
        size, now = 1.0, loss(weights)
        while loss(weights - size * step) > now and size > 1e-6:
            size /= 2
        weights = weights - size * step
        if np.abs(size * step).max() < 1e-9:
            break
    return weights


def _quantile(scores: np.ndarray) -> float:
    """The conformal quantile: the ceil((n + 1) * LEVEL)-th smallest, at most the largest."""
    rank = min(int(np.ceil((scores.size + 1) * LEVEL)), scores.size)
    return float(np.sort(scores)[rank - 1])


def _rounded(values: np.ndarray) -> tuple[float, ...]:
    return tuple(round(float(value), 6) for value in values)
