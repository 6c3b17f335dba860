"""A scale counts only where a microscope could have it: printers' resolutions never become micrometres."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from segmentation import pixel_size
from segmentation.images import decode
from tests.segmentation import pictures

GREY = pictures.field()[..., 0]


def scale(**options: object) -> float | None:
    return decode(pictures.tiff(GREY, **options)).um_per_px


def test_imagej_says_the_scale_in_its_description():
    um = scale(imagej=True, resolution=(1 / 0.325, 1 / 0.325), metadata={"unit": "um"})
    assert um == pytest.approx(0.325, rel=1e-4)


def test_ome_says_the_scale_in_its_own_unit():
    metadata = {"PhysicalSizeX": 220, "PhysicalSizeY": 220}
    units = {"PhysicalSizeXUnit": "nm", "PhysicalSizeYUnit": "nm"}
    assert scale(ome=True, metadata=metadata | units) == pytest.approx(0.22)


def test_aperio_says_the_scale_as_mpp():
    assert scale(description="Aperio Image Library|AppMag = 20|MPP = 0.4990|x") == pytest.approx(0.499)


@pytest.mark.parametrize(("unit", "per_unit"), [(3, 10_000 / 0.25), (2, 25_400 / 0.25)])
def test_plain_tiff_resolution_of_a_microscope_counts(unit, per_unit):
    assert scale(resolution=(per_unit, per_unit), resolutionunit=unit) == pytest.approx(0.25)


@pytest.mark.parametrize("dpi", [1, 72, 96, 150, 300, 600, 1200, 2400, 4800, 9600])
def test_a_printers_resolution_is_no_scale(dpi):
    assert scale(resolution=(dpi, dpi), resolutionunit=2) is None
    assert decode(pictures.saved(Image.fromarray(GREY), "PNG", dpi=(dpi, dpi))).um_per_px is None


def test_pixels_that_are_not_square_have_no_single_scale():
    assert scale(resolution=(40_000, 20_000), resolutionunit=3) is None


def test_a_png_may_say_pixels_per_metre():
    body = (4_000_000).to_bytes(4, "big") * 2 + b"\x01"
    data = pictures.png16(GREY.astype(np.uint16), extra=(pictures.png_chunk(b"pHYs", body),))
    assert decode(data).um_per_px == pytest.approx(0.25)


@pytest.mark.parametrize(
    "tags",
    [
        {},
        {282: (0, 0), 283: (0, 0)},
        {282: (1, 0), 283: (1, 0), 296: 3},
        {282: "x", 283: None, 296: "y"},
        {270: b"\xff\xfe<OME PhysicalSizeX=", 282: (1, 1), 283: (1, 1)},
        {270: '<OME PhysicalSizeX="0" PhysicalSizeY="0.5">'},
        {270: '<OME PhysicalSizeX="0.5" PhysicalSizeXUnit="furlong" PhysicalSizeY="0.5">'},
        {270: "ImageJ=1.53\nunit=pixel\n", 282: (4, 1), 283: (4, 1)},
        {270: "Aperio |MPP = 1.2.3|"},
    ],
)
def test_odd_tags_say_nothing(tags):
    assert pixel_size.from_tiff(tags) is None


@pytest.mark.parametrize("um", [0.009, 20.1, 0.0, -1.0, float("nan"), float("inf")])
def test_what_no_light_microscope_resolves_is_not_believed(um):
    assert pixel_size.plausible(um) is None
