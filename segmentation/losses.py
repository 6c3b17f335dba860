"""What a training minimises, and the pixel accuracy it shows. Backend-agnostic Keras operations."""

from __future__ import annotations

import keras
from keras import ops


class NucleusLoss(keras.losses.Loss):
    """Cross entropy and soft Dice on the foreground, cross entropy on the inner distance.

    y_true NxHxWx2 in 0..1 (foreground, inner distance), y_pred NxHxWx2 logits. Cross entropy with a soft
    target has its minimum at the target; the target's own entropy is taken off, so that a perfect
    prediction scores 0. The distance is weighted three times inside nuclei, for cores decide the count, and
    `touching_weight` times more where nuclei touch: shallow pixels with foreground all around them.
    """

    def __init__(
        self,
        dice_weight: float = 0.5,
        distance_weight: float = 1.0,
        touching_weight: float = 0.0,
        name: str = "nucleus_loss",
    ):
        super().__init__(name=name)
        self.dice_weight = dice_weight
        self.distance_weight = distance_weight
        self.touching_weight = touching_weight

    def call(self, y_true, y_pred):
        y_true, y_pred = ops.cast(y_true, "float32"), ops.cast(y_pred, "float32")
        foreground, distance = y_true[..., 0], y_true[..., 1]
        entropy = _cross_entropy(foreground, y_pred[..., 0])
        weight = 1.0 + 2.0 * foreground + self.touching_weight * _touching(foreground, distance)
        depth = (_cross_entropy(distance, y_pred[..., 1]) - _own_entropy(distance)) * weight
        return (
            ops.mean(entropy)
            + self.dice_weight * _soft_dice(foreground, ops.sigmoid(y_pred[..., 0]))
            + self.distance_weight * ops.sum(depth) / ops.sum(weight)
        )

    def get_config(self) -> dict[str, object]:
        return {
            "dice_weight": self.dice_weight,
            "distance_weight": self.distance_weight,
            "touching_weight": self.touching_weight,
            "name": self.name,
        }


class PixelAccuracy(keras.metrics.Mean):
    """Share of pixels whose foreground is right at probability 0.5: the paper's figure."""

    def __init__(self, name: str = "accuracy", dtype: str | None = None):
        super().__init__(name=name, dtype=dtype)

    def update_state(self, y_true, y_pred, sample_weight=None):
        right = ops.equal(y_true[..., 0] > 0.5, y_pred[..., 0] > 0.0)
        super().update_state(ops.mean(ops.cast(right, "float32")))


def _touching(foreground, distance):
    around = ops.average_pool(foreground[..., None], 5, strides=1, padding="same")[..., 0]
    return ops.cast((around > 0.99) & (distance < 0.35), "float32")


def _cross_entropy(target, logit):
    return ops.relu(logit) - logit * target + ops.log1p(ops.exp(-ops.abs(logit)))


def _own_entropy(target):
    p = ops.clip(target, 1e-6, 1.0 - 1e-6)
    return -(p * ops.log(p) + (1.0 - p) * ops.log(1.0 - p))


def _soft_dice(target, probability):
    # a picture each, so that a field with few nuclei weighs as much as a crowded one
    both = ops.sum(target * probability, axis=(1, 2))
    either = ops.sum(target, axis=(1, 2)) + ops.sum(probability, axis=(1, 2))
    return ops.mean(1.0 - (2.0 * both + 10.0) / (either + 10.0))
