"""Every file a laboratory may drop on the page becomes the right pixels or a refusal with its reason."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from segmentation.images import decode
from tests.segmentation import pictures

FIELD = pictures.field()
GREY = FIELD[..., 1]


def image(mode: str = "RGB") -> Image.Image:
    return Image.fromarray(FIELD).convert(mode)


def close(rgb: np.ndarray, expected: np.ndarray, tolerance: float = 0) -> bool:
    return rgb.shape == expected.shape and np.abs(rgb.astype(int) - expected.astype(int)).max() <= tolerance


# -- ordinary pictures -------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "BMP"])
def test_a_lossless_picture_comes_back_exactly(kind):
    picture = decode(pictures.saved(image(), kind))
    assert (picture.rgb == FIELD).all()
    assert picture.rgb.dtype == np.uint8
    assert (picture.format, picture.bit_depth) == (kind.lower(), 8)
    assert (picture.um_per_px, picture.notes) == (None, ())


@pytest.mark.parametrize("kind", ["JPEG", "WEBP"])
def test_a_lossy_picture_comes_back_nearly(kind):
    assert np.abs(decode(pictures.saved(image(), kind, quality=95)).rgb.astype(int) - FIELD).mean() < 2


def test_a_path_is_read_like_bytes(tmp_path):
    path = tmp_path / "médula 🔬.png"
    path.write_bytes(pictures.saved(image(), "PNG"))
    assert (decode(path).rgb == FIELD).all()


@pytest.mark.parametrize("options", [{}, {"compression": "tiff_lzw"}, {"compression": "tiff_deflate"}])
def test_a_tiff_is_read_whatever_its_compression(options):
    assert (decode(pictures.saved(image(), "TIFF", **options)).rgb == FIELD).all()


def test_the_bytes_decide_and_not_the_name(tmp_path):
    path = tmp_path / "really_a_tiff.png"
    path.write_bytes(pictures.saved(image(), "TIFF"))
    assert decode(path).format == "tiff"


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_grey_and_black_and_white_become_three_equal_channels(kind):
    grey = decode(pictures.saved(Image.fromarray(GREY), kind)).rgb
    assert (grey == GREY[..., None]).all()
    black_and_white = decode(pictures.saved(Image.fromarray(GREY > 90), kind))
    assert black_and_white.bit_depth == 1
    assert (black_and_white.rgb == np.where(GREY > 90, 255, 0)[..., None]).all()


# -- deep pixels -------------------------------------------------------------------------------------


def stretched(values: np.ndarray) -> np.ndarray:
    low, high = np.percentile(values, [0.1, 99.9])
    return np.clip(np.rint((values - low) * 255.0 / (high - low)), 0, 255)


def colour_tiff(deep: np.ndarray, **options: object) -> bytes:
    return pictures.tiff(deep, photometric="rgb", **options)


def test_a_12_bit_grey_png_uses_the_whole_range_of_8_bits():
    deep = GREY.astype(np.uint16) * 16
    picture = decode(pictures.png16(deep))
    assert (picture.bit_depth, picture.notes) == (16, ("scaled",))
    assert close(picture.rgb[..., 0], stretched(deep), tolerance=2)
    assert picture.rgb.max() == 255


@pytest.mark.parametrize(
    "encode",
    [
        pytest.param(pictures.png16, id="png"),
        pytest.param(colour_tiff, id="tiff"),
        pytest.param(lambda deep: colour_tiff(deep, byteorder=">"), id="tiff-big-endian"),
        pytest.param(lambda deep: colour_tiff(deep, compression="zlib"), id="tiff-deflate"),
        pytest.param(lambda deep: colour_tiff(deep, tile=(16, 16)), id="tiff-tiles"),
        pytest.param(
            lambda deep: colour_tiff(np.moveaxis(deep, -1, 0), planarconfig="separate"), id="tiff-planes"
        ),
        pytest.param(lambda deep: colour_tiff(deep.astype(np.float32)), id="tiff-float"),
        pytest.param(lambda deep: colour_tiff(deep.astype(np.uint32)), id="tiff-32-bit"),
    ],
)
def test_deep_colours_keep_their_low_bits_and_their_balance(encode):
    # All values lie below 1024: a reader that keeps only the high bytes would see four levels.
    deep = FIELD.astype(np.uint16) * 4
    deep[..., 2] //= 2
    assert close(decode(encode(deep)).rgb, stretched(deep), tolerance=2)


def test_deep_colour_with_alpha_is_laid_on_white():
    deep = np.dstack([FIELD.astype(np.uint16) * 200, np.full(GREY.shape, 65_535, np.uint16)])
    deep[:20, :, 3] = 0
    picture = decode(pictures.png16(deep))
    assert set(picture.notes) == {"scaled", "alpha_on_white"}
    assert (picture.rgb[:20] == 255).all()
    assert not (picture.rgb[20:] == 255).all()


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int16, np.int32, np.uint32])
def test_float_and_wide_integers_are_stretched(dtype):
    picture = decode(pictures.tiff((GREY.astype(dtype) - 40) * 3))
    assert close(picture.rgb[..., 0], stretched((GREY.astype(float) - 40) * 3), tolerance=1)


def test_values_that_are_no_numbers_do_not_spoil_a_float_picture():
    values = GREY.astype(np.float32) / 255
    values[0, 0], values[0, 1] = np.nan, np.inf
    rgb = decode(pictures.tiff(values)).rgb
    assert close(rgb[10:, :, 0], stretched(GREY.astype(float))[10:], tolerance=2)
    assert rgb[0, 0, 0] == 0
    assert rgb[0, 1, 0] == 255


@pytest.mark.parametrize("value", [0, 3_000, 65_535])
def test_a_deep_picture_of_one_single_value_is_read(value):
    rgb = decode(pictures.png16(np.full((20, 20), value, np.uint16))).rgb
    assert (rgb == value // 256).all()


def test_a_few_bright_nuclei_on_black_are_not_clipped_away():
    deep = np.zeros((200, 200), np.uint16)
    deep[50:55, 50:55] = 900
    assert decode(pictures.png16(deep)).rgb[52, 52, 0] == 255


def test_zero_means_white_where_a_deep_tiff_says_so():
    deep = GREY.astype(np.uint16) * 16
    picture = decode(pictures.tiff(deep, photometric="miniswhite"))
    assert close(picture.rgb[..., 0], 255 - stretched(deep), tolerance=2)


def test_of_two_channels_the_first_is_shown_and_said():
    channels = np.stack([GREY, 255 - GREY]).astype(np.uint16) * 9
    picture = decode(pictures.tiff(channels, photometric="minisblack", planarconfig="separate"))
    assert "first_channels" in picture.notes
    assert close(picture.rgb[..., 0], stretched(channels[0]), tolerance=2)


# -- colour, transparency, orientation, pages ----------------------------------------------------------


def cmyk() -> Image.Image:
    inks = np.dstack([255 - FIELD, np.full(GREY.shape, 100, np.uint8)])
    return Image.merge("CMYK", [Image.fromarray(inks[..., index]) for index in range(4)])


@pytest.mark.parametrize("kind", ["JPEG", "TIFF"])
def test_printing_colours_become_the_colours_on_paper(kind):
    options = {"quality": 100} if kind == "JPEG" else {}
    picture = decode(pictures.saved(cmyk(), kind, **options))
    assert picture.notes == ("cmyk",)
    assert close(picture.rgb, FIELD * (155 / 255), tolerance=4)


def test_a_palette_with_alpha_is_laid_on_white():
    palette = image("P")
    colours = np.asarray(palette.convert("RGB"))
    palette.info["transparency"] = bytes([0] * 128 + [255] * 128)
    picture = decode(pictures.saved(palette, "PNG"))
    opaque = np.asarray(palette) >= 128
    assert picture.notes == ("alpha_on_white",)
    assert (picture.rgb[~opaque] == 255).all()
    assert (picture.rgb[opaque] == colours[opaque]).all()


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_half_transparent_pixels_are_mixed_with_white(kind, mode):
    with_alpha = image(mode)
    with_alpha.putalpha(Image.new("L", with_alpha.size, 102))
    colours = np.asarray(image("RGB" if mode == "RGBA" else "L").convert("RGB"))
    picture = decode(pictures.saved(with_alpha, kind))
    assert picture.notes == ("alpha_on_white",)
    assert close(picture.rgb, colours * 0.4 + 255 * 0.6, tolerance=1)


def test_a_picture_that_claims_to_be_wholly_transparent_keeps_its_colours():
    ghost = image("RGBA")
    ghost.putalpha(0)
    picture = decode(pictures.saved(ghost, "PNG"))
    assert picture.notes == ("alpha_ignored",)
    assert (picture.rgb == FIELD).all()


def test_a_single_transparent_colour_is_laid_on_white():
    picture = decode(pictures.saved(image(), "PNG", transparency=(250, 250, 250)))
    assert (picture.rgb[:8, :8] == 255).all()
    assert (picture.rgb[8:] == FIELD[8:]).all()


TURNS = {
    1: lambda a: a,
    2: np.fliplr,
    3: lambda a: np.rot90(a, 2),
    4: np.flipud,
    5: lambda a: np.swapaxes(a, 0, 1),
    6: lambda a: np.rot90(a, -1),
    7: lambda a: np.swapaxes(np.rot90(a, 2), 0, 1),
    8: lambda a: np.rot90(a, 1),
}


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "JPEG"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_turned_picture_is_turned_back(kind, orientation):
    exif = Image.Exif()
    exif[274] = orientation
    picture = decode(pictures.saved(image(), kind, exif=exif))
    expected = TURNS[orientation](FIELD)
    assert picture.rgb.shape == expected.shape
    assert np.abs(picture.rgb.astype(int) - expected).mean() < 2
    assert picture.notes == (("oriented",) if orientation > 1 else ())


def test_a_broken_exif_block_does_not_cost_the_picture():
    whole = pictures.saved(image(), "PNG", exif=b"Exif\x00\x00II*\x00\xff\xff\xff\x7f")
    assert (decode(whole).rgb == FIELD).all()


def test_of_several_pages_the_first_is_taken_and_said():
    picture = decode(pictures.tiff(np.stack([GREY, 255 - GREY, GREY]), photometric="minisblack"))
    assert picture.notes == ("first_page",)
    assert (picture.rgb[..., 0] == GREY).all()
