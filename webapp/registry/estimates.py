"""How long a training will take, from what trainings took here before."""

from __future__ import annotations

from statistics import median

from segmentation.spec import Architecture, TrainConfig
from webapp.registry.models import EpochMetric

SECONDS_A_VIEW = 0.35
"""Until this installation has trained: nuclei-1's own epochs (its curves.csv, 140 s for 400 views of 256 px
of the default network) on two processor cores; the judging of each epoch is in it."""
RECENT_EPOCHS = 60
START_S = 30
"""Reading the pictures, building the network, and the bundle at the end."""


def network_cost(architecture: Architecture) -> float:
    """Multiplications a pixel of the network's 3x3 convolutions: what its time goes with, roughly."""
    filters = architecture.filters
    total, before = 0.0, float(architecture.input_channels)
    for depth, width in enumerate(filters):
        area = 1 / (architecture.stem_stride**2 * 4.0**depth)
        total += 9 * area * (before * width + (architecture.convolutions - 1) * width * width)
        if depth + 1 < len(filters):  # the way up: its own features and those from below
            joined = width + filters[depth + 1]
            total += 9 * area * (joined * width + (architecture.convolutions - 1) * width * width)
        before = float(width)
    return total


_DEFAULT = TrainConfig()
_UNIT = network_cost(_DEFAULT.architecture) * _DEFAULT.crop**2


def work_of(config: TrainConfig) -> float:
    """The work of one epoch, in views of 256 px of the default network."""
    views = config.steps_per_epoch * config.batch_size
    return views * config.crop**2 * network_cost(config.architecture) / _UNIT


def seconds_a_view() -> float:
    """The median of what the last epochs of this installation took; the stated constant before the first."""
    found = []
    for epoch in EpochMetric.objects.select_related("run").order_by("-recorded_at")[:RECENT_EPOCHS]:
        try:
            work = work_of(TrainConfig.from_dict(epoch.run.config))
        except (ValueError, TypeError):
            continue  # settings of another day
        if work > 0 and epoch.seconds > 0:
            found.append(epoch.seconds / work)
    return median(found) if found else SECONDS_A_VIEW


def estimate_s(config: TrainConfig) -> int:
    """Seconds a training with these settings takes if it does not end early."""
    return round(START_S + config.epochs * work_of(config) * seconds_a_view())


def is_measured() -> bool:
    """Whether the estimate rests on this installation's own trainings."""
    return EpochMetric.objects.exists()
