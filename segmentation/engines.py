"""What runs the network over one tile: TensorFlow in float32, the reference, or LiteRT in int8.

Both take a picture's own bytes. What they see of a grey level is looked up in a table of 256 values, which is
all that normalising can give.
"""

from __future__ import annotations

import os
import warnings
from pathlib import Path
from typing import Protocol

import cv2
import keras
import numpy as np
import tensorflow as tf

from segmentation.preprocessing import normalise
from segmentation.spec import Preprocessing

Levels = tuple[float, float]


class Engine(Protocol):
    """Runs one tile. The array it returns is its own and is written over by the next tile."""

    def run(self, tile: np.ndarray, levels: Levels) -> np.ndarray:
        """HxWx3 uint8, H and W multiples of the stride -> HxWx2, 0..`top` for 0..1."""
        ...

    @property
    def top(self) -> float:
        """What stands for 1 in the maps."""
        ...


class FloatEngine:
    """The reference: float32 through TensorFlow."""

    top = 1.0

    def __init__(self, network: keras.Model, settings: Preprocessing):
        self._settings = settings
        # one trace for every tile size; `Model.predict` is about a third slower
        self._run = tf.function(
            lambda x: tf.sigmoid(network(x, training=False)),
            input_signature=[tf.TensorSpec((None, None, None, 3), tf.float32)],
            autograph=False,
        )

    def run(self, tile: np.ndarray, levels: Levels) -> np.ndarray:
        view = cv2.LUT(tile, grey_table(levels, self._settings))
        output: np.ndarray = self._run(view[None])[0].numpy()
        return output


class Int8Engine:
    """The network in whole numbers of eight bits, through LiteRT and XNNPACK, on all cores.

    Its outputs are logits in 256 steps, so that their probabilities are looked up as well.
    """

    top = 255.0

    def __init__(self, content: bytes, settings: Preprocessing, threads: int | None = None):
        self._settings = settings
        self._lite = interpreter(content, threads or cores())
        self._shape: tuple[int, int] = (0, 0)
        given, made = self._lite.get_input_details()[0], self._lite.get_output_details()[0]
        self._input, self._output = given["index"], made["index"]
        self._scale, self._zero = given["quantization"]
        scale, zero = made["quantization"]
        logits = (np.arange(256, dtype=np.uint8).view(np.int8).astype(np.float64) - zero) * scale
        self._bytes = np.rint(255 / (1 + np.exp(-logits))).astype(np.uint8)

    def run(self, tile: np.ndarray, levels: Levels) -> np.ndarray:
        if tile.shape[:2] != self._shape:
            self._shape = (tile.shape[0], tile.shape[1])
            self._lite.resize_tensor_input(self._input, (1, *tile.shape), strict=False)
            self._lite.allocate_tensors()
        steps = np.rint(grey_table(levels, self._settings) / self._scale) + self._zero
        table = np.clip(steps, -128, 127).astype(np.int8)
        self._lite.set_tensor(self._input, cv2.LUT(tile, table)[None])
        self._lite.invoke()
        found = self._lite.get_tensor(self._output)[0].view(np.uint8)
        output: np.ndarray = cv2.LUT(found, self._bytes)
        return output


def grey_table(levels: Levels, settings: Preprocessing) -> np.ndarray:
    """What the network sees of each grey level 0..255: 256 float32."""
    return normalise(np.arange(256, dtype=np.uint8), levels, settings)


def interpreter(content: bytes, threads: int) -> tf.lite.Interpreter:
    """LiteRT's interpreter of a converted network, as TensorFlow 2.21 (pinned) brings it along."""
    with warnings.catch_warnings():
        # it announces that a package of its own will take its place
        warnings.simplefilter("ignore", UserWarning)
        return tf.lite.Interpreter(model_content=content, num_threads=threads)


def cores() -> int:
    """Processor cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def read_int8(path: Path, settings: Preprocessing) -> Int8Engine:
    """The engine of a converted network's file, which the caller has verified."""
    return Int8Engine(path.read_bytes(), settings)
