"""Runs a bundle's U-Net over a picture of any size, tile by tile."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from segmentation.bundle import load_spec, verified_weights
from segmentation.confidence import Confidence, Found, evidence, load_confidence
from segmentation.instances import instances
from segmentation.memory import keep_freed_memory, return_freed_memory
from segmentation.preprocessing import grey_range, normalise
from segmentation.spec import ModelSpec
from segmentation.tiles import padded, tile_starts, tile_weights
from segmentation.unet import build_unet

Progress = Callable[[int, int], None]
_LARGE_PIXELS = 16_000_000


def load_predictor(folder: Path) -> Predictor:
    """The predictor of a bundle; BundleError when its spec or its weights are not what they should be."""
    keep_freed_memory()
    spec = load_spec(folder)
    weights = verified_weights(folder, spec)
    network = build_unet(spec.architecture)
    network.load_weights(weights)
    return Predictor(spec, network, confidence=load_confidence(folder))


class Predictor:
    """A spec and its network, ready for pictures. Not thread-safe: one predictor a process."""

    def __init__(self, spec: ModelSpec, network: keras.Model, confidence: Confidence | None = None):
        self.spec = spec
        self.confidence = confidence
        self.network = network
        # one trace for every tile size; `Model.predict` is about a third slower
        self._run = tf.function(
            lambda x: tf.sigmoid(network(x, training=False)),
            input_signature=[tf.TensorSpec((None, None, None, 3), tf.float32)],
            autograph=False,
        )

    def segment(self, rgb: np.ndarray, progress: Progress | None = None) -> np.ndarray:
        """Instance labels of a picture. rgb HxWx3 uint8 -> HxW int32, 0 background, nuclei 1..n.

        `progress(done, total)` counts tiles; its last value is repeated while nuclei are parted.
        """
        return self.find(rgb, progress).labels

    def find(self, rgb: np.ndarray, progress: Progress | None = None) -> Found:
        """segment(), and where the bundle claims confidence what its maps say of each nucleus."""
        last = (0, 0)

        def count(done: int, total: int) -> None:
            nonlocal last
            last = (done, total)
            if progress:
                progress(done, total)

        maps = self.maps(rgb, count)
        labels = instances(maps, self.spec.thresholds, lambda: count(*last))
        found = Found(labels, self.confidence, evidence(maps, labels) if self.confidence else None)
        del maps
        if labels.size > _LARGE_PIXELS:
            return_freed_memory()
        return found

    def maps(self, rgb: np.ndarray, progress: Progress | None = None) -> np.ndarray:
        """Foreground probability and inner distance. rgb HxWx3 uint8 -> HxWx2 uint8, 0..255 for 0..1.

        Tiles run row by row; rows that no later tile touches leave as bytes at once, so that besides the
        result only one band of tiles is held in float.
        """
        height, width = rgb.shape[:2]
        size, overlap = self.spec.tile.size, self.spec.tile.overlap
        levels = grey_range(rgb, self.spec.preprocessing)
        rows, columns = tile_starts(height, size, overlap), tile_starts(width, size, overlap)
        row_weights, column_weights = tile_weights(height, size, rows), tile_weights(width, size, columns)
        result = np.empty((height, width, 2), np.uint8)
        band = np.zeros((min(size, height), width, 2), np.float32)
        for i, top in enumerate(rows):
            for j, left in enumerate(columns):
                tile = self._tile(rgb[top : top + size, left : left + size], levels)
                weight = row_weights[i][:, None, None] * column_weights[j][None, :, None]
                band[:, left : left + tile.shape[1]] += tile * weight
                if progress:
                    progress(i * len(columns) + j + 1, len(rows) * len(columns))
            finished = rows[i + 1] - top if i + 1 < len(rows) else band.shape[0]
            result[top : top + finished] = np.rint(np.clip(band[:finished], 0, 1) * 255)
            band = np.concatenate([band[finished:], np.zeros((finished, width, 2), np.float32)])
        return result

    def _tile(self, rgb: np.ndarray, levels: tuple[float, float]) -> np.ndarray:
        """One tile through the network; mirrored at the lower right up to a multiple of the stride."""
        height, width = rgb.shape[:2]
        stride = self.spec.architecture.stride
        below, right = padded(height, stride) - height, padded(width, stride) - width
        view = normalise(rgb, levels, self.spec.preprocessing)
        view = np.pad(view, ((0, below), (0, right), (0, 0)), mode="symmetric")
        output: np.ndarray = self._run(view[None])[0].numpy()
        return output[:height, :width]
