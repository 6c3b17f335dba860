"""Small drawn pictures with known truth, as files and as archives of files."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from functools import cache

import numpy as np
from PIL import Image

from segmentation.synthetic import draw_fluorescence

SIDE = 64


@cache
def field(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """A field of a few nuclei: (rgb, labels)."""
    return draw_fluorescence(seed, SIDE, SIDE, nuclei=4, radius_px=7)


def encoded(pixels: np.ndarray, kind: str = "PNG") -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, format=kind)
    return file.getvalue()


def picture(seed: int) -> bytes:
    return encoded(field(seed)[0])


def label_picture(seed: int) -> bytes:
    return encoded(field(seed)[1].astype(np.uint16))


def masks(seed: int) -> list[bytes]:
    """One binary mask a nucleus."""
    labels = field(seed)[1]
    return [encoded(((labels == n) * 255).astype(np.uint8)) for n in range(1, labels.max() + 1)]


def nuclei(seed: int) -> int:
    return int(field(seed)[1].max())


def zipped(members: Mapping[str, bytes], compression: int = zipfile.ZIP_STORED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


def kaggle(seeds: range, without_masks: int = 0) -> dict[str, bytes]:
    """The first `without_masks` pictures come alone."""
    found = {}
    for place, seed in enumerate(seeds):
        found[f"stage1/p{seed}/images/p{seed}.png"] = picture(seed)
        if place >= without_masks:
            for number, mask in enumerate(masks(seed)):
                found[f"stage1/p{seed}/masks/n{number}.png"] = mask
    return found
