"""What the handlers of pictures share: the original out of storage, and pictures on their way in."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from PIL import Image

from segmentation.images import Limits, Picture
from webapp.cases.models import BiopsyImage
from webapp.common.storage import absolute
from worker import decoder
from worker.work import Work

# A labels picture of this many megapixels takes seconds; more effort saves little and costs minutes.
PNG_EFFORT = 3
JSON, PNG, TIFF, ZIP = "application/json", "image/png", "image/tiff", "application/zip"


def open_original(work: Work, image: BiopsyImage) -> Picture:
    """The picture as uint8 RGB, decoded in the child that may die of it."""
    work.progress("reading")
    return decoder.shared().decode(
        absolute(image.original.path),
        work.scratch / "picture.npy",
        limits=Limits(),
        tick=lambda: work.progress("reading"),
    )


def write_png(path: Path, rgb: np.ndarray) -> Path:
    """HxWx3 uint8 -> PNG file."""
    Image.fromarray(rgb).save(path, format="PNG", compress_level=PNG_EFFORT)
    return path


def outlines_json(polygons: list[np.ndarray]) -> bytes:
    """Each polygon flat, x before y, in the order of the nuclei's ids."""
    flat = [polygon.ravel().tolist() for polygon in polygons]
    return json.dumps({"outlines": flat}, separators=(",", ":")).encode()
