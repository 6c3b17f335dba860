"""Trains a U-Net on train and validation samples. The test part never comes here."""

from __future__ import annotations

import csv
import json
import os
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np

from segmentation.batches import FixedBatches, TrainingBatches
from segmentation.bundle import write_json
from segmentation.curves import CURVES, read_curves
from segmentation.dataset import Sample
from segmentation.errors import DataError
from segmentation.instances import instances
from segmentation.losses import NucleusLoss, PixelAccuracy
from segmentation.memory import keep_freed_memory
from segmentation.metrics import compare, mean_figures
from segmentation.spec import Thresholds, TrainConfig
from segmentation.unet import build_unet


def train(
    config: TrainConfig,
    training: list[Sample],
    validation: list[Sample],
    work: Path,
    max_minutes: float | None = None,
    on_epoch: Callable[[dict[str, float]], None] | None = None,
    verbose: int | str = "auto",
    start: Path | None = None,
    on_step: Callable[[int, int], None] | None = None,
) -> Path:
    """Train, or go on where an interrupted training of the same config in `work` stopped.

    Leaves in `work`: config.json, curves.csv (a row an epoch), last.weights.h5 with the optimiser's state,
    best.weights.h5 (highest validation mean AP on the middle crops; of equals, the lowest validation loss),
    state.json. Returns the best weights.
    `max_minutes` ends after the epoch in which they pass; the same call goes on from there. `start`: weights
    to begin from instead of chance (transfer); their digest belongs into `config.start`.
    `on_step(done, total)` is called after every step and often while an epoch is judged; `on_epoch(row)` once
    the epoch is saved. Both may raise to end the training; it can be gone on with from its last whole epoch.
    """
    keep_freed_memory()
    work.mkdir(parents=True, exist_ok=True)
    _keep_config(config, work)
    keras.utils.set_random_seed(config.seed)
    keras.mixed_precision.set_global_policy(precision(config))
    try:
        network = _compiled(config, start)
        keeper = _Keeper(network, config, validation, work, max_minutes, on_epoch, on_step)
        batches = TrainingBatches(training, config)
        batches.epoch = keeper.epoch
        if not keeper.finished:
            network.fit(
                batches,
                validation_data=keeper.fixed,
                initial_epoch=keeper.epoch,
                epochs=config.epochs,
                shuffle=False,
                callbacks=[keeper],
                verbose=verbose,
            )
    finally:
        keras.mixed_precision.set_global_policy("float32")
    return work / "best.weights.h5"


def first_thresholds(config: TrainConfig) -> Thresholds:
    """What a network is judged with before its own are tuned; a smear's platelets are not to be counted."""
    return Thresholds(join_lobes=True, minimum_relative_area=0.2) if config.join_lobes else Thresholds()


def precision(config: TrainConfig) -> str:
    """The Keras policy; "auto" takes bfloat16 where the processor or a GPU computes in it."""
    if config.precision != "auto":
        return config.precision
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf  # the one backend whose devices are asked for; others pass by

        if tf.config.list_physical_devices("GPU"):
            return "mixed_bfloat16"
    flags = Path("/proc/cpuinfo")
    text = flags.read_text(encoding="utf-8") if flags.exists() else ""
    return "mixed_bfloat16" if "avx512_bf16" in text or "amx_bf16" in text else "float32"


def _compiled(config: TrainConfig, start: Path | None) -> keras.Model:
    steps = config.epochs * config.steps_per_epoch
    rate = keras.optimizers.schedules.CosineDecay(
        config.learning_rate / 50,
        max(1, steps - config.warmup_steps),
        alpha=config.final_learning_rate / config.learning_rate,
        warmup_target=config.learning_rate,
        warmup_steps=config.warmup_steps,
    )
    optimizer = keras.optimizers.AdamW(rate, weight_decay=config.weight_decay, clipnorm=1.0)
    optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    network = build_unet(config.architecture)
    if start:
        network.load_weights(start)
    loss = NucleusLoss(config.dice_weight, config.distance_weight, config.touching_weight)
    network.compile(optimizer, loss, metrics=[PixelAccuracy()])
    return network


def _keep_config(config: TrainConfig, work: Path) -> None:
    """Save the config, or refuse to mix two trainings in one folder."""
    path = work / "config.json"
    if path.exists():
        before = TrainConfig.from_dict(json.loads(path.read_text(encoding="utf-8")))
        if replace(before, early_stop_epochs=config.early_stop_epochs) != config:
            raise DataError("training_differs", path=str(work))
    write_json(path, config.to_dict())


class _Ticker(keras.callbacks.Callback):
    """Passes the keeper's tick on while it predicts; given itself, the keeper would be set up twice."""

    def __init__(self, keeper: _Keeper):
        super().__init__()
        self.keeper = keeper

    def on_predict_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        self.keeper.on_test_batch_end(batch)


class _Keeper(keras.callbacks.Callback):
    """After each epoch: validation figures, a row of the curves, checkpoints, and whether to go on."""

    def __init__(
        self,
        network: keras.Model,
        config: TrainConfig,
        validation: list[Sample],
        work: Path,
        max_minutes: float | None,
        on_epoch: Callable[[dict[str, float]], None] | None,
        on_step: Callable[[int, int], None] | None,
    ):
        super().__init__()
        self.on_step, self.steps = on_step, config.epochs * config.steps_per_epoch
        self.config, self.work, self.on_epoch = config, work, on_epoch
        self.fixed = FixedBatches(validation, config)
        self.started = self.epoch_started = time.monotonic()
        self.max_seconds = None if max_minutes is None else max_minutes * 60
        self.epoch, self.best, self.best_epoch = 0, (-1.0, -np.inf), 0
        state = work / "state.json"
        if state.exists():
            network.optimizer.build(network.trainable_variables)
            try:
                network.load_weights(work / "last.weights.h5")
                saved = json.loads(state.read_text(encoding="utf-8"))
                self.epoch, self.best_epoch = saved["epoch"], saved["best_epoch"]
                self.best = (saved["best"], -saved.get("best_loss", np.inf))
            except (OSError, ValueError, KeyError, TypeError) as error:  # cut short, or not ours
                raise DataError("checkpoint_damaged", path=str(work)) from error

    @property
    def finished(self) -> bool:
        waited = self.epoch - self.best_epoch
        return self.epoch >= self.config.epochs or waited >= self.config.early_stop_epochs

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self.epoch_started = time.monotonic()
        self._tick(epoch * self.config.steps_per_epoch)

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        self._tick(self.epoch * self.config.steps_per_epoch + batch + 1)

    def on_test_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        self._tick((self.epoch + 1) * self.config.steps_per_epoch)

    def _tick(self, done: int) -> None:
        if self.on_step:
            self.on_step(done, self.steps)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        figures = self._figures()
        self.epoch = epoch + 1
        logs = {**(logs or {}), "val_ap50": figures["ap50"], "val_map": figures["map"]}
        row = {"epoch": self.epoch, "seconds": round(time.monotonic() - self.epoch_started, 1)}
        row |= {name: round(float(logs[name]), 5) for name in CURVES[2:]}
        # A network that finds no nucleus yet still learns: then the loss says which epoch is the better one.
        if (row["val_map"], -row["val_loss"]) > self.best:
            self.best, self.best_epoch = (row["val_map"], -row["val_loss"]), self.epoch
            self._save("best.weights.h5")
        self._save("last.weights.h5")
        self._append(row)
        state = {"epoch": self.epoch, "best": self.best[0], "best_epoch": self.best_epoch}
        state["best_loss"] = -self.best[1]
        write_json(self.work / "state.json", state)
        if self.on_epoch:
            self.on_epoch(row)
        overtime = self.max_seconds is not None and time.monotonic() - self.started > self.max_seconds
        if self.finished or overtime:
            self.model.stop_training = True

    def _figures(self) -> dict[str, float]:
        """AP of the validation crops at the default thresholds."""
        logits = self.model.predict(
            self.fixed.pictures, batch_size=self.config.batch_size, verbose=0, callbacks=[_Ticker(self)]
        )
        maps = np.rint(255 / (1 + np.exp(-logits.astype(np.float32)))).astype(np.uint8)
        rows = []
        for truth, found in zip(self.fixed.labels, maps, strict=True):
            rows.append(compare(truth, instances(found, first_thresholds(self.config))))
            self.on_test_batch_end(0)
        return mean_figures(rows)

    def _save(self, name: str) -> None:
        temporary = self.work / f"part.{name}"
        self.model.save_weights(temporary, overwrite=True)
        os.replace(temporary, self.work / name)

    def _append(self, row: dict[str, float]) -> None:
        """A row of the curves; rows of epochs that are being repeated after a crash are dropped."""
        path = self.work / "curves.csv"
        before = [r for r in read_curves(path) if r["epoch"] < row["epoch"]] if path.exists() else []
        with path.open("w", newline="", encoding="utf-8") as lines:
            writer = csv.DictWriter(lines, CURVES, lineterminator="\n")
            writer.writeheader()
            writer.writerows([*before, row])
