"""Runs a bundle's U-Net over a picture of any size, tile by tile."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import keras
import numpy as np

from segmentation.bundle import load_spec, verified_int8, verified_weights
from segmentation.confidence import Confidence, Found, evidence, load_confidence
from segmentation.engines import Engine, FloatEngine, read_int8
from segmentation.instances import instances
from segmentation.memory import keep_freed_memory, return_freed_memory
from segmentation.preprocessing import grey_range
from segmentation.spec import FP32, INT8, ModelSpec
from segmentation.tiles import fitted_tile, padded, tile_starts, tile_weights
from segmentation.unet import build_unet

Progress = Callable[[int, int], None]
_LARGE_PIXELS = 16_000_000


def load_predictor(folder: Path, path: str = FP32) -> Predictor:
    """The predictor of a bundle; BundleError when its spec or its weights are not what they should be.

    `path` is FP32, the reference, or INT8, for bundles that carry it.
    """
    keep_freed_memory()
    spec = load_spec(folder)
    weights = verified_weights(folder, spec)
    engine = read_int8(verified_int8(folder, spec), spec.preprocessing) if path == INT8 else None
    network = build_unet(spec.architecture)
    network.load_weights(weights)
    return Predictor(spec, network, engine, load_confidence(folder))


class Predictor:
    """A spec and its network, ready for pictures. Not thread-safe: one predictor a process.


    `engine` runs the tiles; without one the network itself does, in float32.
    """

    def __init__(
        self,
        spec: ModelSpec,
        network: keras.Model,
        engine: Engine | None = None,
        confidence: Confidence | None = None,
    ):
        self.spec = spec
        self.confidence = confidence
        self.network = network
        self.engine: Engine = engine or FloatEngine(network, spec.preprocessing)

    @property
    def digest(self) -> str:
        """The sha256 of the file whose numbers find the nuclei: the weights, or the int8 network."""
        int8 = self.spec.int8
        return self.spec.digest if int8 is None or isinstance(self.engine, FloatEngine) else int8.digest

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

        large = rgb.shape[0] * rgb.shape[1] > _LARGE_PIXELS
        if large:  # what decoding left behind
            return_freed_memory()
        maps = self.maps(rgb, count)
        labels = instances(maps, self.spec.thresholds, lambda: count(*last))
        found = Found(labels, self.confidence, evidence(maps, labels) if self.confidence else None)
        del maps
        if large:
            return_freed_memory()
        return found

    def maps(self, rgb: np.ndarray, progress: Progress | None = None) -> np.ndarray:
        """Foreground probability and inner distance. rgb HxWx3 uint8 -> HxWx2 uint8, 0..255 for 0..1.

        Tiles run row by row; rows that no later tile touches leave as bytes at once, so that besides the
        result only one band of tiles is held in float.
        """
        (height, width), tile = rgb.shape[:2], self.spec.tile
        stride = self.spec.architecture.stride
        high, wide = (fitted_tile(side, tile.size, tile.overlap, stride) for side in (height, width))
        levels = grey_range(rgb, self.spec.preprocessing)
        rows, columns = tile_starts(height, high, tile.overlap), tile_starts(width, wide, tile.overlap)
        row_weights, column_weights = tile_weights(height, high, rows), tile_weights(width, wide, columns)
        result = np.empty((height, width, 2), np.uint8)
        band = np.zeros((min(high, height), width, 2), np.float32)
        for i, top in enumerate(rows):
            for j, left in enumerate(columns):
                found = self._tile(rgb[top : top + high, left : left + wide], levels)
                share = row_weights[i][:, None] * column_weights[j]
                band[:, left : left + found.shape[1]] += found * share[..., None]
                if progress:
                    progress(i * len(columns) + j + 1, len(rows) * len(columns))
            finished = rows[i + 1] - top if i + 1 < len(rows) else band.shape[0]
            ready = band[:finished].reshape(finished, -1)
            result[top : top + finished] = cv2.convertScaleAbs(ready, alpha=255 / self.engine.top).reshape(
                finished, width, 2
            )
            band[:-finished] = band[finished:] if finished < len(band) else 0
            band[-finished:] = 0
        return result

    def _tile(self, rgb: np.ndarray, levels: tuple[float, float]) -> np.ndarray:
        """One tile through the network; mirrored at the lower right up to a multiple of the stride."""
        height, width = rgb.shape[:2]
        stride = self.spec.architecture.stride
        below, right = padded(height, stride) - height, padded(width, stride) - width
        view = np.pad(rgb, ((0, below), (0, right), (0, 0)), mode="symmetric") if below or right else rgb
        return self.engine.run(np.ascontiguousarray(view), levels)[:height, :width]
