"""The gate's rules: two readings of the same test part, compared. Nothing here writes a row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from webapp.registry.models import Evaluation

# Figures wobble a little from training to training; this much is no loss.
TOLERANCE = 0.005
# Of one kind of picture there are fewer, so its figures wobble more.
KIND_TOLERANCE = 0.03
KIND_IMAGES = 5
LEAST_IMAGES = 3
OTSU, ALL_BACKGROUND = "Otsu + watershed", "All background"
BASELINES = {OTSU: "gate_not_above_otsu", ALL_BACKGROUND: "gate_not_above_background"}

Reason = dict[str, Any]
Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Verdict:
    """`reasons` are {code, params} of sentences: what speaks against it, or, where it passed, for it."""

    passed: bool
    reasons: list[Reason]


def verdict(candidate: Evaluation, production: Evaluation | None) -> Verdict:
    """The candidate beside the version in use (None: nothing is in use) on the same test part."""
    if production is None:
        return judge(rows_of(candidate), None)
    return judge(rows_of(candidate), rows_of(production), str(production.model_version))


def judge(ours: Rows, theirs: Rows | None, version: str = "") -> Verdict:
    """The rules themselves. `ours` and `theirs` are rows as segmentation.evaluation.table gives them."""
    mine = network_row(ours, "all")
    if mine is None or not _has(mine, "ap50", "map", "dice"):
        return Verdict(False, [reason("gate_no_figures")])
    if mine["images"] < LEAST_IMAGES:
        return Verdict(False, [reason("gate_too_few", images=mine["images"], minimum=LEAST_IMAGES)])
    against = _against_baselines(ours, mine)
    simple = baseline_row(ours, OTSU)
    good = [reason("gate_above_simple", ours=mine["ap50"], theirs=simple["ap50"])] if simple else []
    if theirs is None:
        good.append(reason("gate_nothing_in_use"))
    else:
        other = network_row(theirs, "all")
        if other is None or not _has(other, "ap50", "map", "dice"):
            return Verdict(False, [reason("gate_no_figures")])
        against = _against_all(mine, other, version) + _against_kinds(ours, theirs) + against
        said = {"version": version, "images": mine["images"]}
        good.insert(0, reason("gate_holds_up", ours=mine["ap50"], theirs=other["ap50"], **said))
    return Verdict(False, against) if against else Verdict(True, good)


def _against_all(mine: dict[str, Any], other: dict[str, Any], version: str) -> list[Reason]:
    found = []
    for name in ("ap50", "map", "dice"):
        if _lower(mine[name], other[name], TOLERANCE):
            found.append(reason(f"gate_{name}_lower", ours=mine[name], theirs=other[name], version=version))
    return found


def _against_kinds(ours: Rows, theirs: Rows) -> list[Reason]:
    """No kind of picture may pay for the others, where there are enough of it to tell."""
    found = []
    for kind in sorted({str(row["modality"]) for row in ours} - {"all"}):
        mine, other = network_row(ours, kind), network_row(theirs, kind)
        if mine is None or other is None or mine["images"] < KIND_IMAGES:
            continue
        for name in ("ap50", "map"):
            if _has(mine, name) and _has(other, name) and _lower(mine[name], other[name], KIND_TOLERANCE):
                said = {"kind": kind, "images": mine["images"]}
                figures = {"ours": mine[name], "theirs": other[name]}
                found.append(reason(f"gate_kind_{name}_lower", **figures, **said))
    return found


def _against_baselines(ours: Rows, mine: dict[str, Any]) -> list[Reason]:
    found = []
    for name, code in BASELINES.items():
        row = baseline_row(ours, name)
        if row is None or not _has(row, "ap50"):
            return [reason("gate_no_figures")]
        if mine["ap50"] <= row["ap50"]:
            found.append(reason(code, ours=mine["ap50"], theirs=row["ap50"]))
    return found


def _lower(mine: float, other: float, tolerance: float) -> bool:
    # Figures carry four decimals; a difference of just the tolerance is no loss.
    return round(other - mine, 6) > tolerance


def _has(row: dict[str, Any], *names: str) -> bool:
    return all(isinstance(row.get(name), int | float) for name in names)


def reason(code: str, **params: Any) -> Reason:
    return {"code": code, "params": params}


def rows_of(evaluation: Evaluation) -> Rows:
    rows = evaluation.report.get("rows", []) if isinstance(evaluation.report, dict) else []
    return [row for row in rows if isinstance(row, dict) and "modality" in row and "images" in row]


def network_row(rows: Rows, kind: str) -> dict[str, Any] | None:
    """The row that is no baseline's, of a kind of picture."""
    return next((row for row in rows if row["modality"] == kind and row.get("name") not in BASELINES), None)


def baseline_row(rows: Rows, name: str, kind: str = "all") -> dict[str, Any] | None:
    return next((row for row in rows if row["modality"] == kind and row.get("name") == name), None)
