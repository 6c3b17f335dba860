"""How a training stands, in numbers that a page can show."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median
from typing import Any

from django.utils import timezone

from webapp.jobs.models import State
from webapp.portal.progress import JobView, job_view, job_views
from webapp.registry.models import EpochMetric, TrainingRun

CURVES = ("loss", "val_loss", "accuracy", "val_accuracy", "val_ap50", "val_map")


@dataclass(frozen=True)
class RunView:
    """A run with its job's state and its epochs so far."""

    run: TrainingRun
    state: JobView
    epochs: list[EpochMetric]

    @property
    def best(self) -> EpochMetric | None:
        """The epoch whose network is kept: highest validation mean AP, of equals the lowest loss."""
        return max(self.epochs, key=lambda epoch: (epoch.val_map, -epoch.val_loss), default=None)

    @property
    def planned(self) -> int:
        return int(self.run.config.get("epochs", 0))

    @property
    def epochs_left(self) -> int:
        return max(0, self.planned - len(self.epochs))

    @property
    def seconds_left(self) -> float | None:
        """From its own epochs; from the estimate until the first has ended. None once it no longer runs."""
        job = self.state.job
        if job.state != State.RUNNING or job.step not in ("training", "reading", ""):
            return None
        share = 1 - (job.done / job.total if job.step == "training" and job.total else 0.0)
        if self.epochs:
            return median(epoch.seconds for epoch in self.epochs[-5:]) * self.planned * share
        return None if self.run.estimate_s is None else self.run.estimate_s * share

    @property
    def seconds(self) -> float | None:
        """How long it took, or has taken so far; over all its attempts, as far as its epochs tell."""
        job = self.state.job
        if job.started_at is None:
            return sum(epoch.seconds for epoch in self.epochs) or None
        whole = ((job.finished_at or timezone.now()) - job.started_at).total_seconds()
        return max(whole, sum(epoch.seconds for epoch in self.epochs))


def run_view(run: TrainingRun) -> RunView:
    return RunView(run, job_view(run.job), list(run.epochs.all()))


def run_views(runs: Iterable[TrainingRun]) -> list[RunView]:
    runs = list(runs)
    states = job_views(run.job for run in runs)
    return [RunView(run, states[run.job_id], list(run.epochs.all())) for run in runs]


def curves_of(view: RunView) -> dict[str, Any]:
    """Column by column, as the chart wants it."""
    columns: dict[str, Any] = {name: [getattr(epoch, name) for epoch in view.epochs] for name in CURVES}
    return {"epoch": [epoch.epoch for epoch in view.epochs], **columns, "live": view.state.is_live}
