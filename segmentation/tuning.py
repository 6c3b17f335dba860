"""Looks for settings by short trainings, each judged on the validation part. The test part never comes here.

Tree-structured Parzen estimator (Bergstra et al. 2011) proposes, the median rule stops what falls behind
(Golovin et al. 2017), both by optuna. What has been tried stands in trials.json, so that an interrupted
search goes on with what it knew.
"""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import optuna

from segmentation.bundle import write_json
from segmentation.dataset import Sample
from segmentation.errors import DataError
from segmentation.spec import TrainConfig, TuneSearch
from segmentation.training import train

STARTUP_TRIALS = 3
"""Until so many have ended nothing is stopped early: a median of one is no median."""


@dataclass(frozen=True)
class Tried:
    """One trial that has ended; `value` is its best epoch's validation mean AP, `course` every epoch's."""

    number: int
    params: dict[str, Any]
    value: float | None
    epochs: int
    seconds: float
    outcome: str  # "complete", "pruned" or "failed"
    course: dict[str, float] = field(default_factory=dict)


def tune(
    config: TrainConfig,
    search: TuneSearch,
    training: list[Sample],
    validation: list[Sample],
    work: Path,
    on_trial: Callable[[list[Tried]], None] | None = None,
    on_step: Callable[[int, int], None] | None = None,
) -> list[Tried]:
    """Try `search.trials` settings, or go on where an interrupted search in `work` stopped.

    `on_trial` is given all that have ended, each time one ends; `on_step(done, total)` counts steps over all
    trials. Both may raise to end the search. Raises DataError "trials_all_failed" when none could end.
    """
    work.mkdir(parents=True, exist_ok=True)
    tried = _read(work)
    sampler = optuna.samplers.TPESampler(seed=config.seed + len(tried), n_startup_trials=STARTUP_TRIALS)
    pruner = optuna.pruners.MedianPruner(n_startup_trials=STARTUP_TRIALS, n_warmup_steps=1)
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(direction="maximize", sampler=sampler, pruner=pruner)
    for old in tried:
        study.add_trial(_as_trial(old, search))
    if on_trial and tried:
        on_trial(tried)
    begun = work / "begun.json"
    if begun.exists():  # interrupted in the middle of a trial: the same settings again, from its checkpoint
        study.enqueue_trial(json.loads(begun.read_text(encoding="utf-8")))
    while len(tried) < search.trials:
        trial = study.ask()
        params = propose(trial, search)
        write_json(begun, params)
        ended = _try(trial, replace_settings(config, search, params), params, training, validation, work,
                     _counter(on_step, len(tried), search))  # fmt: skip
        state = _STATES[ended.outcome]
        study.tell(trial, ended.value if ended.outcome == "complete" else None, state)
        tried.append(ended)
        write_json(work / "trials.json", {"trials": [asdict(one) for one in tried]})
        begun.unlink()
        shutil.rmtree(work / "trial", ignore_errors=True)
        if on_trial:
            on_trial(tried)
    if all(one.value is None for one in tried):
        raise DataError("trials_all_failed")
    return tried


def propose(trial: optuna.Trial, search: TuneSearch) -> dict[str, Any]:
    """The settings that the sampler wants tried, by the names of TrainConfig (and `first_filters`)."""
    low, high = search.learning_rate
    params: dict[str, Any] = {"learning_rate": trial.suggest_float("learning_rate", low, high, log=True)}
    params["batch_size"] = trial.suggest_categorical("batch_size", list(search.batch_size))
    for name in ("dice_weight", "distance_weight"):
        if limits := getattr(search, name):
            params[name] = trial.suggest_float(name, *limits, log=True)
    if search.first_filters:
        params["first_filters"] = trial.suggest_categorical("first_filters", list(search.first_filters))
    return params


def replace_settings(config: TrainConfig, search: TuneSearch, params: dict[str, Any]) -> TrainConfig:
    """The settings of one trial: short, and without the patience that a whole training has."""
    settings = dict(params)
    first = settings.pop("first_filters", None)
    if first is not None:
        settings["architecture"] = config.architecture.widened(int(first))
    steps = search.epochs * search.steps_per_epoch
    return replace(
        config,
        epochs=search.epochs,
        steps_per_epoch=search.steps_per_epoch,
        warmup_steps=min(config.warmup_steps, steps // 10),
        early_stop_epochs=search.epochs,
        final_learning_rate=min(config.final_learning_rate, settings["learning_rate"]),
        **settings,
    )


_STATES = {
    "complete": optuna.trial.TrialState.COMPLETE,
    "pruned": optuna.trial.TrialState.PRUNED,
    "failed": optuna.trial.TrialState.FAIL,
}


def _try(
    trial: optuna.Trial,
    settings: TrainConfig,
    params: dict[str, Any],
    training: list[Sample],
    validation: list[Sample],
    work: Path,
    on_step: Callable[[int, int], None],
) -> Tried:
    course: dict[str, float] = {}
    began = time.monotonic()

    def judged(row: dict[str, float]) -> None:
        epoch = int(row["epoch"])
        course[str(epoch)] = row["val_map"]
        trial.report(row["val_map"], epoch)
        if epoch < settings.epochs and trial.should_prune():
            raise optuna.TrialPruned

    outcome = "complete"
    try:
        train(settings, training, validation, work / "trial", None, judged, 0, on_step=on_step)
    except optuna.TrialPruned:
        outcome = "pruned"
    except Exception as error:
        # A batch that does not fit the memory is an answer; by name, for other backends have no TensorFlow.
        if type(error).__name__ != "ResourceExhaustedError":
            raise
        outcome = "failed"
    seconds = round(time.monotonic() - began, 1)
    value = max(course.values()) if course else None
    return Tried(trial.number, params, value, len(course), seconds, outcome, course)


def _counter(
    on_step: Callable[[int, int], None] | None, ended: int, search: TuneSearch
) -> Callable[[int, int], None]:
    a_trial = search.epochs * search.steps_per_epoch

    def count(done: int, total: int) -> None:
        if on_step:
            on_step(ended * a_trial + done, search.trials * a_trial)

    return count


def _as_trial(old: Tried, search: TuneSearch) -> optuna.trial.FrozenTrial:
    """What is remembered of a trial, as the sampler and the pruner want it."""
    distributions: dict[str, optuna.distributions.BaseDistribution] = {
        "learning_rate": _range(search.learning_rate),
        "batch_size": optuna.distributions.CategoricalDistribution(list(search.batch_size)),
    }
    for name in ("dice_weight", "distance_weight"):
        if limits := getattr(search, name):
            distributions[name] = _range(limits)
    if search.first_filters:
        distributions["first_filters"] = optuna.distributions.CategoricalDistribution(
            list(search.first_filters)
        )
    return optuna.trial.create_trial(
        state=_STATES[old.outcome],
        value=old.value if old.outcome == "complete" else None,
        params=old.params,
        distributions=distributions,
        intermediate_values={int(epoch): value for epoch, value in old.course.items()},
    )


def _range(limits: tuple[float, ...]) -> optuna.distributions.FloatDistribution:
    low, high = limits
    return optuna.distributions.FloatDistribution(low, high, log=True)


def _read(work: Path) -> list[Tried]:
    path = work / "trials.json"
    if not path.exists():
        return []
    return [Tried(**one) for one in json.loads(path.read_text(encoding="utf-8"))["trials"]]
