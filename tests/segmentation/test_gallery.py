"""Twenty pictures by lot and the ten worst, and no more are kept."""

import io

import numpy as np
from PIL import Image

from segmentation.evaluation import PictureFigures
from segmentation.gallery import Gallery

RGB, TRUTH = np.zeros((8, 8, 3), np.uint8), np.eye(8, dtype=np.int32)


def filled(pictures: int, seed: str = "test") -> Gallery:
    names = [f"p{i:02}" for i in range(pictures)]
    gallery = Gallery(names, seed)
    for i, name in enumerate(names):
        figures = {"ap50": (i * 7 % pictures) / pictures, "map": 0.1, "dice": 0.5}
        gallery.add(PictureFigures("U-Net", name, "fluorescence-dark", 1, 1, figures), RGB, TRUTH, TRUTH)
    return gallery


def test_twenty_are_drawn_by_lot_the_same_each_time() -> None:
    first = [strip.row.name for strip in filled(30).drawn]
    assert len(set(first)) == 20 and first == [strip.row.name for strip in filled(30).drawn]
    assert first != [strip.row.name for strip in filled(30, "other").drawn]


def test_the_ten_worst_stand_in_order() -> None:
    worst = [strip.row.figures["ap50"] for strip in filled(30).worst]
    assert worst == [i / 30 for i in range(10)]


def test_few_pictures_are_all_shown_as_jpeg() -> None:
    gallery = filled(3)
    assert len(gallery.drawn) == len(gallery.worst) == 3
    with Image.open(io.BytesIO(gallery.drawn[0].jpeg)) as strip:
        assert strip.format == "JPEG" and strip.width == 4 * 8 + 3 * 6
