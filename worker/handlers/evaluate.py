"""evaluate: the test part of a frozen version, read once by one network, with pictures to look at."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np

from segmentation.bundle import write_json
from segmentation.confidence import Found
from segmentation.dataset import Sample
from segmentation.doubt import Doubt
from segmentation.evaluation import Case, PictureFigures, evaluate, table
from segmentation.model_card import write_card
from segmentation.panels import panel_jpeg
from segmentation.predictor import Predictor
from webapp.common.storage import Stored, store_bytes
from webapp.datasets.models import VersionSample
from webapp.datasets.testing import test_rows
from webapp.registry.evaluating import Panel, evaluation_record
from webapp.registry.models import Evaluation
from webapp.registry.selectors import model_path
from worker import decoder
from worker.device import prepare_device, step_back
from worker.handlers.frozen import load_sample
from worker.handlers.segment import loaded
from worker.work import Finish, Work

METHOD = "U-Net"
PANELS = 20
SHOWN = ("dice", "ap50", "map", "count_error")


def handle(work: Work) -> Finish:
    work.progress("reading")
    step_back()
    evaluation = Evaluation.objects.select_related("model_version", "dataset_version__dataset").get(
        pk=work.payload["evaluation_id"]
    )
    version = evaluation.model_version
    decoder.shared().start()
    rows = test_rows(evaluation.dataset_version)
    prepare_device()
    predictor = loaded(model_path(version), version.digest)
    reading = _Reading(work, rows, predictor, panel_rows(evaluation, rows))
    figures = evaluate(reading.cases(), METHOD, reading.segment, lambda _: reading.advance(), reading.seen)
    report = {
        "model": str(version),
        "digest": version.digest,
        "dataset": str(evaluation.dataset_version),
        "dataset_digest": evaluation.dataset_version.digest,
        "read_on": date.today().isoformat(),
        "part": "test",
        "images": len(rows),
        "rows": table(figures),
        "confidence": reading.doubt.report(),
    }
    panels = reading.panels(figures)

    def finish() -> None:
        if evaluation_record(evaluation_id=evaluation.pk, report=report, panels=panels):
            _keep_beside_weights(evaluation, report)

    return finish


def panel_rows(evaluation: Evaluation, rows: list[VersionSample]) -> set[str]:
    """Which pictures are shown: drawn by lot from the evaluation's own id, so that nobody picks them."""
    lot = random.Random(str(evaluation.pk))
    return {str(row.pk) for row in lot.sample(rows, min(PANELS, len(rows)))}


@dataclass
class _Reading:
    """One pass over the test part, one picture in memory at a time. Rows are named by their keys."""

    work: Work
    rows: list[VersionSample]
    predictor: Predictor
    shown: set[str]
    done: int = 0
    current: Sample | None = None
    last: Found | None = None
    doubt: Doubt = field(default_factory=Doubt)
    strips: dict[str, Stored] = field(default_factory=dict)

    def advance(self) -> None:
        self.done += 1
        self.tick()

    def tick(self) -> None:
        self.work.progress("evaluating", self.done, len(self.rows))

    def cases(self) -> Iterator[Case]:
        for row in self.rows:
            self.current = sample = load_sample(self.work, row, self.tick)
            yield str(row.pk), sample.modality, sample.rgb, sample.labels

    def segment(self, key: str, rgb: np.ndarray) -> np.ndarray:
        self.last = self.predictor.find(rgb, lambda done, total: self.tick())
        found = self.last.labels
        if key in self.shown and self.current is not None:
            strip = panel_jpeg(rgb, self.current.labels, found)
            self.strips[key] = store_bytes(
                clinic_id=self.work.clinic_id, content=strip, media_type="image/jpeg", ext=".jpg"
            )
        self.tick()
        return found

    def seen(self, row: PictureFigures, rgb: np.ndarray, truth: np.ndarray, labels: np.ndarray) -> None:
        if self.last is not None:
            self.doubt.add(row.modality, rgb, truth, self.last)
            self.tick()

    def panels(self, figures: list[PictureFigures]) -> list[Panel]:
        """In the order in which the pictures were read."""
        names = {str(row.pk): row.name for row in self.rows}
        own = {row.name: row for row in figures if row.method == METHOD}
        return [
            Panel(
                name=names[key],
                modality=own[key].modality,
                picture=strip,
                figures={name: round(own[key].figures[name], 4) for name in SHOWN}
                | {"nuclei": own[key].nuclei, "predicted": own[key].predicted},
            )
            for key, strip in self.strips.items()
        ]


def _keep_beside_weights(evaluation: Evaluation, report: dict[str, Any]) -> None:
    """The figures into the bundle of a network trained here, and its card written anew."""
    folder = model_path(evaluation.model_version)
    write_json(folder / "test_report.json", report)
    readings = folder / "test_readings.csv"
    new = not readings.exists()
    with readings.open("a", newline="", encoding="utf-8") as lines:
        writer = csv.writer(lines, lineterminator="\n")
        if new:
            writer.writerow(["date", "digest", "pictures"])
        writer.writerow([report["read_on"], report["digest"], report["images"]])
    write_card(folder)
