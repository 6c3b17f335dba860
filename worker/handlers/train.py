"""train: a frozen version's training and validation parts become a network, an epoch at a time."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from django.db import transaction

from segmentation.bundle import verified_weights, write_json
from segmentation.curves import best_epoch, read_curves
from segmentation.errors import BundleError
from segmentation.finishing import write_bundle
from segmentation.model_card import write_card
from segmentation.spec import ModelSpec, TrainConfig
from segmentation.splits import SplitRow, write_split
from segmentation.stain_reference import reference_of, write_reference
from segmentation.training import train
from webapp.datasets.learning import learning_rows
from webapp.datasets.models import VersionSample
from webapp.registry.bundles import folder_drop, next_number, run_folder
from webapp.registry.models import TrainingRun
from webapp.registry.selectors import model_path
from webapp.registry.training import clinic_lock, parts_of, run_epochs_record, run_record
from worker import decoder
from worker.device import prepare_device, step_back
from worker.handlers.frozen import load_parts
from worker.work import Finish, LeaseLost, Work


def handle(work: Work) -> Finish:
    work.progress("reading")
    step_back()
    run = TrainingRun.objects.select_related("dataset_version__dataset", "start_version").get(
        pk=work.payload["run_id"]
    )
    config = TrainConfig.from_dict(run.config)
    decoder.shared().start()
    rows = learning_rows(run.dataset_version)
    training, validation = load_parts(work, rows, config)
    device = prepare_device()
    folder = run_folder(run.pk)
    curves = folder / "curves.csv"
    if curves.exists():
        # What an earlier attempt had saved but no longer told the ledger.
        _record(work, run, read_curves(curves))
    work.progress("training")
    best = train(
        config,
        training,
        validation,
        folder,
        verbose=0,
        start=start_weights(run),
        on_epoch=lambda row: _record(work, run, [row]),
        on_step=lambda done, total: work.progress("training", done, total),
    )
    work.progress("finishing")
    split = folder / "split.csv"
    write_split(split, [SplitRow(r.name, r.group, r.modality or "unknown", r.part) for r in _named(rows)])
    bundle = work.scratch / "bundle"
    spec = write_bundle(
        bundle, config, best, validation, split, date.today().isoformat(),
        data=data_of(run, rows), tick=lambda: work.progress("finishing"), training=training,
    )  # fmt: skip
    write_reference(bundle, reference_of(training, validation, config.preprocessing))
    kept = best_epoch(read_curves(curves))["epoch"]

    def finish() -> None:
        clinic_lock(clinic_id=run.clinic_id)
        numbered = _number(bundle, spec, run)
        run_record(run_id=run.pk, folder=bundle, spec=numbered.to_dict(), best_epoch=int(kept), device=device)
        transaction.on_commit(lambda: folder_drop(folder))

    return finish


def start_weights(run: TrainingRun) -> Path | None:
    """The weights of the version that the run starts from, once they are those that the ledger names."""
    version = run.start_version
    if version is None:
        return None
    spec = ModelSpec.from_dict(version.spec)
    if spec.digest != version.digest:
        raise BundleError("bundle_digest", name=str(version))
    return verified_weights(model_path(version), spec)


def data_of(run: TrainingRun, rows: list[VersionSample]) -> dict[str, Any]:
    """For the card: which data set, which version, where its pictures came from and under which licences."""
    version = run.dataset_version
    samples = VersionSample.objects.filter(pk__in=[row.pk for row in rows])
    found = samples.order_by().values_list("sample__source", "sample__licence").distinct()
    return {
        "name": version.dataset.name,
        "version": version.number,
        "digest": version.digest,
        "sources": sorted({source or version.dataset.source for source, _ in found} - {""}),
        "licences": sorted({licence or version.dataset.licence for _, licence in found} - {""}),
        "test": parts_of(version)[VersionSample.Part.TEST],
    }


def _record(work: Work, run: TrainingRun, rows: list[dict[str, float]]) -> None:
    if not run_epochs_record(run_id=run.pk, job_id=work.id, attempt=work.attempt, rows=rows):
        raise LeaseLost


def _named(rows: list[VersionSample]) -> list[VersionSample]:
    """A split names each picture once, and two pictures of a version may share their name."""
    seen: set[str] = set()
    for row in rows:
        if row.name in seen:
            row.name = f"{row.name} ({row.pk})"
        seen.add(row.name)
    return rows


def _number(bundle: Path, spec: ModelSpec, run: TrainingRun) -> ModelSpec:
    """The bundle under its number, which is known only now, while nobody else can take it."""
    number = next_number(clinic_id=run.clinic_id, family=spec.family)
    numbered = replace(spec, version=number)
    write_json(bundle / "spec.json", numbered.to_dict())
    write_json(bundle / "training.json", {**run.config, "version": number})
    write_card(bundle)
    return numbered
