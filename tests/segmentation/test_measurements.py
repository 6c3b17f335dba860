"""Discs, ellipses and squares drawn here have the measurements that geometry gives them."""

from __future__ import annotations

import csv
import time

import numpy as np
import pytest
from skimage.measure import regionprops_table

from segmentation.measurements import COLUMNS, headers, measure, to_micrometres, write_csv

GREY = np.full((200, 300, 3), 90, np.uint8)


def ellipse(a: float, b: float, turn: float = 0.0, shape: tuple[int, int] = (200, 300)) -> np.ndarray:
    """A filled ellipse of half axes a and b in the middle of a picture, turned by `turn` radians."""
    y, x = np.mgrid[: shape[0], : shape[1]]
    y, x = y - (shape[0] - 1) / 2, x - (shape[1] - 1) / 2
    along, across = x * np.cos(turn) + y * np.sin(turn), y * np.cos(turn) - x * np.sin(turn)
    return ((along / a) ** 2 + (across / b) ** 2 <= 1).astype(np.int32)


def blobs(seed: int, count: int = 40, shape: tuple[int, int] = (200, 300)) -> np.ndarray:
    """Odd shapes that touch, overlap (the later wins) and leave the picture."""
    rng = np.random.default_rng(seed)
    labels = np.zeros(shape, np.int32)
    y, x = np.mgrid[: shape[0], : shape[1]]
    for number in range(1, count + 1):
        cy, cx = rng.uniform(0, shape[0]), rng.uniform(0, shape[1])
        angle = np.arctan2(y - cy, x - cx)
        radius = rng.uniform(2, 22) * (1 + 0.3 * np.cos(rng.integers(2, 6) * angle + rng.uniform(0, 6)))
        labels[np.hypot(y - cy, x - cx) < radius] = number
    return labels


def one(labels: np.ndarray, rgb: np.ndarray = GREY) -> dict[str, float]:
    columns = measure(labels, rgb)
    assert all(len(values) == 1 for values in columns.values())
    return {name: values[0] for name, values in columns.items()}


@pytest.mark.parametrize("radius", [8, 20, 60])
def test_a_disc_is_round_and_as_large_as_its_radius_says(radius):
    disc = one(ellipse(radius, radius))
    assert disc["area"] == pytest.approx(np.pi * radius**2, rel=0.04)
    assert disc["equivalent_diameter"] == pytest.approx(2 * radius, rel=0.02)
    assert disc["perimeter"] == pytest.approx(2 * np.pi * radius, rel=0.05)
    assert disc["circularity"] > 0.9
    assert disc["eccentricity"] < 0.02
    assert disc["solidity"] == 1.0
    assert (disc["x"], disc["y"]) == (149.5, 99.5)
    assert disc["mean_intensity"] == 90
    assert not disc["touches_edge"]


@pytest.mark.parametrize("turn", [0.0, 0.4, 1.2])
def test_an_ellipse_has_the_eccentricity_of_its_axes(turn):
    measured = one(ellipse(60, 30, turn))
    assert measured["eccentricity"] == pytest.approx(np.sqrt(1 - (30 / 60) ** 2), abs=0.003)
    assert measured["area"] == pytest.approx(np.pi * 60 * 30, rel=0.01)
    assert 0.7 < measured["circularity"] < 0.85
    assert measured["solidity"] == 1.0


def test_a_square_is_measured_exactly():
    labels = np.zeros((200, 300), np.int32)
    labels[50:70, 80:100] = 1
    square = one(labels)
    assert square["area"] == 400
    assert square["perimeter"] == 4 * 19
    assert square["circularity"] == pytest.approx(4 * np.pi * 400 / 76**2)
    assert square["eccentricity"] == 0
    assert square["solidity"] == 1.0
    assert (square["x"], square["y"]) == (89.5, 59.5)


def test_a_cross_fills_only_part_of_its_hull():
    labels = np.zeros((200, 300), np.int32)
    labels[40:70, 50:60] = labels[50:60, 40:70] = 1
    # Hull: the square of 30 pixels a side without a triangle of 1 + 2 + ... + 10 pixels at each corner.
    assert one(labels)["solidity"] == pytest.approx(500 / (900 - 4 * 55))


def test_circularity_never_exceeds_one_however_small_the_nucleus():
    for side in range(1, 6):
        labels = np.zeros((200, 300), np.int32)
        labels[10 : 10 + side, 10 : 10 + side] = 1
        small = one(labels)
        assert 0 < small["circularity"] <= 1
        assert all(np.isfinite(list(small.values())))


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_area_place_perimeter_and_eccentricity_agree_with_scikit_image(seed):
    labels = blobs(seed)
    ours = measure(labels, GREY)
    theirs = regionprops_table(
        labels, properties=("label", "area", "centroid", "perimeter", "eccentricity", "solidity")
    )
    assert (ours["id"] == theirs["label"]).all()
    names = {"area": "area", "x": "centroid-1", "y": "centroid-0", "perimeter": "perimeter"}
    for own, other in names.items():
        assert ours[own] == pytest.approx(theirs[other]), own
    assert ours["eccentricity"] == pytest.approx(theirs["eccentricity"], abs=1e-5)
    # scikit-image widens each pixel to a diamond before it draws the hull, which costs small shapes more.
    large = ours["area"] > 300
    assert large.sum() > 10
    assert ours["solidity"][large] == pytest.approx(theirs["solidity"][large], abs=0.06)
    assert (ours["solidity"] >= theirs["solidity"] - 1e-9).all()


def test_measurements_do_not_depend_on_how_the_picture_is_cut_into_bands(monkeypatch):
    labels, rgb = blobs(5), np.random.default_rng(5).integers(0, 256, GREY.shape, dtype=np.uint8)
    whole = measure(labels, rgb)
    monkeypatch.setattr("segmentation.measurements._BAND_PIXELS", 300 * 7)
    banded = measure(labels, rgb)
    assert all(banded[name] == pytest.approx(whole[name]) for name in COLUMNS)


def test_the_mean_intensity_is_the_mean_of_the_grey_picture():
    rgb = np.zeros_like(GREY)
    rgb[:, :150] = (100, 50, 200)
    labels = np.zeros(rgb.shape[:2], np.int32)
    labels[10:20, 140:160] = 1
    assert one(labels, rgb)["mean_intensity"] == pytest.approx(
        (0.299 * 100 + 0.587 * 50 + 0.114 * 200) / 2, abs=0.5
    )


def test_nuclei_cut_by_the_edge_are_marked():
    labels = np.zeros((200, 300), np.int32)
    labels[0:5, 50:60] = 1
    labels[195:, 50:60] = 2
    labels[50:60, :4] = 3
    labels[50:60, 299:] = 4
    labels[1:5, 100:110] = 5
    assert measure(labels, GREY)["touches_edge"].tolist() == [True, True, True, True, False]


def test_gaps_between_ids_are_kept():
    labels = np.zeros((200, 300), np.int32)
    labels[10:20, 10:20], labels[40:50, 40:60] = 7, 3
    columns = measure(labels, GREY)
    assert columns["id"].tolist() == [3, 7]
    assert columns["area"].tolist() == [200, 100]


def test_a_nucleus_of_two_lobes_is_one_row():
    labels = np.zeros((200, 300), np.int32)
    labels[10:20, 10:20] = labels[10:20, 30:40] = 1
    lobes = one(labels)
    assert (lobes["area"], lobes["x"], lobes["solidity"]) == (200, 24.5, 200 / 300)


def test_a_picture_without_nuclei_has_columns_of_no_rows(tmp_path):
    columns = measure(np.zeros((200, 300), np.int32), GREY)
    assert tuple(columns) == COLUMNS
    assert all(len(values) == 0 for values in columns.values())
    write_csv(tmp_path / "none.csv", columns, 0.5)
    assert len((tmp_path / "none.csv").read_text().splitlines()) == 1


def test_a_picture_of_another_size_is_refused():
    with pytest.raises(ValueError, match="belong together"):
        measure(np.zeros((10, 10), np.int32), GREY)


def test_micrometres_scale_lengths_once_and_areas_twice():
    pixels = measure(blobs(1), GREY)
    um = to_micrometres(pixels, 0.25)
    assert um["area"] == pytest.approx(pixels["area"] / 16)
    assert um["perimeter"] == pytest.approx(pixels["perimeter"] / 4)
    assert um["equivalent_diameter"] == pytest.approx(pixels["equivalent_diameter"] / 4)
    for name in ("x", "y", "circularity", "eccentricity", "solidity", "mean_intensity", "id"):
        assert (um[name] == pixels[name]).all()


def test_headers_name_the_unit():
    assert headers(None)["area"] == "area_px2"
    assert headers(0.3)["area"] == "area_um2"
    assert headers(0.3)["perimeter"] == "perimeter_um"
    assert headers(0.3)["x"] == "x_px"


def test_the_csv_says_its_units_its_figures_and_what_they_are_for(tmp_path):
    labels = np.zeros((200, 300), np.int32)
    labels[50:70, 80:100] = 4
    write_csv(tmp_path / "n.csv", measure(labels, GREY), 0.5)
    (row,) = csv.DictReader((tmp_path / "n.csv").read_text(encoding="utf-8").splitlines())
    assert (row["id"], row["area_um2"], row["perimeter_um"], row["touches_edge"]) == ("4", "100", "38", "0")
    assert "not a diagnosis" in row["notice"]


def test_five_thousand_nuclei_take_less_than_two_seconds():
    y, x = np.mgrid[:1024, :1024]
    labels = ((y // 14) * 73 + x // 14 + 1).astype(np.int32)
    labels[((y % 14 - 6) ** 2 + (x % 14 - 6) ** 2) > 36] = 0
    began = time.perf_counter()
    columns = measure(labels, np.zeros((1024, 1024, 3), np.uint8))
    assert len(columns["id"]) > 5000
    assert time.perf_counter() - began < 2
