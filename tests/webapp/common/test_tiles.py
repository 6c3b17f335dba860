from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from webapp.common.tiles import tile_bytes


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    path = tmp_path / "tiles.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as file:
        for level in range(3):
            file.writestr(f"{level}/0_0.jpeg", f"tile {level}".encode() * 100)
        file.writestr("secret.txt", b"deflated", zipfile.ZIP_DEFLATED)
    return path


def test_a_tile_is_read_out_of_the_zip_as_it_was_written(archive: Path) -> None:
    assert tile_bytes(archive, "2/0_0.jpeg") == b"tile 2" * 100
    assert tile_bytes(archive, "0/0_0.jpeg") == b"tile 0" * 100


@pytest.mark.parametrize("member", ["3/0_0.jpeg", "0/0_1.jpeg", "../tiles.zip", "", "secret.txt"])
def test_what_is_no_tile_is_none(archive: Path, member: str) -> None:
    assert tile_bytes(archive, member) is None


def test_a_zip_that_is_gone_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        tile_bytes(tmp_path / "gone.zip", "0/0_0.jpeg")
