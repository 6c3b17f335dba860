"""Hostile and broken files are refused at once, with a reason, and nothing else ever escapes."""

from __future__ import annotations

import io
import struct
import time
import tracemalloc
import zlib

import numpy as np
import pytest
import tifffile
from PIL import Image

from segmentation.errors import SENTENCES, PictureRefused
from segmentation.images import Limits, decode
from tests.segmentation import pictures

FIELD = pictures.field()
GREY = FIELD[..., 1]


def refused(data: bytes, limits: Limits | None = None) -> str:
    with pytest.raises(PictureRefused) as caught:
        decode(data, limits or Limits())
    assert caught.value.sentence("es") != caught.value.sentence("en")
    return caught.value.code


@pytest.mark.parametrize(
    ("data", "code"),
    [
        pytest.param(b"", "empty_file", id="no bytes"),
        pytest.param(pictures.TEXT, "unknown_format", id="text"),
        pytest.param(pictures.SVG, "svg", id="svg"),
        pytest.param(pictures.gif(1), "unknown_format", id="gif"),
        pytest.param(pictures.gif(3), "animated", id="animated gif"),
        pytest.param(pictures.animated("PNG"), "animated", id="animated png"),
        pytest.param(pictures.animated("WEBP"), "animated", id="animated webp"),
        pytest.param(pictures.PNG_SIGNATURE, "damaged", id="only a signature"),
        pytest.param(b"\x89PNG\n\x1a\n" + bytes(200), "damaged", id="png sent as text"),
        pytest.param(b"II*\x00\x08\x00\x00\x00\xff\xff" + bytes(90), "damaged", id="tiff of nonsense"),
        pytest.param(pictures.tiff(GREY.astype(np.complex64)), "unsupported_pixels", id="complex numbers"),
    ],
)
def test_a_file_we_cannot_use_is_refused_with_its_reason(data, code):
    assert refused(data) == code


def test_a_bomb_of_400_megapixels_is_refused_in_milliseconds_and_without_memory():
    bomb = pictures.png_bomb()
    assert len(bomb) < 100_000
    tracemalloc.start()
    began = time.perf_counter()
    assert refused(bomb) == "too_many_pixels"
    assert time.perf_counter() - began < 0.5
    assert tracemalloc.get_traced_memory()[1] < 10_000_000
    tracemalloc.stop()


def test_the_default_limit_takes_200_megapixels_and_not_one_more():
    assert Limits().max_pixels == 200_000_000
    limits = Limits(max_pixels=48 * 64)
    assert decode(pictures.saved(Image.fromarray(FIELD), "PNG"), limits).rgb.shape == (48, 64, 3)
    for kind in ("PNG", "JPEG", "TIFF", "BMP", "WEBP"):
        assert (
            refused(pictures.saved(Image.fromarray(FIELD), kind), Limits(max_pixels=48 * 64 - 1))
            == "too_many_pixels"
        )
    assert refused(pictures.tiff(GREY.astype(np.float64)), Limits(max_pixels=99)) == "too_many_pixels"


def test_a_tiff_with_monstrous_tiles_is_refused():
    honest = pictures.tiff(GREY, tile=(16, 16))
    tag = b"\x42\x01\x04\x00\x01\x00\x00\x00\x10\x00\x00\x00"  # TileWidth, LONG, 1 value: 16
    short = b"\x42\x01\x03\x00\x01\x00\x00\x00\x10\x00\x00\x00"
    found = tag if tag in honest else short
    assert found in honest
    monstrous = honest.replace(found, tag[:8] + (2**30).to_bytes(4, "little"))
    assert refused(monstrous) in ("too_many_pixels", "damaged")


def test_a_deflate_bomb_in_a_tiff_is_refused_before_it_unfolds():
    whole = pictures.tiff(np.zeros((64, 64), np.float64), compression="zlib", metadata=None)
    piece = zlib.compress(bytes(80_000_000), 9)
    bomb = bytearray(whole + piece)
    for tag, value in ((273, len(whole)), (279, len(piece))):  # where the strip starts, how long it is
        with tifffile.TiffFile(io.BytesIO(whole)) as honest:
            at = honest.pages[0].tags[tag].offset
        bomb[at + 2 : at + 12] = struct.pack("<HII", 4, 1, value)
    tracemalloc.start()
    assert refused(bytes(bomb)) == "damaged"
    assert tracemalloc.get_traced_memory()[1] < 20_000_000
    tracemalloc.stop()


@pytest.mark.parametrize(("height", "width"), [(15, 200), (200, 15), (1, 1)])
def test_a_picture_too_small_for_a_nucleus_is_refused(height, width):
    assert refused(pictures.saved(Image.new("RGB", (width, height)), "PNG")) == "too_small"


def test_a_file_of_too_many_bytes_is_refused():
    assert refused(pictures.saved(Image.fromarray(FIELD), "BMP"), Limits(max_bytes=1000)) == "too_many_bytes"


NOISE = np.random.default_rng(4).integers(0, 255, (90, 120, 3)).astype(np.uint8)


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("PNG", {}),
        ("JPEG", {}),
        ("JPEG", {"progressive": True}),
        ("TIFF", {}),
        ("TIFF", {"compression": "tiff_lzw"}),
        ("TIFF", {"compression": "tiff_deflate"}),
        ("WEBP", {}),
        ("WEBP", {"lossless": True}),
        ("BMP", {}),
    ],
)
def test_a_file_without_its_tail_is_refused_wherever_it_was_cut(kind, options):
    whole = pictures.saved(Image.fromarray(NOISE), kind, **options)
    assert decode(whole).rgb.shape == NOISE.shape
    start = 64  # from here on the format is known, so that the sentence can say "damaged"
    for length in [*np.linspace(start, len(whole) - 1, 12).astype(int), len(whole) - 2, len(whole) - 12]:
        assert refused(whole[:length]) == "damaged", f"{kind} cut to {length} of {len(whole)} bytes"


def test_a_png_with_a_flipped_bit_is_refused():
    data = bytearray(pictures.saved(Image.fromarray(NOISE), "PNG"))
    data[len(data) // 2] ^= 0x10
    assert refused(bytes(data)) == "damaged"


def test_bytes_behind_the_end_of_a_picture_do_no_harm():
    for kind in ("PNG", "JPEG"):
        assert decode(pictures.saved(Image.fromarray(FIELD), kind) + b"camera notes").rgb.shape == FIELD.shape


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF", "BMP", "WEBP"])
def test_random_damage_never_escapes_as_another_error(kind):
    whole = pictures.saved(Image.fromarray(FIELD), kind)
    rng = np.random.default_rng(7)
    for _ in range(150):
        damaged = bytearray(whole)
        for position in rng.integers(4, min(len(whole), 400), 4):
            damaged[position] = rng.integers(256)
        try:
            assert decode(bytes(damaged), Limits(max_pixels=1_000_000)).rgb.dtype == np.uint8
        except PictureRefused as error:
            assert error.code in SENTENCES


def test_a_missing_file_is_the_disks_trouble_and_not_the_pictures(tmp_path):
    with pytest.raises(FileNotFoundError):
        decode(tmp_path / "gone.png")
