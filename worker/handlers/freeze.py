"""freeze: the approved samples of this moment become a version that never changes."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from segmentation.errors import DataError
from segmentation.growing_splits import Earlier, Row, grow_split, remembered
from webapp.common.models import StoredFile
from webapp.common.storage import absolute, store_bytes
from webapp.datasets.imports import dataset_open
from webapp.datasets.manifests import line_key, manifest_bytes, statistics
from webapp.datasets.models import DatasetVersion, Sample, VersionSample
from webapp.datasets.recording import version_record
from webapp.datasets.services import freezable
from worker.work import Finish, Work


def handle(work: Work) -> Finish:
    version = DatasetVersion.objects.select_related("dataset").get(id=work.payload["version_id"])
    work.progress("reading")
    dataset_open(version.dataset)
    freezable(version.dataset)
    approved = Sample.objects.filter(dataset=version.dataset, review=Sample.Review.APPROVED)
    samples = sorted(approved.select_related("picture", "labels"), key=line_key)
    rows = [Row(sample.picture.sha256, sample.name, sample.group, sample.modality) for sample in samples]
    parts = grow_split(rows, _earlier(version), version.seed, _elsewhere(version))
    lines = [(sample, parts[sample.picture.sha256]) for sample in samples]
    content = manifest_bytes(lines)
    _refuse_twin(version, hashlib.sha256(content).hexdigest())
    _check_files(work, samples)
    manifest = store_bytes(clinic_id=work.clinic_id, content=content, media_type="text/csv", ext=".csv")

    def finish() -> None:
        version_record(version_id=version.pk, lines=lines, manifest=manifest, statistics=statistics(lines))

    return finish


def _earlier(version: DatasetVersion) -> Earlier:
    """What every version of this data set was divided into: the pictures of one clinic share their rows."""
    lines = VersionSample.objects.filter(version__dataset_id=version.dataset_id).exclude(version=version)
    return remembered(lines.order_by().values_list("picture__sha256", "group", "part").distinct())


def _elsewhere(version: DatasetVersion) -> Mapping[str, set[str]]:
    """The parts that the clinic's other data sets gave to pictures of this one."""
    here = Sample.objects.filter(dataset_id=version.dataset_id).values("picture")
    lines = VersionSample.objects.filter(version__clinic_id=version.clinic_id, picture__in=here)
    lines = lines.exclude(version__dataset_id=version.dataset_id).order_by()
    return remembered(lines.values_list("picture__sha256", "group", "part").distinct()).pictures


def _refuse_twin(version: DatasetVersion, digest: str) -> None:
    twin = DatasetVersion.objects.filter(dataset_id=version.dataset_id, digest=digest).first()
    if twin is not None:
        raise DataError("version_same", number=twin.number)


def _check_files(work: Work, samples: list[Sample]) -> None:
    """A version stands for bytes: they must be on the disk, and be those that the ledger names."""
    for done, sample in enumerate(samples):
        work.progress("reading", done, len(samples))
        for stored in (sample.picture, sample.labels):
            assert stored is not None
            if not _is_whole(stored):
                raise DataError("file_damaged", name=sample.name)


def _is_whole(stored: StoredFile) -> bool:
    path: Path = absolute(stored.path)
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == stored.sha256
