"""What the network learns from instance labels: foreground, and how deep inside its nucleus a pixel lies."""

from __future__ import annotations

import cv2
import numpy as np
from skimage.measure import regionprops


def inner_boundary(labels: np.ndarray) -> np.ndarray:
    """Pixels of a nucleus with a 4-neighbour of another label. HxW integers in, HxW bool out."""
    edge = np.zeros(labels.shape, bool)
    down, right = labels[1:] != labels[:-1], labels[:, 1:] != labels[:, :-1]
    edge[1:] |= down
    edge[:-1] |= down
    edge[:, 1:] |= right
    edge[:, :-1] |= right
    return edge & (labels > 0)


def inner_distance(labels: np.ndarray) -> np.ndarray:
    """Distance to the nucleus' own border divided by that nucleus' largest, 0 outside nuclei.

    Normalised a nucleus, so that a small one has as clear a core as a large one and the map keeps its
    meaning when the picture is scaled. Touching nuclei are kept apart: the border is that of the label,
    not of the foreground. The picture's edge is no border.

    labels: HxW integers, 0 background. Returns HxW float32 in 0..1; all 0 for an empty picture.
    Method: normalised inner distance, as in Kromp et al. 2020 and the distance head of Naylor et al. 2019.
    """
    inside = (labels > 0) & ~inner_boundary(labels)
    # a border of ones keeps the picture's edge from counting as background
    framed = cv2.copyMakeBorder(inside.astype(np.uint8), 1, 1, 1, 1, cv2.BORDER_REPLICATE)
    distance = cv2.distanceTransform(framed, cv2.DIST_L2, 5)[1:-1, 1:-1]
    distance = np.where(labels > 0, distance + np.float32(1.0), np.float32(0.0))
    deepest = np.zeros(int(labels.max(initial=0)) + 1, np.float32)
    np.maximum.at(deepest, labels.ravel(), distance.ravel())
    deepest[0] = 1.0
    return (distance / np.maximum(deepest, np.float32(1.0))[labels]).astype(np.float32)


def hulls(labels: np.ndarray) -> np.ndarray:
    """Each label spread over the background within its convex hull; where two hulls meet, the first has it.

    The lobes of one nucleus (neutrophils) share an id but not a border: their hull is one region, with one
    core. labels: HxW integers, 0 background. Returns the same shape and dtype.
    """
    spread = labels.copy()
    for region in regionprops(labels):
        view = spread[region.slice]
        np.copyto(view, region.label, where=region.image_convex & (view == 0))
    return spread


def targets(labels: np.ndarray, join_lobes: bool = False) -> np.ndarray:
    """The two target maps. labels HxW integers -> HxWx2 float32: foreground (0 or 1), inner distance.

    With `join_lobes` the inner distance is that of each nucleus' convex hull, so that it may be above 0
    between its lobes, where the foreground is 0.
    """
    depth = inner_distance(hulls(labels) if join_lobes else labels)
    return np.stack([(labels > 0).astype(np.float32), depth], axis=-1)
