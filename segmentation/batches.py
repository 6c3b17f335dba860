"""The batches a training draws from its samples.

Every batch is a pure function of (seed, epoch, index): a resumed training sees the same batches as one
that was never interrupted, and the number of loader threads changes nothing.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass

import cv2
import keras
import numpy as np
from skimage.measure import label

from segmentation import augment, targets
from segmentation.dataset import Sample
from segmentation.preprocessing import grey_range, normalise
from segmentation.spec import Preprocessing, TrainConfig


@dataclass(frozen=True)
class Prepared:
    """A sample as the loader needs it: targets HxWx2 uint8 (0..255), the median nucleus' diameter in px."""

    rgb: np.ndarray
    targets: np.ndarray
    levels: tuple[float, float]
    diameter_px: float
    coloured: bool


def prepare(sample: Sample, settings: Preprocessing) -> Prepared:
    """Targets and grey levels of a sample, computed once before the training."""
    areas = np.bincount(sample.labels.ravel())[1:]
    areas = areas[areas > 0]
    diameter = float(np.sqrt(np.median(areas) * 4 / np.pi)) if areas.size else 20.0
    maps = np.round(targets.targets(sample.labels) * 255).astype(np.uint8)
    spread = sample.rgb.max(axis=2).astype(np.int16) - sample.rgb.min(axis=2)
    coloured = bool(np.percentile(spread, 95) >= 20)
    return Prepared(sample.rgb, maps, grey_range(sample.rgb, settings), diameter, coloured)


class TrainingBatches(keras.utils.PyDataset):
    """Random views of the training pictures, each modality weighted by its count to `modality_power`."""

    def __init__(self, samples: list[Sample], config: TrainConfig, **kwargs: object):
        super().__init__(**kwargs)
        self.config = config
        self.epoch = 0
        self.prepared = [prepare(s, config.preprocessing) for s in samples]
        counts = Counter(s.modality for s in samples)
        weights = np.array([counts[s.modality] ** (config.modality_power - 1.0) for s in samples])
        self.probability = weights / weights.sum()

    def __len__(self) -> int:
        return self.config.steps_per_epoch

    def on_epoch_end(self) -> None:
        self.epoch += 1

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        generator = np.random.default_rng([self.config.seed, self.epoch, index])
        chosen = generator.choice(len(self.prepared), self.config.batch_size, p=self.probability)
        views = [self._view(generator, self.prepared[i]) for i in chosen]
        return np.stack([v[0] for v in views]), np.stack([v[1] for v in views])

    def _view(self, generator: np.random.Generator, sample: Prepared) -> tuple[np.ndarray, np.ndarray]:
        config = self.config
        low = max(config.scale_range[0], config.smallest_diameter_px / sample.diameter_px)
        high = min(config.scale_range[1], config.largest_diameter_px / sample.diameter_px)
        scales = (low, high) if low < high else (1.0, 1.0001)
        matrix = augment.random_affine(generator, sample.rgb.shape[:2], config.crop, scales)
        rgb = augment.warp(sample.rgb, matrix, config.crop, cv2.INTER_LINEAR)
        maps = augment.warp(sample.targets, matrix, config.crop, cv2.INTER_LINEAR).astype(np.float32) / 255
        maps[..., 0] = maps[..., 0] > 0.5
        maps[..., 1] *= maps[..., 0]
        view = normalise(rgb, sample.levels, config.preprocessing)
        return augment.jitter(generator, view, sample.coloured), maps


class FixedBatches(keras.utils.PyDataset):
    """The middle crop of every picture, unchanged: the validation loss of each epoch on the same pixels."""

    def __init__(self, samples: list[Sample], config: TrainConfig, **kwargs: object):
        super().__init__(**kwargs)
        self.batch_size = config.batch_size
        views = [_middle(s, config) for s in samples]
        self.pictures = np.stack([v[0] for v in views])
        self.maps = np.stack([v[1] for v in views])
        self.labels = [v[2] for v in views]

    def __len__(self) -> int:
        return math.ceil(len(self.pictures) / self.batch_size)

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        part = slice(index * self.batch_size, (index + 1) * self.batch_size)
        return self.pictures[part], self.maps[part]


def _middle(sample: Sample, config: TrainConfig) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The middle crop x crop of a sample: input, targets, labels; small pictures are mirrored at the edge."""
    crop = config.crop
    height, width = sample.labels.shape
    top, left = max(0, (height - crop) // 2), max(0, (width - crop) // 2)
    window = (slice(top, top + crop), slice(left, left + crop))
    labels = sample.labels[window]
    below, right = crop - labels.shape[0], crop - labels.shape[1]
    if below or right:
        # A nucleus and its mirror image are two, unless they meet at the edge.
        labels = label(np.pad(labels, ((0, below), (0, right)), mode="reflect"), connectivity=1)
    rgb = np.pad(sample.rgb[window], ((0, below), (0, right), (0, 0)), mode="reflect")
    view = normalise(rgb, grey_range(sample.rgb, config.preprocessing), config.preprocessing)
    return view, targets.targets(labels), labels
