"""match: the nuclei of an analysed picture, each with the stored masks that coincide best with it."""

from __future__ import annotations

import base64
import io
import json
from typing import Any

import numpy as np
from PIL import Image

from segmentation.errors import DataError
from segmentation.grids import CROP_PX, Nuclei, prepare
from segmentation.label_files import read_labels
from segmentation.matching import Matches, best_pictures, match
from webapp.analyses.matching import library_of, matching_record
from webapp.analyses.models import Matching
from webapp.common.storage import absolute, store_bytes
from worker.handlers.pictures import open_original
from worker.mask_library import Library, load
from worker.work import Finish, Work

SHEET_COLUMNS = 32
MOST_CROPS = SHEET_COLUMNS * 300  # browsers show pictures of up to some 16,000 pixels a side
BEST_PICTURES = 8


def handle(work: Work) -> Finish:
    matching = Matching.objects.select_related("analysis__image__original", "analysis__labels", "clinic").get(
        id=work.payload["matching_id"]
    )
    analysis, channels = matching.analysis, int(matching.parameters["channels"])
    assert analysis.labels is not None
    picture = open_original(work, analysis.image)
    regions = prepare(picture.rgb, read_labels(absolute(analysis.labels.path)), channels)
    del picture
    # The picture itself, confirmed into a data set, would only find itself.
    samples = list(library_of(matching.clinic).exclude(picture_id=analysis.image.original_id))
    if not samples:
        raise DataError("matching_library_empty")
    library = load(work, samples, channels)
    if not library.samples:
        raise DataError("matching_library_unreadable", count=len(samples))
    matches = match(
        regions,
        library.nuclei,
        int(matching.parameters["k"]),
        moved=lambda done, total: work.progress("matching", done, total),
    )
    work.progress("saving")
    content = json.dumps(answer(regions, library, matches), separators=(",", ":"), allow_nan=False).encode()
    result = store_bytes(
        clinic_id=work.clinic_id, content=content, media_type="application/json", ext=".json"
    )
    summary = summarise(regions, library, matches)

    def finish() -> None:
        matching_record(matching_id=matching.id, result=result, summary=summary)

    return finish


def summarise(regions: Nuclei, library: Library, matches: Matches) -> dict[str, Any]:
    best = matches.score[:, 0] if matches.score.size else np.zeros(0)
    return {
        "regions": regions.count,
        "library_pictures": len(library.samples),
        "library_nuclei": library.nuclei.count,
        "unread": library.unread,
        "left_out": library.left_out,
        "median_score": round(float(np.median(best)), 4) if best.size else None,
    }


def answer(regions: Nuclei, library: Library, matches: Matches) -> dict[str, Any]:
    """The file of the result.

    `columns` names a match's figures; `picture` counts in `pictures`, `crop` in the sheet (-1: none).
    """
    scores = best_pictures(matches, library.picture_of, len(library.samples))
    best = [int(i) for i in np.argsort(-scores, kind="stable")[:BEST_PICTURES] if scores[i] > 0]
    used = np.unique(library.picture_of[matches.stored]) if matches.stored.size else np.zeros(0, int)
    listed = list(dict.fromkeys([*best, *used.tolist()]))
    number_of = {picture: number for number, picture in enumerate(listed)}
    wanted = np.unique(matches.stored)[:MOST_CROPS]
    crop_of = {int(index): number for number, index in enumerate(wanted)}
    return {
        "columns": [
            "picture",
            "nucleus",
            "score",
            "overlap",
            "correlation",
            "tone",
            "turn",
            "mirrored",
            "crop",
        ],
        "regions": [
            {"id": int(regions.ids[row]), "matches": _matches(row, matches, library, number_of, crop_of)}
            for row in range(regions.count)
        ],
        "pictures": [_picture(library, picture, float(scores[picture])) for picture in listed],
        "best_pictures": list(range(len(best))),
        "crop_px": CROP_PX,
        "sheet_columns": SHEET_COLUMNS,
        "sheet": _sheet(library.crops(wanted)) if wanted.size else "",
    }


def _matches(
    row: int, matches: Matches, library: Library, number_of: dict[int, int], crop_of: dict[int, int]
) -> list[list[Any]]:
    found = []
    for column, stored in enumerate(matches.stored[row].tolist()):
        figures = (matches.score, matches.overlap, matches.correlation, matches.tone, matches.turn)
        found.append(
            [
                number_of[int(library.picture_of[stored])],
                int(library.nuclei.ids[stored]),
                *(round(float(figure[row, column]), 4) for figure in figures),
                bool(matches.mirrored[row, column]),
                crop_of.get(stored, -1),
            ]
        )
    return found


def _picture(library: Library, picture: int, score: float) -> dict[str, Any]:
    sample = library.samples[picture]
    return {
        "sample": str(sample.pk),
        "name": sample.name,
        "dataset": sample.dataset.name,
        "category": sample.category,
        "origin": sample.origin,
        "nuclei": int((library.picture_of == picture).sum()),
        "score": round(score, 4),
    }


def _sheet(crops: np.ndarray) -> str:
    """All crops on one sheet, row by row: a JPEG in base64."""
    rows = -(-len(crops) // SHEET_COLUMNS)
    side = crops.shape[1]
    sheet = np.zeros((rows * SHEET_COLUMNS, *crops.shape[1:]), np.uint8)
    sheet[: len(crops)] = crops
    sheet = sheet.reshape(rows, SHEET_COLUMNS, side, side, 3).swapaxes(1, 2)
    buffer = io.BytesIO()
    whole = np.ascontiguousarray(sheet).reshape(rows * side, SHEET_COLUMNS * side, 3)
    Image.fromarray(whole).save(buffer, format="JPEG", quality=85)
    return base64.b64encode(buffer.getvalue()).decode()
