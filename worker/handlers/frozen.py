"""What trainings, tunings and evaluations share: frozen samples out of storage, decoded."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from pathlib import Path

from segmentation.dataset import Sample, draw_smears
from segmentation.errors import DataError
from segmentation.images import Limits
from segmentation.label_files import read_labels
from segmentation.preprocessing import modality
from segmentation.spec import TrainConfig
from webapp.common.models import StoredFile
from webapp.common.storage import absolute
from webapp.datasets.models import VersionSample
from worker import decoder
from worker.work import Work

Tick = Callable[[], None]


def load_sample(work: Work, row: VersionSample, tick: Tick) -> Sample:
    """One line of a frozen version: its picture decoded in the child, its labels, both the frozen bytes."""
    for stored in (row.picture, row.labels):
        _same_bytes(row.name, stored)
        tick()
    target = work.scratch / "picture.npy"
    picture = decoder.shared().decode(absolute(row.picture.path), target, limits=Limits(), tick=tick)
    # Its own memory, not the mapped file's, which the next picture takes.
    rgb = picture.rgb.copy()
    labels = read_labels(absolute(row.labels.path))
    if rgb.shape[:2] != labels.shape:
        raise DataError("data_shape", name=row.name, labels=labels.shape, image=rgb.shape[:2])
    return Sample(row.name, rgb, labels, row.modality or modality(rgb))


def load_parts(
    work: Work, rows: Iterable[VersionSample], config: TrainConfig
) -> tuple[list[Sample], list[Sample]]:
    """(training, validation) of the rows that a training may see; drawn smears join the training part."""
    rows = list(rows)
    parts: dict[str, list[Sample]] = {VersionSample.Part.TRAIN: [], VersionSample.Part.VALIDATION: []}
    total = len(rows) + config.drawn_smears
    for done, row in enumerate(rows):

        def tick(done: int = done) -> None:
            work.progress("reading", done, total)

        tick()
        parts[row.part].append(load_sample(work, row, tick))
    drawn = draw_smears(
        config.drawn_smears,
        config.seed,
        progress=lambda done, _: work.progress("reading", len(rows) + done, total),
    )
    return parts[VersionSample.Part.TRAIN] + drawn, parts[VersionSample.Part.VALIDATION]


def _same_bytes(name: str, stored: StoredFile) -> None:
    """A frozen version names bytes: a file that the disk or someone changed is not trained on."""
    path: Path = absolute(stored.path)
    with path.open("rb") as stream:
        if hashlib.file_digest(stream, "sha256").hexdigest() != stored.sha256:
            raise DataError("sample_changed", name=name)
