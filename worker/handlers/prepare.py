"""prepare: an uploaded picture becomes what the browser shows, and its analyses are asked for."""

from __future__ import annotations

from dataclasses import asdict

from segmentation.choosing import family_for
from segmentation.pyramid import thumbnail, write_pyramid
from segmentation.spec import NUCLEI
from webapp.analyses.batches import prepared_analyses, versions_wanted
from webapp.cases.models import Biopsy, BiopsyImage
from webapp.cases.services import image_prepared
from webapp.common.storage import store_bytes, store_file
from webapp.registry.selectors import production_or_none
from worker.handlers.pictures import open_original
from worker.pace import settle_path
from worker.work import Finish, Work

NO_SMEAR = {Biopsy.Specimen.TREPHINE, Biopsy.Specimen.CULTURE}
NO_SMEAR_STAIN = {Biopsy.Stain.HE, Biopsy.Stain.FLUORESCENCE, Biopsy.Stain.IHC}


def may_be_a_smear(biopsy: Biopsy) -> bool:
    """What a person wrote of the sample goes before what the picture looks like."""
    return biopsy.specimen not in NO_SMEAR and biopsy.stain not in NO_SMEAR_STAIN


def handle(work: Work) -> Finish:
    image = BiopsyImage.objects.select_related("original", "uploaded_by", "biopsy").get(
        id=work.payload["image_id"]
    )
    picture = open_original(work, image)
    work.progress("preparing")
    archive = work.scratch / "tiles.zip"
    info = write_pyramid(archive, picture.rgb, format="jpeg")
    work.progress("preparing")
    small = thumbnail(picture.rgb)
    family = family_for(picture.rgb) if may_be_a_smear(image.biopsy) else NUCLEI
    work.progress("saving")
    tiles = store_file(clinic_id=work.clinic_id, source=archive, media_type="application/zip", ext=".zip")
    thumb = store_bytes(clinic_id=work.clinic_id, content=small, media_type="image/jpeg", ext=".jpg")
    for wanted in versions_wanted(image):
        version = wanted or production_or_none(image.clinic_id, family)
        if version is not None:
            settle_path(version)

    def finish() -> None:
        height, width = picture.rgb.shape[:2]
        prepared = image_prepared(
            image_id=image.id,
            width=width,
            height=height,
            bit_depth=picture.bit_depth,
            um_per_px_file=picture.um_per_px,
            notes=list(picture.notes),
            tiles=tiles,
            tiles_info=asdict(info),
            thumbnail=thumb,
        )
        prepared_analyses(image=prepared, user=image.uploaded_by, family=family)

    return finish
