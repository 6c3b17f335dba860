"""segment: a picture becomes nuclei, their measurements and the pictures that show them."""

from __future__ import annotations

import json
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from segmentation.errors import BundleError
from segmentation.images import Picture, write_labels
from segmentation.measurements import measure
from segmentation.outlines import outlines
from segmentation.overlays import colour_mask, draw_overlay
from segmentation.predictor import Predictor, load_predictor
from segmentation.preprocessing import modality
from segmentation.pyramid import write_pyramid
from segmentation.quality import assess, summary_of
from segmentation.spec import FP32
from segmentation.stain_reference import StainReference, read_reference
from webapp.analyses.models import Analysis
from webapp.analyses.services import analysis_record
from webapp.common.storage import Stored, store_bytes, store_file
from webapp.registry.selectors import model_path
from worker.handlers.pictures import JSON, PNG, TIFF, ZIP, open_original, outlines_json, write_png
from worker.work import Finish, Work

DECIMALS = 4


def handle(work: Work) -> Finish:
    analysis = Analysis.objects.select_related("image__original", "image__biopsy", "model_version").get(
        id=work.payload["analysis_id"]
    )
    picture = open_original(work, analysis.image)
    version = analysis.model_version
    predictor = loaded(
        model_path(version),
        version.digest,
        str(analysis.parameters.get("path", FP32)),
        str(analysis.parameters.get("digest", "")),
    )
    work.progress("segmenting")
    found = predictor.find(picture.rgb, progress=lambda done, total: work.progress("segmenting", done, total))
    labels = found.labels
    work.progress("measuring")
    columns = measure(labels, picture.rgb)
    expected = found.scored(columns)
    kind = modality(picture.rgb)
    files, tiles_info = _draw(work, picture, labels, columns)
    summary = summarise(columns, labels.shape)
    if expected is not None:
        summary["expected"] = asdict(expected)
    reference = stains(model_path(version), version.digest)
    summary["quality"] = summary_of(*assess(picture.rgb, labels, reference, predictor.spec.preprocessing))

    def finish() -> None:
        analysis_record(
            analysis_id=analysis.id,
            attempt=work.attempt,
            nuclei_count=int(summary["count"]),
            modality=kind,
            um_per_px=analysis.image.um_per_px,
            summary=summary,
            mask_tiles_info=tiles_info,
            **files,
        )

    return finish


@lru_cache(maxsize=2)
def loaded(folder: Path, digest: str, path: str = FP32, int8_digest: str = "") -> Predictor:
    """The predictor of a bundle, built once a process. Its weights must be the ones the ledger names, and on
    the int8 path that network's file the one the analysis was asked with."""
    predictor = load_predictor(folder, path)
    if predictor.spec.digest != digest or (path != FP32 and predictor.digest != int8_digest):
        raise BundleError("bundle_digest", name=folder.name)
    return predictor


@lru_cache(maxsize=2)
def stains(folder: Path, digest: str) -> StainReference | None:
    """What the bundle of this digest says it was trained on, read once a process."""
    return read_reference(folder)


def summarise(columns: dict[str, np.ndarray], shape: tuple[int, ...]) -> dict[str, Any]:
    """A few figures of all nuclei, in pixels; None where there is no nucleus to take them from."""
    area = columns["area"]
    count = int(area.size)
    quartiles = np.percentile(area, (25, 50, 75)) if count else (None, None, None)
    return {
        "count": count,
        "touching_edge": int(np.count_nonzero(columns["touches_edge"])),
        "area_px2_quartile_1": _number(quartiles[0]),
        "area_px2_median": _number(quartiles[1]),
        "area_px2_quartile_3": _number(quartiles[2]),
        "covered_fraction": round(float(area.sum()) / (shape[0] * shape[1]), DECIMALS),
    }


def columns_json(columns: dict[str, np.ndarray]) -> bytes:
    """The measurements, column by column; null where a nucleus has no such figure."""
    plain: dict[str, list[Any]] = {}
    for name, values in columns.items():
        if values.dtype.kind == "f":
            rounded = np.round(values.astype(np.float64), DECIMALS)
            plain[name] = [value if np.isfinite(value) else None for value in rounded.tolist()]
        else:
            plain[name] = values.tolist()
    return json.dumps({"columns": plain}, separators=(",", ":"), allow_nan=False).encode()


def _draw(
    work: Work, picture: Picture, labels: np.ndarray, columns: dict[str, np.ndarray]
) -> tuple[dict[str, Stored], dict[str, Any]]:
    """Every file of the result, stored; one large array at a time."""
    work.progress("drawing")
    overlay = write_png(work.scratch / "overlay.png", draw_overlay(picture.rgb, labels))
    work.progress("drawing")
    pyramid = work.scratch / "mask.zip"
    info = write_pyramid(pyramid, colour_mask(labels), format="png")
    work.progress("drawing")
    polygons = outlines_json(outlines(labels))
    work.progress("saving")
    label_file = write_labels(work.scratch / "labels", labels)
    label_type = PNG if label_file.suffix == ".png" else TIFF
    clinic_id = work.clinic_id

    def keep(source: Path, media_type: str) -> Stored:
        work.progress("saving")
        return store_file(clinic_id=clinic_id, source=source, media_type=media_type, ext=source.suffix)

    def keep_json(content: bytes) -> Stored:
        return store_bytes(clinic_id=clinic_id, content=content, media_type=JSON, ext=".json")

    files = {
        "overlay": keep(overlay, PNG),
        "mask_tiles": keep(pyramid, ZIP),
        "labels": keep(label_file, label_type),
        "nuclei": keep_json(columns_json(columns)),
        "outlines": keep_json(polygons),
    }
    return files, asdict(info)


def _number(value: float | None) -> float | None:
    return None if value is None else round(float(value), DECIMALS)
