"""mask: the paper's sequence of pixel filters draws the nuclei of a sample that has no mask."""

from __future__ import annotations

from segmentation.pixel_masks import draw_masks

from segmentation.images import Limits
from webapp.common.storage import absolute
from webapp.datasets.models import Sample
from webapp.datasets.recording import mask_record
from worker import decoder
from worker.handlers.samples import store_mask
from worker.work import Finish, Work


def handle(work: Work) -> Finish:
    sample = Sample.objects.select_related("picture").get(id=work.payload["sample_id"])
    work.progress("reading")
    picture = decoder.shared().decode(
        absolute(sample.picture.path),
        work.scratch / "picture.npy",
        limits=Limits(),
        tick=lambda: work.progress("reading"),
    )
    work.progress("drawing")
    labels = draw_masks(picture.rgb)
    work.progress("saving")
    mask = store_mask(work, labels)

    def finish() -> None:
        mask_record(sample_id=sample.pk, job_id=work.id, mask=mask)

    return finish
