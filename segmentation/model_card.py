"""The card of a bundle: what it is for, what it was trained on, how well it does, where it fails."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from segmentation.bundle import load_spec
from segmentation.confidence import FILE
from segmentation.curves import best_epoch, read_curves
from segmentation.evaluation import markdown
from segmentation.splits import read_split

LIMITS = """## Limits

- Trained on public pictures, none of them from a Panamanian laboratory and few of them bone marrow.
- Blood and marrow smears are not in the public set. Drawn ones, where named above, are no substitute: on real
  smears red cells and platelets may be outlined as nuclei, and the lobes of one cell counted apart.
- Rows with few pictures carry wide uncertainty; read the number of pictures beside each figure.
- Nuclei below about 8 px or above about 80 px across lie outside what was shown in training: rescale first.
- Crowded, out-of-focus and overlapping nuclei are merged or split more often than others.
"""

OWN_LIMITS = """## Limits

- Trained by a laboratory on pictures of its own choice: on pictures unlike those it may do worse than it does
  here, and the figures above speak of that choice alone.
- Rows with few pictures carry wide uncertainty; read the number of pictures beside each figure.
- Nuclei below about 8 px or above about 80 px across lie outside what was shown in training: rescale first.
- Crowded, out-of-focus and overlapping nuclei are merged or split more often than others.
"""


def write_card(folder: Path) -> None:
    """Write model_card.md from the bundle's own files; every number in it is read, none is typed."""
    (folder / "model_card.md").write_text(card(folder), encoding="utf-8")


def card(folder: Path) -> str:
    """The card as Markdown."""
    spec = load_spec(folder)
    config: dict[str, Any] = json.loads((folder / "training.json").read_text(encoding="utf-8"))
    epochs = read_curves(folder / "curves.csv")
    hours = sum(row["seconds"] for row in epochs) / 3600
    best = best_epoch(epochs)
    drawn, start = config.get("drawn_smears", 0), config.get("start", "")
    more = f" To the training part came {drawn} smears drawn by the project itself." if drawn else ""
    data = _data(folder)
    began = f" It began from the weights with digest `{start[:12]}…`." if start else ""
    filters = "-".join(map(str, spec.architecture.filters))
    return f"""# Model card: {spec.name}

Digest (sha256 of the weights): `{spec.digest}`. Made on {spec.created}.

**For** finding, outlining and counting cell nuclei in microscope pictures: fluorescence on a dark ground,
stained tissue and smears, transmitted light. Research use: it supports people and is not a diagnosis.

**Network**: U-Net, filters {filters}, stem stride {spec.architecture.stem_stride}; two maps a pixel
(foreground, normalised inner distance), then a marker-controlled watershed. Thresholds, tuned on the
validation part: foreground {spec.thresholds.foreground}, core {spec.thresholds.seed}, smallest nucleus
{spec.thresholds.minimum_area_px} px.

**Data**: {data}{more}

**Training**: seed {config["seed"]}, {len(epochs)} epochs of {config["steps_per_epoch"]} steps of
{config["batch_size"]} crops of {config["crop"]} px, {hours:.1f} h; best epoch {best["epoch"]:.0f} by
validation mean AP.{began} All settings in `training.json`, the course in `curves.csv` and `curves.png`.

## Figures on the test part

{_figures(folder)}
{_confidence(folder)}
{_limits(folder)}"""


def _data(folder: Path) -> str:
    """What the training saw: as `data.json` says; without one, the public set the project ships with."""
    split = read_split(folder / "split.csv")
    parts = {p: sum(row.part == p for row in split) for p in ("train", "validation", "test")}
    groups = len({row.group for row in split})
    path = folder / "data.json"
    if not path.is_file():
        return f"""Data Science Bowl 2018, stage 1 (BBBC038, CC0), with the community's mask corrections;
{len(split)} pictures in {groups} groups, split by group into {parts["train"]} train,
{parts["validation"]} validation and {parts["test"]} test (`split.csv`)."""
    data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    sources = "; ".join(data.get("sources", [])) or "not stated"
    licences = "; ".join(data.get("licences", [])) or "not stated"
    return f"""{data["name"]}, version {data["version"]} (digest `{data["digest"]}`); sources: {sources};
licences: {licences}. Split by group into {parts["train"]} train and {parts["validation"]} validation pictures
in {groups} groups (`split.csv`) and {data["test"]} test pictures that the training was never handed."""


def _figures(folder: Path) -> str:
    path = folder / "test_report.json"
    if not path.is_file():
        return "The test part has not been read yet."
    report: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return f"""Means over {report["images"]} pictures, read on {report["read_on"]} (every reading stands in
`test_readings.csv`). AP is TP / (TP + FP + FN) a picture at that IoU; `map` its mean over 0.5 … 0.95.
Pixel accuracy is easy: an all-background mask already reaches what its row shows.

{markdown(report["rows"])}"""


def _confidence(folder: Path) -> str:
    """How far the confidence of each nucleus held on groups that the fit had not seen; "" without one."""
    path = folder / FILE
    if not path.is_file():
        return ""
    fitted: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))["fitted_on"]
    known = fitted["calibration"]
    return f"""
## Confidence

Each nucleus carries the probability that it matches a true one at IoU 0.5 or more: a logistic regression on
the maps and the shape, fitted on the {fitted["pictures"]} validation pictures ({known["nuclei"]} nuclei).
By cross-fitting over {fitted["folds"]} folds of groups its expected calibration error is {known["ece"]:.3f}.
The interval of a count is as wide as {fitted["level"]:.0%} of these pictures need: to either side
{fitted["median_half_width"]:.0%} of the count, in the median.
"""


def _limits(folder: Path) -> str:
    path = folder / "data.json"
    if not path.is_file():
        return LIMITS
    lines: list[str] = json.loads(path.read_text(encoding="utf-8")).get("limits", [])
    return "\n".join(["## Limits", "", *(f"- {line}" for line in lines), ""]) if lines else OWN_LIMITS
