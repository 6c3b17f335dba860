"""What the network learns, on drawn labels."""

import cv2
import numpy as np

from segmentation.targets import hulls, inner_boundary, inner_distance, targets


def disc(shape: tuple[int, int], centre: tuple[int, int], radius: float) -> np.ndarray:
    y, x = np.mgrid[: shape[0], : shape[1]]
    return (y - centre[0]) ** 2 + (x - centre[1]) ** 2 <= radius**2


def test_the_distance_is_one_at_a_discs_centre_and_falls_to_its_border() -> None:
    labels = disc((41, 41), (20, 20), 12).astype(np.int32)
    distance = inner_distance(labels)
    assert distance.dtype == np.float32
    assert distance[20, 20] == 1.0
    profile = distance[20, 20:33]
    assert (np.diff(profile) < 0).all() and 0 < profile[-1] < 0.15
    assert (distance[labels == 0] == 0).all() and distance.max() == 1.0


def test_a_small_nucleus_has_as_deep_a_core_as_a_large_one() -> None:
    labels = np.zeros((60, 60), np.int32)
    labels[disc(labels.shape, (20, 20), 15)] = 1
    labels[disc(labels.shape, (50, 50), 3)] = 2
    distance = inner_distance(labels)
    assert distance[labels == 1].max() == distance[labels == 2].max() == 1.0


def test_touching_nuclei_are_kept_apart_by_a_shallow_border() -> None:
    labels = np.zeros((20, 40), np.int32)
    labels[2:18, 2:20], labels[2:18, 20:38] = 1, 2
    assert inner_boundary(labels)[10, 19] and inner_boundary(labels)[10, 20]
    distance = inner_distance(labels)
    assert distance[10, 19] < 0.2 and distance[10, 20] < 0.2
    assert distance[10, 11] > 0.9


def test_the_pictures_edge_is_no_border() -> None:
    labels = np.zeros((20, 20), np.int32)
    labels[5:15, 0:10] = 7
    distance = inner_distance(labels)
    assert distance[10, 0] == distance[5:15, 0:10].max() == 1.0


def test_an_empty_picture_has_empty_targets() -> None:
    maps = targets(np.zeros((8, 9), np.int32))
    assert maps.shape == (8, 9, 2) and maps.dtype == np.float32 and not maps.any()


def test_single_pixels_are_nuclei_too() -> None:
    labels = np.zeros((5, 5), np.int32)
    labels[2, 2] = 3
    assert targets(labels)[2, 2].tolist() == [1.0, 1.0]


def test_the_lobes_of_one_nucleus_share_a_core_when_they_are_joined() -> None:
    labels = np.zeros((40, 60), np.int32)
    cv2.circle(labels, (18, 20), 8, 1, -1)
    cv2.circle(labels, (40, 20), 8, 1, -1)
    apart, joined = targets(labels), targets(labels, join_lobes=True)
    assert np.array_equal(apart[..., 0], joined[..., 0])
    assert apart[20, 29, 1] == 0 and joined[20, 29, 1] > 0.8
    assert joined[20, 29, 0] == 0


def test_a_hull_takes_no_pixel_of_another_nucleus() -> None:
    labels = np.zeros((40, 60), np.int32)
    labels[5:35, 5:10] = labels[30:35, 5:40] = 1  # an L, with another nucleus in its corner
    labels[12:20, 14:22] = 2
    spread = hulls(labels)
    assert np.array_equal(spread == 2, labels == 2)
    assert (spread == 1).sum() > (labels == 1).sum()
