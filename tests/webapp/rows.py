"""Rows and files that several tests need, made through the services that make them in life."""

from __future__ import annotations

import io
import json
import struct
import zipfile
import zlib
from typing import Any

from webapp.accounts.models import Clinic
from webapp.analyses.models import Analysis
from webapp.analyses.services import analysis_record, analysis_request
from webapp.cases.models import Biopsy, BiopsyImage, Case
from webapp.cases.services import case_create, image_create, image_prepared
from webapp.common.storage import Stored, file_row, store_bytes
from webapp.datasets.models import Dataset, Sample
from webapp.jobs.models import Job, State
from webapp.registry.models import ModelVersion

DIGEST = "8f2c" * 16


def png(width: int = 2, height: int = 2, grey: int = 128) -> bytes:
    """A whole grey PNG, made without any picture library."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    rows = (b"\x00" + bytes([grey]) * width) * height
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


def make_version(**changes: Any) -> ModelVersion:
    facts: dict[str, Any] = {
        "family": "nuclei",
        "version": 1,
        "digest": DIGEST,
        "bundle": "nuclei-1",
        "stage": "production",
    }
    return ModelVersion.objects.create(**{**facts, **changes})


def make_case(clinic: Clinic, **changes: Any) -> Case:
    facts: dict[str, Any] = {"user": None, "patient_code": "P-0042"}
    return case_create(clinic=clinic, **{**facts, **changes})


def make_image(case: Case, *, name: str = "campo 1.png", content: bytes | None = None) -> BiopsyImage:
    biopsy = case.biopsies.first()
    assert isinstance(biopsy, Biopsy)
    image, _ = image_create(biopsy=biopsy, name=name, chunks=[content or png()])
    return image


def end_job(job: Job | None, state: str = State.SUCCEEDED, **changes: Any) -> None:
    assert job is not None
    Job.objects.filter(pk=job.pk).update(state=state, **changes)
    job.refresh_from_db()


def pyramid(clinic_id: Any, mark: bytes) -> Stored:
    """A pyramid of one level with one tile, whose bytes are `mark`."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("0/0_0.jpeg", mark)
    return store_bytes(
        clinic_id=clinic_id, content=buffer.getvalue(), media_type="application/zip", ext=".zip"
    )


TILES_INFO = {"width": 64, "height": 48, "tile": 512, "levels": 1, "format": "jpeg"}


def prepare(image: BiopsyImage) -> BiopsyImage:
    """What the worker's `prepare` would have written."""
    end_job(image.prepare_job)
    return image_prepared(
        image_id=image.pk,
        width=64,
        height=48,
        bit_depth=8,
        um_per_px_file=None,
        notes=[],
        tiles=pyramid(image.clinic_id, b"tile of the picture"),
        tiles_info=TILES_INFO,
        thumbnail=store_bytes(
            clinic_id=image.clinic_id, content=b"\xff\xd8\xff thumbnail", media_type="image/jpeg", ext=".jpg"
        ),
    )


COLUMNS: dict[str, list[Any]] = {
    "id": [1, 2],
    "x": [10.0, 40.0],
    "y": [10.0, 20.0],
    "area": [100.0, 50.0],
    "equivalent_diameter": [11.28, 7.98],
    "perimeter": [36.0, 26.0],
    "circularity": [0.97, 0.93],
    "eccentricity": [0.1, 0.6],
    "solidity": [0.98, 0.95],
    "mean_intensity": [120.0, 90.0],
    "touches_edge": [False, True],
}
OUTLINES = {"outlines": [[5, 5, 15, 5, 15, 15, 5, 15], [37, 17, 43, 17, 43, 23, 37, 23]]}


def analyse(
    image: BiopsyImage, version: ModelVersion, *, um_per_px: float | None = None, sure: bool = False
) -> Analysis:
    """What the worker's `segment` would have written: two nuclei; `sure`: with confidence."""
    confidence = {"confidence": [0.9712, 0.5]} if sure else {}
    expected = {"expected": {"count": 2, "low": 1, "high": 4}} if sure else {}
    analysis = analysis_request(image=image, model_version=version)
    clinic_id = image.clinic_id

    def stored(content: bytes, media_type: str, ext: str) -> Stored:
        return store_bytes(clinic_id=clinic_id, content=content, media_type=media_type, ext=ext)

    done = analysis_record(
        analysis_id=analysis.pk,
        attempt=1,
        nuclei_count=2,
        modality="fluorescence-dark",
        um_per_px=um_per_px,
        summary={
            "count": 2,
            "touching_edge": 1,
            "area_px2_quartile_1": 62.5,
            "area_px2_median": 75.0,
            "area_px2_quartile_3": 87.5,
            **expected,
        },
        labels=stored(png(4, 4), "image/png", ".png"),
        overlay=stored(png(5, 5), "image/png", ".png"),
        mask_tiles=pyramid(clinic_id, b"tile of the mask"),
        mask_tiles_info=TILES_INFO,
        nuclei=stored(json.dumps({"columns": COLUMNS | confidence}).encode(), "application/json", ".json"),
        outlines=stored(json.dumps(OUTLINES).encode(), "application/json", ".json"),
    )
    end_job(analysis.job, attempt=1)
    return Analysis.objects.get(pk=done.pk)


def make_sample(
    clinic: Clinic,
    *,
    name: str = "guardada.png",
    picture: bytes | None = None,
    labels: bytes | None = None,
    **changes: Any,
) -> Sample:
    """An approved picture of the clinic's data set with its mask, as a curator leaves it."""
    dataset, _ = Dataset.objects.get_or_create(clinic=clinic, name="Frotis de referencia")

    def row(content: bytes) -> Any:
        stored = store_bytes(clinic_id=clinic.pk, content=content, media_type="image/png", ext=".png")
        return file_row(clinic_id=clinic.pk, stored=stored)

    facts: dict[str, Any] = {
        "picture": row(picture or png(6, 6)),
        "labels": row(labels or png(6, 6, 1)),
        "width": 6,
        "height": 6,
        "group": name,
        "origin": Sample.Origin.IMPORTED,
        "review": Sample.Review.APPROVED,
    }
    return Sample.objects.create(clinic=clinic, dataset=dataset, name=name, **{**facts, **changes})
