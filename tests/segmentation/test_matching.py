"""Stored nuclei are found again: turned, mirrored, larger, in one channel or three."""

import cv2
import numpy as np
import pytest

from segmentation.grids import Nuclei, crops, join, prepare
from segmentation.matching import best_pictures, match
from segmentation.synthetic import draw_fluorescence, draw_stained


def field(seed: int = 1, channels: int = 3) -> tuple[np.ndarray, np.ndarray]:
    if channels == 1:
        return draw_fluorescence(seed=seed, height=300, width=400, nuclei=20, radius_px=16)
    return draw_stained(seed=seed, height=400, width=500, nuclei=10)


def turned(rgb: np.ndarray, labels: np.ndarray, degrees: float, scale: float, mirror: bool) -> tuple:
    """The whole field turned about its middle onto a canvas that holds all of it."""
    if mirror:
        rgb, labels = rgb[:, ::-1], labels[:, ::-1]
    height, width = labels.shape
    side = int(1.5 * scale * max(height, width))
    move = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, scale)
    move[:, 2] += (side / 2 - width / 2, side / 2 - height / 2)
    ground = np.median(rgb, axis=(0, 1)).tolist()
    picture = cv2.warpAffine(rgb, move, (side, side), flags=cv2.INTER_LINEAR, borderValue=ground)
    moved = cv2.warpAffine(labels.astype(np.float32), move, (side, side), flags=cv2.INTER_NEAREST)
    return picture, moved.astype(np.int32)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize(("degrees", "scale", "mirror"), [(0, 1, False), (37, 1.4, False), (200, 0.8, True)])
def test_a_turned_scaled_or_mirrored_copy_is_found_first(
    channels: int, degrees: float, scale: float, mirror: bool
) -> None:
    rgb, labels = field(channels=channels)
    library = join([prepare(*field(2, channels), channels), prepare(rgb, labels, channels)], channels)
    first = library.count - prepare(rgb, labels, channels).count
    copies = prepare(*turned(rgb, labels, degrees, scale, mirror), channels)
    found = match(copies, library, 3)
    right = (found.stored[:, 0] >= first) & (library.ids[found.stored[:, 0]] == copies.ids)
    assert right.mean() > 0.9
    assert np.median(found.overlap[:, 0]) > 0.9
    assert (np.diff(found.score, axis=1) <= 0).all()


def test_the_same_nucleus_scores_one_unturned() -> None:
    nuclei = prepare(*field(), 3)
    found = match(nuclei, nuclei, 1)
    assert (found.stored[:, 0] == np.arange(nuclei.count)).all()
    np.testing.assert_allclose(found.score, 1, atol=1e-4)
    assert (found.turn == 0).all() and not found.mirrored.any()


def test_the_turn_is_the_one_that_was_made() -> None:
    labels = np.zeros((90, 90), np.int32)
    cv2.ellipse(labels, (45, 45), (26, 12), 0, 0, 360, 1, cv2.FILLED)
    cv2.circle(labels, (64, 38), 9, 1, cv2.FILLED)  # one end is larger, so that no other turn fits
    rgb = np.where(labels[..., None] > 0, 200, 20).astype(np.uint8).repeat(3, axis=2)
    found = match(prepare(*turned(rgb, labels, 90, 1, False), 1), prepare(rgb, labels, 1), 1)
    assert found.turn[0, 0] == pytest.approx(90, abs=6) and not found.mirrored[0, 0]
    assert found.overlap[0, 0] > 0.9


def test_the_overlap_is_that_of_the_areas() -> None:
    y, x = np.ogrid[:200, :200]
    labels = ((np.abs(y - 100) < 40) & (np.abs(x - 100) < 40)).astype(np.int32)
    disc = (np.hypot(y - 100, x - 100) < 60).astype(np.int32)
    rgb = np.full((200, 200, 3), 128, np.uint8)
    found = match(prepare(rgb, labels, 1), prepare(rgb, disc, 1), 1)
    # of equal area: they share a disc without four caps
    half = np.sqrt(np.pi) / 2
    cap = np.arccos(half) - half * np.sqrt(1 - half**2)
    shared = np.pi - 4 * cap
    assert found.overlap[0, 0] == pytest.approx(shared / (2 * np.pi - shared), abs=0.03)


def test_without_nuclei_or_library_there_are_no_matches() -> None:
    rgb, labels = field()
    some, none = prepare(rgb, labels, 3), prepare(rgb, np.zeros_like(labels), 3)
    assert none.count == 0 and join([], 3).count == 0
    assert match(none, some).stored.shape == (0, 5)
    assert match(some, join([none], 3)).stored.shape == (some.count, 0)
    assert best_pictures(match(some, none), np.zeros(0, int), 2).tolist() == [0, 0]


def test_one_stored_nucleus_is_enough_and_specks_are_left_out() -> None:
    labels = np.zeros((40, 40), np.int32)
    cv2.circle(labels, (20, 20), 8, 7, cv2.FILLED)
    labels[1, 1:4] = 9
    rgb = np.full((40, 40, 3), 90, np.uint8)
    one = prepare(rgb, labels, 3)
    assert one.ids.tolist() == [7]
    found = match(one, one)
    assert found.stored.tolist() == [[0]] and found.score[0, 0] > 0.69  # no texture: no correlation
    assert prepare(np.zeros((1, 1, 3), np.uint8), np.ones((1, 1), np.int32), 1).count == 0


def test_different_channels_do_not_compare() -> None:
    rgb, labels = field()
    with pytest.raises(ValueError, match="channels"):
        match(prepare(rgb, labels, 1), prepare(rgb, labels, 3))
    with pytest.raises(ValueError, match="channels"):
        prepare(rgb, labels, 2)


def test_the_whole_pictures_best_is_the_one_it_came_from() -> None:
    parts = [prepare(*field(seed), 3) for seed in (1, 2, 3)]
    picture_of = np.repeat(np.arange(3), [part.count for part in parts])
    scores = best_pictures(match(parts[1], join(parts, 3)), picture_of, 3)
    assert scores.argmax() == 1 and scores[1] == pytest.approx(1, abs=1e-4) and (scores <= 1 + 1e-4).all()


def test_a_crop_shows_the_nucleus_with_its_outline_also_at_the_edge() -> None:
    labels = np.zeros((60, 60), np.int32)
    cv2.circle(labels, (30, 30), 10, 1, cv2.FILLED)
    cv2.circle(labels, (0, 0), 9, 2, cv2.FILLED)
    rgb = np.zeros((60, 60, 3), np.uint8)
    rgb[labels > 0] = (200, 60, 180)
    small = crops(rgb, labels, prepare(rgb, labels, 3))
    assert small.shape == (2, 48, 48, 3)
    assert small[0, 24, 24].tolist() == [200, 60, 180] and (small[0] == (86, 180, 233)).all(axis=2).any()
    assert (small[1] == (200, 60, 180)).all(axis=2).any()


def test_nuclei_are_rows_of_equal_number() -> None:
    nuclei: Nuclei = prepare(*field(), 3)
    assert nuclei.grid.shape[0] == nuclei.vectors.shape[0] == nuclei.area.size == nuclei.count
    assert nuclei.grid.dtype == np.uint8 and np.isfinite(nuclei.vectors).all()
