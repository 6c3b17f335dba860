"""What a person may set of a training: read, held within limits, completed; else refused in words."""

from __future__ import annotations

import dataclasses
import math
import re
from typing import Any, TypeVar

from segmentation.errors import DataError
from segmentation.spec import Architecture, ModelSpec, Preprocessing, TileSpec, TrainConfig, TuneSearch
from webapp.registry.models import ModelVersion

# setting: lowest, highest. Outside of it a training cannot work or would never end.
LIMITS: dict[str, tuple[float, float]] = {
    "epochs": (1, 500),
    "steps_per_epoch": (1, 2000),
    "batch_size": (1, 64),
    "crop": (32, 512),
    "learning_rate": (1e-6, 0.1),
    "final_learning_rate": (1e-9, 0.1),
    "warmup_steps": (0, 10_000),
    "weight_decay": (0, 0.1),
    "dice_weight": (0, 10),
    "distance_weight": (0, 10),
    "touching_weight": (0, 10),
    "modality_power": (0, 1),
    "smallest_diameter_px": (1, 1000),
    "largest_diameter_px": (1, 1000),
    "early_stop_epochs": (1, 500),
    "drawn_smears": (0, 300),
    "seed": (0, 2**31 - 1),
    "version": (1, 1_000_000),
}
SEARCH_LIMITS: dict[str, tuple[float, float]] = {
    "trials": (2, 100),
    "epochs": (1, 100),
    "steps_per_epoch": (1, 500),
}
PRESETS: dict[str, dict[str, int]] = {
    "quick": {"epochs": 6, "steps_per_epoch": 20, "early_stop_epochs": 6},
    "standard": {"epochs": 20, "steps_per_epoch": 40, "early_stop_epochs": 8},
    "long": {"epochs": 40, "steps_per_epoch": 60, "early_stop_epochs": 12},
}
# Filters of the first level and so on; what a training from scratch may choose by name.
SIZES: dict[str, tuple[int, ...]] = {
    "small": (16, 32, 64, 128),
    "medium": (24, 48, 96, 192),
    "large": (32, 64, 128, 256),
}
FAMILY = re.compile(r"[a-z][a-z0-9-]{0,39}")
WARMUP_STEPS = 100
PRECISIONS = ("auto", "float32", "mixed_bfloat16")
Plain = TypeVar("Plain", TrainConfig, TuneSearch, Architecture)


def settings_read(config: dict[str, Any], start_version: ModelVersion | None = None) -> TrainConfig:
    """The settings as a TrainConfig; those of the network are the start version's where there is one.

    Raises DataError "setting_unknown", "setting_invalid", "setting_out_of_range" or "start_differs".
    """
    given = dict(config)
    if start_version is not None:
        given |= _inherited(given, start_version)
    given.pop("start", None)
    found = _read(TrainConfig, given)
    _check_numbers(found, LIMITS)
    _check_network(found)
    total = found.epochs * found.steps_per_epoch
    changes: dict[str, Any] = {"version": 1, "start": start_version.digest if start_version else ""}
    if "warmup_steps" not in given:
        # A short training would otherwise end before its learning rate has risen.
        changes["warmup_steps"] = min(WARMUP_STEPS, total // 10)
    if found.final_learning_rate > found.learning_rate:
        changes["final_learning_rate"] = found.learning_rate
    return dataclasses.replace(found, **changes)


def search_read(search: dict[str, Any]) -> TuneSearch:
    """What a tuning tries; raises DataError like `settings_read`."""
    found = _read(TuneSearch, search)
    _check_numbers(found, SEARCH_LIMITS)
    for name in ("learning_rate", "dice_weight", "distance_weight"):
        values = getattr(found, name)
        if not values and name != "learning_rate":
            continue
        low, high = LIMITS[name]
        if len(values) != 2 or not all(_is_number(value) for value in values) or values[0] >= values[1]:
            raise DataError("setting_invalid", name=name, value=_shown(values))
        if values[0] < max(low, 1e-9) or values[1] > high:
            raise DataError("setting_out_of_range", name=name, low=_plain(low), high=_plain(high))
    for name, (low, high) in (("batch_size", LIMITS["batch_size"]), ("first_filters", (4.0, 64.0))):
        values = getattr(found, name)
        if not all(_is_whole(value) for value in values) or (name == "batch_size" and not values):
            raise DataError("setting_invalid", name=name, value=_shown(values))
        if not all(low <= value <= high for value in values):
            raise DataError("setting_out_of_range", name=name, low=_plain(low), high=_plain(high))
    return found


def _inherited(given: dict[str, Any], start_version: ModelVersion) -> dict[str, Any]:
    """Family, architecture, preprocessing and tiles of the start: its weights fit no other network."""
    spec = ModelSpec.from_dict(start_version.spec)
    kept = {
        "family": spec.family,
        "architecture": spec.architecture.to_dict(),
        "preprocessing": spec.preprocessing.to_dict(),
        "tile": spec.tile.to_dict(),
    }
    asked = given.get("architecture")
    if isinstance(asked, dict) and _read(Architecture, asked) != spec.architecture:
        raise DataError("start_differs", name=spec.name)
    return kept


def _read(kind: type[Plain], values: dict[str, Any]) -> Plain:
    if not isinstance(values, dict):
        raise DataError("setting_invalid", name="config", value=_shown(values))
    known = {field.name for field in dataclasses.fields(kind)}
    unknown = sorted(str(name) for name in set(values) - known)
    if unknown:
        raise DataError("setting_unknown", name=", ".join(unknown), known=", ".join(sorted(known)))
    try:
        return kind.from_dict(values)
    except (ValueError, TypeError) as error:
        raise DataError("setting_invalid", name=kind.__name__, value=str(error)) from error


def _check_numbers(found: TrainConfig | TuneSearch, limits: dict[str, tuple[float, float]]) -> None:
    for name, (low, high) in limits.items():
        value = getattr(found, name)
        whole = isinstance(next(f.default for f in dataclasses.fields(found) if f.name == name), int)
        if not (_is_whole(value) if whole else _is_number(value)):
            raise DataError("setting_invalid", name=name, value=_shown(value))
        if not low <= value <= high:
            raise DataError("setting_out_of_range", name=name, low=_plain(low), high=_plain(high))


def _check_network(found: TrainConfig) -> None:
    """What the network and its views need of one another."""
    parts = {"architecture": Architecture, "preprocessing": Preprocessing, "tile": TileSpec}
    for name, kind in parts.items():
        if not isinstance(getattr(found, name), kind):
            raise DataError("setting_invalid", name=name, value=_shown(getattr(found, name)))
    if not isinstance(found.family, str) or not FAMILY.fullmatch(found.family):
        raise DataError("setting_invalid", name="family", value=_shown(found.family))
    if found.precision not in PRECISIONS:
        raise DataError("setting_invalid", name="precision", value=_shown(found.precision))
    scales = found.scale_range
    if not isinstance(scales, tuple) or len(scales) != 2 or not all(map(_is_number, scales)):
        raise DataError("setting_invalid", name="scale_range", value=_shown(scales))
    if not 0.1 <= scales[0] < scales[1] <= 10:
        raise DataError("setting_invalid", name="scale_range", value=_shown(scales))
    if found.smallest_diameter_px >= found.largest_diameter_px:
        raise DataError("setting_invalid", name="largest_diameter_px", value=found.largest_diameter_px)
    _check_shape(found.architecture, found.tile, found.crop)
    grey = found.preprocessing
    numbers = (grey.low_percentile, grey.high_percentile, grey.clip, grey.minimum_range)
    if not all(map(_is_number, numbers)) or not 0 <= numbers[0] < numbers[1] <= 100 or numbers[2] <= 0:
        raise DataError("setting_invalid", name="preprocessing", value=_shown(grey.to_dict()))


def _check_shape(shape: Architecture, tile: TileSpec, crop: int) -> None:
    filters = shape.filters
    fits = (
        isinstance(filters, tuple)
        and 2 <= len(filters) <= 6
        and all(_is_whole(width) and 2 <= width <= 512 for width in filters)
        and shape.input_channels == 3
        and shape.convolutions in (1, 2, 3)
        and shape.stem_stride in (1, 2, 4)
    )
    if not fits:
        raise DataError("setting_invalid", name="architecture", value=_shown(shape.to_dict()))
    for name, value in (("crop", crop), ("tile", tile.size), ("tile", tile.overlap)):
        if not _is_whole(value) or value < 0 or value % shape.stride:
            raise DataError("setting_not_multiple", name=name, value=_shown(value), stride=shape.stride)
    if not 32 <= tile.size <= 2048 or tile.overlap * 2 > tile.size:
        raise DataError("setting_invalid", name="tile", value=_shown(tile.to_dict()))


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _plain(value: float) -> str:
    return f"{value:g}"


def _shown(value: Any) -> str:
    return str(value)[:80]
