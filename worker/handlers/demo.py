"""demo: the pictures of the demo case, two of them drawn, so that a first look needs nobody's picture."""

from __future__ import annotations

import io
from importlib import resources

import numpy as np
from PIL import Image

from segmentation.synthetic import draw_fluorescence, draw_stained
from webapp.cases.models import Biopsy
from webapp.cases.services import image_create
from worker.work import Finish, Work

SEED = 2
# The immunohistochemistry picture that scikit-image ships in its wheel.
TISSUE = ("data", "ihc.png")


def handle(work: Work) -> Finish:
    biopsies = work.payload["biopsy_ids"]
    work.progress("drawing", 0, 3)
    fluorescence = _png(draw_fluorescence(SEED)[0])
    work.progress("drawing", 1, 3)
    stained = _png(draw_stained(SEED)[0])
    work.progress("drawing", 2, 3)
    tissue = resources.files("skimage").joinpath(*TISSUE).read_bytes()
    pictures = (
        ("fluorescence", "demo-fluorescencia.png", fluorescence),
        ("stained", "demo-frotis.png", stained),
        ("ihc", "demo-ihc.png", tissue),
    )

    def finish() -> None:
        for biopsy, name, content in pictures:
            # With this job's end or not at all, so a second attempt adds none twice.
            image_create(
                biopsy=Biopsy.objects.get(id=biopsies[biopsy]),
                name=name,
                chunks=(content,),
                size_hint=len(content),
            )

    return finish


def _png(rgb: np.ndarray) -> bytes:
    file = io.BytesIO()
    Image.fromarray(rgb).save(file, format="PNG")
    return file.getvalue()
