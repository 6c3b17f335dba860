"""How sure a network is of each nucleus: the probability that it matches a true one at IoU 0.5 or more.

Read from the network's maps inside and around the nucleus and from its shape, by a logistic regression
fitted on the validation part when the bundle is built (confidence_fit.py); the coefficients lie in the
bundle's `confidence.json`. A bundle without that file claims no confidence.

The count with its interval: the expected number of true nuclei is what is expected to match, plus what is
expected to be missed, and both are read from the confidences p of a picture:

    missed = missed_per_match * sum(p) + missed_per_false * sum(1 - p) + missed_per_touching * sum(touching)
    expected = sum(p) + missed
    interval = expected ± spread * sqrt(sum(p (1 - p)) + missed), never below 0

The rates of missing are the validation part's (weighted least squares, none below 0): nuclei are missed
beside bad outlines and inside clumps, `touching` being the share of an outline against others. `spread` is
such that the interval holds the true count of 95 % of the validation pictures, each judged by a fit that
had not seen its group (split conformal prediction: Vovk et al. 2005).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np

from segmentation.errors import BundleError

FILE = "confidence.json"
EVIDENCE = ("foreground", "depth", "peak", "sharpness", "touching", "unclaimed")
FEATURES = (*EVIDENCE, "log_relative_area", "abs_log_relative_area", "solidity", "eccentricity",
            "touches_edge", "picture_foreground", "picture_sharpness")  # fmt: skip
OF_PICTURE = ("foreground", "sharpness")
LEVEL = 0.95

_BAND_PIXELS = 1_000_000


@dataclass(frozen=True)
class Expected:
    """How many true nuclei a picture holds, and the 95 % interval, in whole nuclei."""

    count: int
    low: int
    high: int


@dataclass(frozen=True)
class Found:
    """The nuclei of a picture: labels HxW int32, and where its bundle claims confidence, what that needs."""

    labels: np.ndarray
    confidence: Confidence | None = None
    evidence: dict[str, np.ndarray] | None = None

    def scored(self, columns: dict[str, np.ndarray]) -> Expected | None:
        """Add the column `confidence` to measure()'s columns, where there is one; the expected count."""
        if self.confidence is None or self.evidence is None:
            return None
        said = columns["confidence"] = self.confidence.of(self.evidence, columns)
        return self.confidence.expected(said, self.evidence["touching"])


@dataclass(frozen=True)
class Confidence:
    """The fitted regression: `coefficients` act on features less `means`, by `scales`, in FEATURES' order."""

    features: tuple[str, ...]
    means: tuple[float, ...]
    scales: tuple[float, ...]
    coefficients: tuple[float, ...]
    intercept: float
    missed_per_match: float
    missed_per_false: float
    missed_per_touching: float
    spread: float

    def of(self, evidence: dict[str, np.ndarray], columns: dict[str, np.ndarray]) -> np.ndarray:
        """The confidence of each nucleus, N float64 0..1, in order of id.

        `evidence` is evidence() and `columns` measure() of the same labels.
        """
        return self.probabilities(features(evidence, columns))

    def probabilities(self, table: np.ndarray) -> np.ndarray:
        """N x F features in FEATURES' order -> N float64 0..1."""
        scaled = (table - np.array(self.means)) / np.array(self.scales)
        return logistic(scaled @ np.array(self.coefficients) + self.intercept)

    def expected(self, confidences: np.ndarray, touching: np.ndarray) -> Expected | None:
        """The expected number of true nuclei; None where nothing was found: then nothing is claimed.

        confidences and `touching` of the evidence: N values each.
        """
        if not confidences.size:
            return None
        matches, missed, variance = self.moments(confidences, touching)
        reach, middle = self.spread * np.sqrt(variance), matches + missed
        return Expected(round(middle), max(0, int(np.floor(middle - reach))), int(np.ceil(middle + reach)))

    def moments(self, confidences: np.ndarray, touching: np.ndarray) -> tuple[float, float, float]:
        """Expected matches, expected misses, and the variance that the two give their sum."""
        matches = float(confidences.sum())
        rates = (self.missed_per_match, self.missed_per_false, self.missed_per_touching)
        missed = float(np.dot(rates, (matches, confidences.size - matches, touching.sum())))
        return matches, missed, float((confidences * (1 - confidences)).sum()) + missed

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def load_confidence(folder: Path) -> Confidence | None:
    """The confidence of a bundle; None where it has none. BundleError where its file is unusable."""
    path = folder / FILE
    if not path.is_file():
        return None
    try:
        values = json.loads(path.read_text(encoding="utf-8"))["model"]
        names = {field.name for field in fields(Confidence)}
        made: dict[str, Any] = {
            name: tuple(v) if isinstance(v, list) else float(v) for name, v in values.items()
        }
        if set(made) != names or made["features"] != FEATURES:
            raise ValueError(f"{FILE} was written for other features")
        loaded = Confidence(**made)
        numbers = np.array([loaded.means, loaded.scales, loaded.coefficients], np.float64)
        rates = (loaded.intercept, loaded.missed_per_match, loaded.missed_per_false,
                 loaded.missed_per_touching, loaded.spread)  # fmt: skip
        if numbers.shape != (3, len(FEATURES)) or not np.isfinite([*numbers.ravel(), *rates]).all():
            raise ValueError(f"{FILE} lacks a number")
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise BundleError("bundle_spec", name=folder.name, detail=error) from error
    return loaded


def evidence(maps: np.ndarray, labels: np.ndarray) -> dict[str, np.ndarray]:
    """What the network's maps say of each nucleus, one value a nucleus present, in order of id.

    maps: HxWx2 uint8 (foreground, inner distance), labels: HxW int, 0 background. Returns float64 arrays:
    `foreground` mean probability inside 0..1; `depth` mean inner distance 0..1; `peak` its maximum;
    `sharpness` mean step of the probability across the nucleus' own border pixels, 0..1; `touching` share of
    those that have another nucleus beside them; `unclaimed`, the same for all, ln(1 + the probability outside
    all nuclei by that inside). No loop over nuclei; memory bounded by bands.
    """
    length = int(labels.max(initial=0)) + 1
    sums = {name: np.zeros(length) for name in ("area", "foreground", "depth", "border", "step", "beside")}
    peak, everything = np.zeros(length, np.uint8), 0.0
    for top, bottom in _bands(labels.shape):
        everything += float(maps[top:bottom, :, 0].sum(dtype=np.int64))
        ys, xs = np.nonzero(labels[top:bottom])
        if not len(ys):
            continue
        ids, ys = labels[top:bottom][ys, xs], ys + top
        first, last = int(ids.min()), int(ids.max()) + 1  # a band knows few ids: add over their range only
        step, beside, border = _at_border(maps[..., 0], labels, ys, xs, ids)
        values = maps[ys, xs]
        np.maximum.at(peak, ids, values[:, 1])
        for name, weights in (("area", None), ("foreground", values[:, 0]), ("depth", values[:, 1]),
                              ("border", border), ("step", step), ("beside", beside)):  # fmt: skip
            sums[name][first:last] += np.bincount(ids - first, weights, minlength=last - first)
    ids = np.flatnonzero(sums["area"][1:]) + 1
    inside = float(sums["foreground"].sum())
    area, border = sums["area"][ids], np.maximum(sums["border"][ids], 1)
    return {
        "foreground": sums["foreground"][ids] / area / 255,
        "depth": sums["depth"][ids] / area / 255,
        "peak": peak[ids] / 255,
        "sharpness": sums["step"][ids] / border / 255,
        "touching": sums["beside"][ids] / border,
        "unclaimed": np.full(ids.size, np.log1p((everything - inside) / inside) if inside else 0.0),
    }


def features(evidence: dict[str, np.ndarray], columns: dict[str, np.ndarray]) -> np.ndarray:
    """N x F float64 in FEATURES' order: the evidence, and shape and size beside the picture's median."""
    area = columns["area"]
    relative = np.log(area / np.median(area)) if area.size else area
    shape = [
        relative,
        np.abs(relative),
        columns["solidity"],
        columns["eccentricity"],
        columns["touches_edge"],
    ]
    picture = [np.full(area.size, np.median(evidence[name]) if area.size else 0) for name in OF_PICTURE]
    own = [evidence[name] for name in EVIDENCE]
    return np.column_stack([*own, *shape, *picture]).astype(np.float64)


def logistic(values: np.ndarray) -> np.ndarray:
    """1 / (1 + exp(-x)), without overflow."""
    result: np.ndarray = 0.5 * (1 + np.tanh(values / 2))
    return result


def _bands(shape: tuple[int, ...]) -> Iterator[tuple[int, int]]:
    rows = max(1, _BAND_PIXELS // max(1, shape[1]))
    for top in range(0, shape[0], rows):
        yield top, min(top + rows, shape[0])


def _at_border(
    foreground: np.ndarray, labels: np.ndarray, ys: np.ndarray, xs: np.ndarray, ids: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of each pixel of a nucleus: the largest fall of the probability to a pixel two further off, whether
    another nucleus is its 4-neighbour, and whether it lies on its nucleus' border; 0 off the border.

    The edge of the picture is no border: what lies behind it nobody knows.
    """
    height, width = labels.shape
    own = foreground[ys, xs].astype(np.float64)
    step, beside, border = np.zeros(len(ids)), np.zeros(len(ids), bool), np.zeros(len(ids), bool)
    for dy, dx in ((-1, 0), (1, 0), (0, -1), (0, 1)):
        near = labels[np.clip(ys + dy, 0, height - 1), np.clip(xs + dx, 0, width - 1)]
        beyond = foreground[np.clip(ys + 2 * dy, 0, height - 1), np.clip(xs + 2 * dx, 0, width - 1)]
        leaves = near != ids
        border |= leaves
        beside |= leaves & (near != 0)
        np.maximum(step, np.where(leaves, own - beyond, 0), out=step)
    return step, beside, border
