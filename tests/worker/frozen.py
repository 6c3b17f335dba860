"""Frozen versions of drawn pictures, as a curator's work leaves them: small, with known truth."""

from __future__ import annotations

import hashlib
import io
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

from segmentation.label_files import write_labels
from segmentation.synthetic import draw_fluorescence
from webapp.accounts.models import Clinic
from webapp.common.storage import file_row, store_bytes
from webapp.datasets.models import Dataset, DatasetVersion, Sample, VersionSample
from webapp.jobs.models import Job, Lane, State
from webapp.jobs.services import job_create

TINY = {
    "crop": 64,
    "batch_size": 2,
    "epochs": 2,
    "steps_per_epoch": 3,
    "learning_rate": 5e-3,
    "precision": "float32",
    "architecture": {"filters": [4, 8]},
    "tile": {"size": 64, "overlap": 16},
    "seed": 4,
}
SIDE = 72


def freeze(clinic: Clinic, *, train: int = 4, validation: int = 1, test: int = 2) -> DatasetVersion:
    """A frozen version with so many drawn pictures in each part, each a group of its own."""
    dataset, _ = Dataset.objects.get_or_create(
        clinic=clinic, name="Campos dibujados", source="Medula's own drawings", licence="CC0"
    )
    job = job_create(kind="freeze", lane=Lane.PICTURES, clinic_id=clinic.pk, payload={})
    Job.objects.filter(pk=job.pk).update(state=State.SUCCEEDED)
    number = dataset.versions.count() + 1
    version = DatasetVersion.objects.create(
        clinic=clinic,
        dataset=dataset,
        number=number,
        job=job,
        digest=hashlib.sha256(b"%d" % number).hexdigest(),
    )
    parts = ["train"] * train + ["validation"] * validation + ["test"] * test
    for i, part in enumerate(parts):
        version_sample(version, name=f"campo {i}.png", seed=i, part=part)
    return version


def version_sample(version: DatasetVersion, *, name: str, seed: int, part: str) -> VersionSample:
    rgb, labels = draw_fluorescence(seed=seed, height=SIDE, width=SIDE, nuclei=6)
    picture, mask = io.BytesIO(), b""
    Image.fromarray(np.ascontiguousarray(rgb)).save(picture, format="PNG")
    with tempfile.TemporaryDirectory() as folder:
        mask = write_labels(Path(folder) / "labels", labels).read_bytes()
    clinic_id = version.clinic_id
    files = [
        file_row(
            clinic_id=clinic_id,
            stored=store_bytes(clinic_id=clinic_id, content=content, media_type="image/png", ext=".png"),
        )
        for content in (picture.getvalue(), mask)
    ]
    sample, _ = Sample.objects.get_or_create(
        clinic_id=clinic_id, dataset=version.dataset, picture=files[0],
        defaults={"labels": files[1], "name": name, "width": SIDE, "height": SIDE, "group": f"g{seed}",
                  "review": "approved", "origin": "imported", "source": "drawn", "licence": "CC0"},
    )  # fmt: skip
    return VersionSample.objects.create(
        version=version, sample=sample, name=name, picture=files[0], labels=files[1], group=f"g{seed}",
        modality="fluorescence-dark", nuclei_count=int(labels.max()), part=part,
    )  # fmt: skip
