"""The U-Net (Ronneberger, Fischer and Brox 2015), on one page.

Each level: two 3x3 convolutions with batch normalisation; halved by max pooling on the way down, doubled
on the way up and joined with the level's own features. Same-size padding, so that the output has the
input's size. A strided stem lets all levels work at half resolution and a transposed convolution gives
every pixel its own logits again: about half the time of a full-resolution first level on a processor.
Backend-agnostic Keras 3; two logits a pixel come out: foreground and inner distance.
"""

from __future__ import annotations

import keras
from keras import layers

from segmentation.spec import Architecture

OUTPUTS = ("foreground", "distance")


def _level(x: keras.KerasTensor, filters: int, convolutions: int, name: str) -> keras.KerasTensor:
    for i in range(convolutions):
        x = layers.Conv2D(
            filters, 3, padding="same", use_bias=False, kernel_initializer="he_normal", name=f"{name}_conv{i}"
        )(x)
        # 0.9 instead of Keras' 0.99: short trainings would otherwise predict with stale statistics
        x = layers.BatchNormalization(momentum=0.9, name=f"{name}_norm{i}")(x)
        x = layers.Activation("relu", name=f"{name}_relu{i}")(x)
    return x


def build_unet(architecture: Architecture) -> keras.Model:
    """NxHxWxC float32, H and W multiples of `architecture.stride` -> NxHxWx2 float32 logits."""
    filters, convolutions = architecture.filters, architecture.convolutions
    picture = keras.Input((None, None, architecture.input_channels), name="picture")
    x, skips = picture, []
    if architecture.stem_stride > 1:
        stem = architecture.stem_stride
        x = layers.Conv2D(filters[0], 2 * stem, strides=stem, padding="same", name="stem")(x)
    for depth, width in enumerate(filters[:-1]):
        x = _level(x, width, convolutions, f"down{depth}")
        skips.append(x)
        x = layers.MaxPooling2D(name=f"pool{depth}")(x)
    x = _level(x, filters[-1], convolutions, "bottom")
    for depth, width in reversed(list(enumerate(filters[:-1]))):
        x = layers.UpSampling2D(name=f"double{depth}")(x)
        x = layers.Concatenate(name=f"join{depth}")([x, skips[depth]])
        x = _level(x, width, convolutions, f"up{depth}")
    # float32 logits also under a mixed precision policy; the bias starts where about a fifth is nucleus
    stem = architecture.stem_stride
    logits = layers.Conv2DTranspose(
        len(OUTPUTS), stem, strides=stem, padding="same", dtype="float32",
        bias_initializer=keras.initializers.Constant(-1.5), name="logits",
    )(x)  # fmt: skip
    return keras.Model(picture, logits, name="unet")
