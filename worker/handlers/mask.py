"""mask: pixel filters draw the nuclei of a sample that has no mask, or a person's label picture is taken.

The filters are the paper's sequence; what a person sends replaces the mask only once it was read whole.
"""

from __future__ import annotations

import numpy as np

from segmentation.errors import DataError
from segmentation.images import Limits
from segmentation.pixel_masks import draw_masks
from webapp.common.models import StoredFile
from webapp.common.storage import absolute
from webapp.datasets.models import Sample
from webapp.datasets.recording import mask_record
from worker import decoder
from worker.handlers.samples import store_mask
from worker.work import Finish, Work


def handle(work: Work) -> Finish:
    sample = Sample.objects.select_related("picture").get(id=work.payload["sample_id"])
    work.progress("reading")
    sent = work.payload.get("labels_id")
    labels = _sent(work, sample, sent) if sent else _drawn(work, sample)
    work.progress("saving")
    mask = store_mask(work, labels)
    origin = Sample.Origin.EDITED if sent else Sample.Origin.PIPELINE

    def finish() -> None:
        mask_record(sample_id=sample.pk, job_id=work.id, mask=mask, origin=origin)

    return finish


def _drawn(work: Work, sample: Sample) -> np.ndarray:
    picture = decoder.shared().decode(
        absolute(sample.picture.path),
        work.scratch / "picture.npy",
        limits=Limits(),
        tick=lambda: work.progress("reading"),
    )
    work.progress("drawing")
    return draw_masks(picture.rgb)


def _sent(work: Work, sample: Sample, labels_id: str) -> np.ndarray:
    try:
        return decoder.shared().labels(
            work.scratch / "labels.npy",
            shape=(sample.height, sample.width),
            source=absolute(StoredFile.objects.get(id=labels_id).path),
            tick=lambda: work.progress("reading"),
        )
    except DataError as refused:
        # The stored file's name is a digest; people know the sample's.
        raise DataError(refused.code, **{**refused.params, "name": sample.name}) from refused
