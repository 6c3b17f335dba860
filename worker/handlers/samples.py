"""What the handlers of data sets share: a sample's labels and its small picture, in storage."""

from __future__ import annotations

import numpy as np

from segmentation.images import write_labels
from segmentation.outlines import outlines
from webapp.common.storage import Stored, store_bytes, store_file
from webapp.datasets.recording import Mask
from worker.handlers.pictures import JSON, PNG, TIFF, outlines_json
from worker.work import Work


def store_mask(work: Work, labels: np.ndarray) -> Mask:
    """Labels HxW int32 as a label picture and as outlines."""
    polygons = outlines(labels)
    path = write_labels(work.scratch / "mask", labels)
    kind = PNG if path.suffix == ".png" else TIFF
    stored = store_file(clinic_id=work.clinic_id, source=path, media_type=kind, ext=path.suffix)
    path.unlink()
    return Mask(labels=stored, outlines=_json(work, outlines_json(polygons)), nuclei_count=len(polygons))


def _json(work: Work, content: bytes) -> Stored:
    return store_bytes(clinic_id=work.clinic_id, content=content, media_type=JSON, ext=".json")
