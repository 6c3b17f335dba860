"""The vocabulary of the bench: what a trained network is, how pictures are cut, how training is set up.

Frozen dataclasses, standard library only, so that the front desk may read a bundle's spec without
loading a single array library. `from_dict` refuses unknown names: a misspelt setting never passes.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import Any, Self

MODALITIES = ("fluorescence-dark", "pink-purple-HE", "purple-on-white", "grayscale-brightfield")
"""Kinds of picture that figures are told apart by; the names of the Data Science Bowl 2018 curation."""

NUCLEI, SMEAR = "nuclei", "smear"
"""Families of networks: for fluorescence, tissue and transmitted light; for stained smears."""

FP32, INT8 = "fp32", "int8"
"""The paths a picture can take through a network: float32, the reference, or whole numbers of eight bits."""


class _Plain:
    """Conversion to and from plain JSON values for the dataclasses below."""

    def to_dict(self) -> dict[str, Any]:
        return dataclasses.asdict(self)  # type: ignore[call-overload]

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Self:
        if not isinstance(values, dict):
            raise ValueError(f"{cls.__name__} is read from named values, not from {type(values).__name__}")
        known = {f.name: f for f in dataclasses.fields(cls)}  # type: ignore[arg-type]
        unknown = sorted(set(values) - set(known))
        if unknown:
            raise ValueError(f"{cls.__name__} has no setting named {', '.join(unknown)}")
        made = {}
        for name, value in values.items():
            nested = _NESTED.get((cls.__name__, name))
            if nested is not None and isinstance(value, dict):
                value = nested.from_dict(value)
            elif isinstance(value, list):
                value = tuple(value)
            made[name] = value
        return cls(**made)


@dataclass(frozen=True)
class Architecture(_Plain):
    """Shape of the U-Net: `filters` a level from the top to the bottleneck, `convolutions` a level.

    `stem_stride` 2 lets the first level work at half the picture's resolution, 1 at the full.
    """

    filters: tuple[int, ...] = (24, 48, 96, 192)
    input_channels: int = 3
    convolutions: int = 2
    stem_stride: int = 2

    @property
    def stride(self) -> int:
        """Height and width fed to the network are multiples of this."""
        return self.stem_stride * int(2 ** (len(self.filters) - 1))

    def widened(self, first: int) -> Architecture:
        """The same network with a first level of `first` filters, all others in proportion."""
        filters = tuple(round(width * first / self.filters[0]) for width in self.filters)
        return dataclasses.replace(self, filters=filters)


@dataclass(frozen=True)
class Preprocessing(_Plain):
    """How a uint8 picture becomes the network's input: percentiles that become 0 and 1, and the clip."""

    low_percentile: float = 1.0
    high_percentile: float = 99.8
    clip: float = 1.5
    minimum_range: float = 12.0  # grey levels; below it a field is empty and its noise is not blown up


@dataclass(frozen=True)
class TileSpec(_Plain):
    """Tiles of `size` px that share `overlap` px with their neighbours; both multiples of the stride."""

    size: int = 512
    overlap: int = 96


@dataclass(frozen=True)
class Thresholds(_Plain):
    """From maps to nuclei; tuned on the validation part and kept in the bundle."""

    foreground: float = 0.5  # probability above which a pixel belongs to a nucleus
    seed: float = 0.5  # normalised inner distance above which a pixel belongs to a nucleus' core
    smoothing_px: float = 1.0  # sigma of a Gaussian on the inner distance; 0 for none
    minimum_area_px: int = 15  # smaller objects are dropped
    minimum_seed_px: int = 3  # smaller cores are no nucleus of their own
    minimum_relative_area: float = 0.0  # of the picture's large nuclei; below it a platelet, no nucleus
    join_lobes: bool = False  # a core may bridge the gap between the lobes of one nucleus


@dataclass(frozen=True)
class Int8(_Plain):
    """The network in whole numbers of eight bits, as a bundle carries it: a file and its sha256."""

    file: str
    digest: str


@dataclass(frozen=True)
class ModelSpec(_Plain):
    """All that is needed to use a trained network, except its weights."""

    family: str
    version: int
    digest: str  # sha256 of the weights file, hexadecimal
    created: str  # ISO date
    architecture: Architecture = field(default_factory=Architecture)
    preprocessing: Preprocessing = field(default_factory=Preprocessing)
    tile: TileSpec = field(default_factory=TileSpec)
    thresholds: Thresholds = field(default_factory=Thresholds)
    weights: str = "weights.weights.h5"
    description: str = ""
    int8: Int8 | None = None  # only where it lost next to nothing on the validation part

    @property
    def name(self) -> str:
        return f"{self.family}-{self.version}"


@dataclass(frozen=True)
class TrainConfig(_Plain):
    """Every number that a training depends on; saved with each checkpoint and with the bundle."""

    family: str = "nuclei"
    version: int = 1
    seed: int = 20181
    crop: int = 256
    batch_size: int = 8
    epochs: int = 36
    steps_per_epoch: int = 50
    learning_rate: float = 2e-3
    final_learning_rate: float = 1e-5
    warmup_steps: int = 100
    weight_decay: float = 1e-4
    dice_weight: float = 0.5
    distance_weight: float = 1.0
    touching_weight: float = 0.0
    modality_power: float = 0.5  # 0: every modality equally often; 1: as often as its pictures
    smallest_diameter_px: float = 8.0  # scale augmentation keeps the median nucleus between these two
    largest_diameter_px: float = 80.0
    scale_range: tuple[float, float] = (0.6, 1.7)
    precision: str = "auto"  # "auto", "float32" or "mixed_bfloat16"
    early_stop_epochs: int = 12
    join_lobes: bool = False  # the inner distance is that of the nucleus' convex hull: lobes count once
    drawn_smears: int = 0  # smears drawn by segmentation.synthetic that join the training part
    start: str = ""  # sha256 of the weights that the training starts from; "" from scratch
    architecture: Architecture = field(default_factory=Architecture)
    preprocessing: Preprocessing = field(default_factory=Preprocessing)
    tile: TileSpec = field(default_factory=TileSpec)


@dataclass(frozen=True)
class TuneSearch(_Plain):
    """What a tuning tries: how many short trainings, and the values among which it looks for settings.

    Ranges are (lowest, highest), searched by orders of magnitude; an empty one leaves the setting alone.
    """

    trials: int = 8
    epochs: int = 4
    steps_per_epoch: int = 20
    learning_rate: tuple[float, float] = (2e-4, 1e-2)
    batch_size: tuple[int, ...] = (4, 8, 16)
    dice_weight: tuple[float, ...] = ()
    distance_weight: tuple[float, ...] = ()
    first_filters: tuple[int, ...] = ()  # width of the first level; the others keep their proportion to it


_NESTED: dict[tuple[str, str], Any] = {
    ("ModelSpec", "architecture"): Architecture,
    ("ModelSpec", "preprocessing"): Preprocessing,
    ("ModelSpec", "tile"): TileSpec,
    ("ModelSpec", "thresholds"): Thresholds,
    ("ModelSpec", "int8"): Int8,
    ("TrainConfig", "architecture"): Architecture,
    ("TrainConfig", "preprocessing"): Preprocessing,
    ("TrainConfig", "tile"): TileSpec,
}
