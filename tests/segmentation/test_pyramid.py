"""A pyramid holds the whole picture at every level, in one file that is the same each time."""

from __future__ import annotations

import io
import zipfile

import numpy as np
import pytest
from PIL import Image

from segmentation.pyramid import PyramidInfo, thumbnail, write_pyramid


def picture(height: int = 300, width: int = 421) -> np.ndarray:
    y, x = np.mgrid[:height, :width]
    return np.stack([x * 255 // width, y * 255 // height, (x + y) % 256 // 2 + 60], axis=-1).astype(np.uint8)


def assembled(path, info: PyramidInfo, level: int) -> np.ndarray:
    """A level put together again from its tiles."""
    width = -(-info.width // 2 ** (info.levels - 1 - level))
    height = -(-info.height // 2 ** (info.levels - 1 - level))
    out = np.zeros((height, width, 3), np.uint8)
    with zipfile.ZipFile(path) as archive:
        for row in range(-(-height // info.tile)):
            for column in range(-(-width // info.tile)):
                data = archive.read(f"{level}/{column}_{row}.{info.format}")
                tile = np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))
                top, left = row * info.tile, column * info.tile
                out[top : top + tile.shape[0], left : left + tile.shape[1]] = tile
    return out


def test_a_png_pyramid_gives_the_picture_back_exactly(tmp_path):
    info = write_pyramid(tmp_path / "p.zip", picture(), tile=128, format="png")
    assert info == PyramidInfo(width=421, height=300, tile=128, levels=10, format="png")
    assert (assembled(tmp_path / "p.zip", info, 9) == picture()).all()


def test_a_jpeg_pyramid_gives_the_picture_back_nearly_in_full_colour(tmp_path):
    stripes = np.zeros((64, 64, 3), np.uint8)
    stripes[:, ::2], stripes[:, 1::2] = (220, 60, 90), (60, 60, 220)
    info = write_pyramid(tmp_path / "p.zip", stripes)
    assert np.abs(assembled(tmp_path / "p.zip", info, info.levels - 1).astype(int) - stripes).mean() < 8


@pytest.mark.parametrize("level", range(10))
def test_each_level_is_the_picture_made_smaller(tmp_path, level):
    info = write_pyramid(tmp_path / "p.zip", picture(), tile=100, format="png")
    small = assembled(tmp_path / "p.zip", info, level)
    block = 2 ** (info.levels - 1 - level)
    rows, columns = 300 // block, 421 // block  # the whole blocks; a last part of one stands for itself
    whole = picture()[: rows * block, : columns * block].reshape(rows, block, columns, block, 3)
    assert np.abs(small[:rows, :columns] - whole.mean(axis=(1, 3))).max(initial=0) < 3
    assert small.shape[:2] == (-(-300 // block), -(-421 // block))


def test_halving_takes_means_and_keeps_places(tmp_path):
    rgb = np.zeros((4, 6, 3), np.uint8)
    rgb[0:2, 0:2], rgb[2:4, 4:6] = 200, 100
    rgb[0, 2] = 80
    info = write_pyramid(tmp_path / "p.zip", rgb, format="png")
    half = assembled(tmp_path / "p.zip", info, info.levels - 2)
    assert half[..., 0].tolist() == [[200, 20, 0], [0, 0, 100]]


def test_the_file_is_stored_not_packed_and_the_same_bytes_each_time(tmp_path):
    for name in ("a.zip", "b.zip"):
        write_pyramid(tmp_path / name, picture(), tile=128)
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        assert {entry.compress_type for entry in archive.infolist()} == {zipfile.ZIP_STORED}
        assert {entry.filename for entry in archive.infolist() if entry.filename.startswith("8/")} == {
            "8/0_0.jpeg", "8/1_0.jpeg", "8/0_1.jpeg", "8/1_1.jpeg",
        }  # fmt: skip


def test_a_transparent_mask_keeps_its_transparency(tmp_path):
    rgba = np.dstack([picture(40, 50), np.zeros((40, 50), np.uint8)])
    rgba[10:20, 10:20, 3] = 255
    info = write_pyramid(tmp_path / "p.zip", rgba, format="png")
    with zipfile.ZipFile(tmp_path / "p.zip") as archive:
        tile = np.asarray(Image.open(io.BytesIO(archive.read(f"{info.levels - 1}/0_0.png"))))
    assert (tile[..., 3] == rgba[..., 3]).all()


@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 700, 3), (513, 1, 3), (512, 512, 3)])
def test_odd_shapes_have_all_their_levels(tmp_path, shape):
    rgb = np.full(shape, 77, np.uint8)
    info = write_pyramid(tmp_path / "p.zip", rgb, format="png")
    assert 2 ** (info.levels - 1) >= max(shape[:2]) > 2 ** (info.levels - 1) // 2
    for level in range(info.levels):
        assert (assembled(tmp_path / "p.zip", info, level) == 77).all()


@pytest.mark.parametrize(
    ("pixels", "format"),
    [(np.zeros((8, 8, 4), np.uint8), "jpeg"), (np.zeros((8, 8), np.uint8), "png"), (picture(8, 8), "gif")],
)
def test_what_a_format_cannot_hold_is_refused(tmp_path, pixels, format):
    with pytest.raises(ValueError, match="no "):
        write_pyramid(tmp_path / "p.zip", pixels, format=format)


@pytest.mark.parametrize(
    ("shape", "size"), [((600, 800), (320, 240)), ((800, 100), (40, 320)), ((50, 60), (60, 50))]
)
def test_a_thumbnail_fits_its_side_and_is_never_enlarged(shape, size):
    small = Image.open(io.BytesIO(thumbnail(picture(*shape))))
    assert (small.format, small.size) == ("JPEG", size)
    assert np.asarray(small).mean() == pytest.approx(picture(*shape).mean(), abs=3)
