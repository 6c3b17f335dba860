"""The clinic's approved masks, prepared for matching: each picture's nuclei once, kept in a file.

The file is named by what it was made from, so a picture whose mask changes is prepared anew and all others
are only read. It holds nothing that cannot be made again.
"""

from __future__ import annotations

import hashlib
import os
import uuid
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from segmentation.errors import MedulaError
from segmentation.grids import DESCRIPTOR_VERSION, Nuclei, crops, join, prepare
from segmentation.images import Limits
from segmentation.label_files import read_labels
from webapp.common.storage import absolute, root, scratch
from webapp.datasets.models import Sample
from worker import decoder
from worker.work import Work

MOST_NUCLEI = 60_000
_FIELDS = ("ids", "area", "grid", "vectors")


@dataclass(frozen=True)
class Library:
    """The pictures that could be read, in order; all nuclei; and each one's picture and row there."""

    samples: list[Sample]
    files: list[Path]
    nuclei: Nuclei
    picture_of: np.ndarray
    row_of: np.ndarray
    unread: int
    left_out: int  # pictures beyond MOST_NUCLEI

    def crops(self, wanted: np.ndarray) -> np.ndarray:
        """Small pictures of the library's nuclei by index, in the order asked for: N x side x side x 3."""
        out: dict[int, np.ndarray] = {}
        for picture in np.unique(self.picture_of[wanted]):
            of_it = wanted[self.picture_of[wanted] == picture]
            with np.load(self.files[picture], allow_pickle=False) as kept:
                small = kept["crops"]
            out |= {int(index): small[self.row_of[index]] for index in of_it}
        return np.stack([out[int(index)] for index in wanted])


def load(work: Work, samples: list[Sample], channels: int) -> Library:
    """Every sample's nuclei, from its file or made now. One that cannot be read is counted."""
    kept: list[tuple[Sample, Path, Nuclei]] = []
    unread = total = left_out = 0
    for number, sample in enumerate(samples):
        work.progress("library", number, len(samples))
        if total >= MOST_NUCLEI:
            left_out += 1
            continue
        file = _file_of(sample, channels)
        try:
            nuclei = _read(file) or _make(work, sample, channels, file)
        except MedulaError:
            unread += 1
            continue
        total += nuclei.count
        kept.append((sample, file, nuclei))
    counts = [nuclei.count for _, _, nuclei in kept]
    return Library(
        samples=[sample for sample, _, _ in kept],
        files=[file for _, file, _ in kept],
        nuclei=join([nuclei for _, _, nuclei in kept], channels),
        picture_of=np.repeat(np.arange(len(counts)), counts),
        row_of=np.concatenate([np.arange(count) for count in counts] or [np.zeros(0, int)]),
        unread=unread,
        left_out=left_out,
    )


def _file_of(sample: Sample, channels: int) -> Path:
    assert sample.labels is not None
    made_from = f"{sample.picture.sha256} {sample.labels.sha256} {channels} {DESCRIPTOR_VERSION}"
    name = hashlib.sha256(made_from.encode()).hexdigest()
    return root() / "prepared" / str(sample.clinic_id) / name[:2] / f"{name}.npz"


def _read(file: Path) -> Nuclei | None:
    """What is kept, or None where there is nothing or only half of it."""
    try:
        # opened here: what is no archive would be left open by NumPy
        with file.open("rb") as opened, np.load(opened, allow_pickle=False) as kept:
            return Nuclei(*(kept[name] for name in _FIELDS))
    except (FileNotFoundError, zipfile.BadZipFile, KeyError, ValueError, EOFError):
        return None


def _make(work: Work, sample: Sample, channels: int, file: Path) -> Nuclei:
    assert sample.labels is not None
    tick: Callable[[], None] = lambda: work.progress("library")  # noqa: E731
    target = work.scratch / "stored.npy"
    rgb = decoder.shared().decode(absolute(sample.picture.path), target, limits=Limits(), tick=tick).rgb
    labels = read_labels(absolute(sample.labels.path))
    nuclei = prepare(rgb, labels, channels)
    small = crops(rgb, labels, nuclei)
    temporary = scratch(f"prepared-{uuid.uuid4().hex}.npz")
    try:
        np.savez(temporary, crops=small, **{name: getattr(nuclei, name) for name in _FIELDS})
        file.parent.mkdir(parents=True, exist_ok=True)
        os.replace(temporary, file)
    finally:
        temporary.unlink(missing_ok=True)
    return nuclei
