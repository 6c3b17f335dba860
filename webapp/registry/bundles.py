"""Where trainings keep their checkpoints and the networks that came out of them."""

from __future__ import annotations

import hashlib
import os
import shutil
import uuid
from pathlib import Path

from segmentation.errors import BundleError
from webapp.common.storage import absolute, scratch
from webapp.registry.models import ModelVersion


def run_folder(run_id: uuid.UUID) -> Path:
    """A training's checkpoints: they outlive every attempt, so that the next one goes on from them."""
    return _made(f"runs/{run_id}")


def study_folder(study_id: uuid.UUID) -> Path:
    return _made(f"studies/{study_id}")


def folder_drop(folder: Path) -> None:
    """Checkpoints of work that has ended well are of no further use."""
    shutil.rmtree(folder, ignore_errors=True)


def bundle_keep(*, folder: Path, digest: str, weights: str) -> str:
    """Move a finished bundle out of an attempt's folder; returns its path under the storage.

    Its weights must have the digest: whoever finds the folder under that name may rely on it.
    """
    with (folder / weights).open("rb") as stream:
        found = hashlib.file_digest(stream, "sha256").hexdigest()
        os.fsync(stream.fileno())
    if found != digest:
        raise BundleError("bundle_digest", name=folder.name)
    path = f"bundles/{digest}"
    final = absolute(path)
    final.parent.mkdir(parents=True, exist_ok=True)
    if final.exists():
        # Left by an attempt whose transaction failed after it: the same weights, so it may go.
        os.replace(final, scratch(f"bundle-{uuid.uuid4().hex}"))
    os.replace(folder, final)
    return path


def next_number(*, clinic_id: int, family: str) -> int:
    """The next version of a family, counted over the shared ones and the clinic's own.

    Sure only inside the transaction that holds the clinic's row.
    """
    known = ModelVersion.objects.for_clinic(clinic_id).filter(family=family)
    newest = known.order_by("-version").values_list("version", flat=True).first()
    return (newest or 0) + 1


def _made(path: str) -> Path:
    folder = absolute(path)
    folder.mkdir(parents=True, exist_ok=True)
    return folder
