"""The network in int8: converted, calibrated on crops of the training part, kept only if it is as good.

Method: post-training quantisation to whole numbers (Jacob et al. 2018), TensorFlow Lite's converter.
"""

from __future__ import annotations

import contextlib
import io
import warnings
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

from segmentation.bundle import file_digest, write_json
from segmentation.dataset import Sample
from segmentation.engines import Int8Engine
from segmentation.metrics import compare, mean_figures
from segmentation.predictor import Predictor
from segmentation.preprocessing import grey_range, normalise
from segmentation.spec import Int8, ModelSpec

FILE = "int8.tflite"
MOST_LOST = 0.01
"""How much of AP@0.5, or of the mean AP, int8 may lose on the validation part."""
_FIGURES = ("ap50", "map")
_CROPS, _CROP_PX = 96, 256


def add_int8(
    folder: Path,
    spec: ModelSpec,
    network: keras.Model,
    training: list[Sample],
    validation: list[Sample],
    tick: Callable[[], None] | None = None,
) -> ModelSpec:
    """Convert a bundle's network and, where it passes the gate, keep it: the spec with or without int8.

    `int8.json` in the folder says what the gate saw, also where it refused. The caller writes the spec.
    """
    beat = tick or (lambda: None)
    plain = replace(spec, int8=None)
    content = convert(network, plain, training, beat)
    gate = judge(plain, network, content, validation, beat)
    write_json(folder / "int8.json", gate)
    if not gate["kept"]:
        (folder / FILE).unlink(missing_ok=True)
        return plain
    (folder / FILE).write_bytes(content)
    return replace(spec, int8=Int8(FILE, file_digest(folder / FILE)))


def judge(
    spec: ModelSpec,
    network: keras.Model,
    content: bytes,
    validation: list[Sample],
    beat: Callable[[], None] = lambda: None,
) -> dict[str, Any]:
    """Both paths' mean AP@0.5 and mean AP on the validation part, what int8 loses, whether it may stay."""
    figures = {}
    paths = {
        "fp32": Predictor(spec, network),
        "int8": Predictor(spec, network, Int8Engine(content, spec.preprocessing)),
    }
    for name, predictor in paths.items():
        rows = []
        for sample in validation:
            rows.append(compare(sample.labels, predictor.segment(sample.rgb, lambda done, total: beat())))
        means = mean_figures(rows)
        figures[name] = {figure: round(means[figure], 4) for figure in (*_FIGURES, "dice", "pixel_accuracy")}
    lost = {f: round(figures["fp32"][f] - figures["int8"][f], 4) for f in _FIGURES}
    kept = max(lost.values()) <= MOST_LOST
    return {
        "part": "validation", "images": len(validation), "may_lose": MOST_LOST,
        **figures, "lost": lost, "kept": kept,
    }  # fmt: skip


def convert(
    network: keras.Model, spec: ModelSpec, training: list[Sample], beat: Callable[[], None] = lambda: None
) -> bytes:
    """A U-Net as an int8 TFLite file: picture in, logits out, for tiles of any size the stride divides."""
    flexible = _flexible(network)
    channels = spec.architecture.input_channels
    frozen = tf.function(
        lambda x: flexible(x, training=False),
        input_signature=[tf.TensorSpec((1, _CROP_PX, _CROP_PX, channels), tf.float32)],
        autograph=False,
    ).get_concrete_function()
    # variables left in the graph come out of the converter as NaN
    frozen = convert_variables_to_constants_v2(frozen)
    with warnings.catch_warnings(), contextlib.redirect_stderr(io.StringIO()):
        warnings.simplefilter("ignore")
        converter = tf.lite.TFLiteConverter.from_concrete_functions([frozen])
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.representative_dataset = lambda: _crops(training, spec, beat)
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        converter.inference_input_type = converter.inference_output_type = tf.int8
        content: bytes = converter.convert()
    return content


def _crops(training: list[Sample], spec: ModelSpec, beat: Callable[[], None]) -> Iterator[list[np.ndarray]]:
    """Crops as the network sees them, from pictures spread evenly over the training part."""
    generator = np.random.default_rng(8)
    chosen = np.unique(np.linspace(0, len(training) - 1, _CROPS).astype(int))
    for number in chosen.tolist():
        rgb = training[number].rgb
        levels = grey_range(rgb, spec.preprocessing)
        height, width = rgb.shape[:2]
        top = int(generator.integers(0, max(1, height - _CROP_PX + 1)))
        left = int(generator.integers(0, max(1, width - _CROP_PX + 1)))
        view = normalise(rgb[top : top + _CROP_PX, left : left + _CROP_PX], levels, spec.preprocessing)
        missing = ((0, _CROP_PX - view.shape[0]), (0, _CROP_PX - view.shape[1]), (0, 0))
        yield [np.pad(view, missing, mode="symmetric")[None]]
        beat()


class _Double(keras.layers.Layer):
    """Every pixel four times: UpSampling2D without the size written into the graph."""

    def call(self, x: Any) -> Any:
        return tf.nn.depth_to_space(tf.concat([x, x, x, x], axis=-1), 2)


class _Spread(keras.layers.Layer):
    """A transposed convolution whose kernel is as wide as its stride, as a product a pixel and a shuffle."""

    def __init__(self, kernel: np.ndarray, bias: np.ndarray, **named: Any):
        super().__init__(**named)
        self.stride = kernel.shape[0]
        # rows x columns x out x in -> in x (rows x columns x out)
        self.kernel = kernel.transpose(3, 0, 1, 2).reshape(1, 1, kernel.shape[3], -1)
        self.bias = np.tile(bias, self.stride**2)

    def call(self, x: Any) -> Any:
        return tf.nn.depth_to_space(tf.nn.conv2d(x, self.kernel, 1, "SAME") + self.bias, self.stride)


def _flexible(network: keras.Model) -> keras.Model:
    """The same network in operations that hold no size, so that one file serves tiles of every size."""

    def swap(layer: keras.layers.Layer) -> keras.layers.Layer:
        if isinstance(layer, keras.layers.UpSampling2D):
            return _Double(name=layer.name)
        if isinstance(layer, keras.layers.Conv2DTranspose):
            kernel, bias = layer.get_weights()
            if layer.strides == layer.kernel_size and layer.kernel_size[0] > 1:
                return _Spread(kernel, bias, name=layer.name)
        return layer.__class__.from_config(layer.get_config())

    made = keras.models.clone_model(network, clone_function=swap)
    for layer in made.layers:
        if layer.weights:
            layer.set_weights(network.get_layer(layer.name).get_weights())
    return made
