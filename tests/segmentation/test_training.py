"""A small training learns, resumes to the bit, keeps its folder apart and becomes a bundle."""

from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf
from skimage.measure import label

from segmentation.batches import FixedBatches, TrainingBatches
from segmentation.bundle import load_spec, verified_weights
from segmentation.curves import read_curves
from segmentation.dataset import Sample, draw_smears
from segmentation.errors import DataError
from segmentation.finishing import write_bundle
from segmentation.metrics import compare
from segmentation.predictor import load_predictor
from segmentation.spec import Architecture, TileSpec, TrainConfig
from segmentation.splits import SplitRow, write_split
from segmentation.synthetic import draw_fluorescence
from segmentation.training import train
from segmentation.unet import build_unet

# Building a network's graph takes most of the time, and much of it where other work runs beside.
pytestmark = pytest.mark.timeout(400)

SMALL = TrainConfig(
    seed=4,
    crop=64,
    batch_size=4,
    epochs=2,
    steps_per_epoch=6,
    warmup_steps=3,
    precision="float32",
    architecture=Architecture(filters=(8, 16)),
    tile=TileSpec(128, 32),
)


def drawn(name: str, seed: int) -> Sample:
    rgb, labels = draw_fluorescence(seed=seed, height=96, width=96, nuclei=10)
    return Sample(name, rgb, labels, "fluorescence-dark")


@pytest.fixture(scope="module")
def samples() -> tuple[list[Sample], list[Sample]]:
    return [drawn(f"t{i}", i) for i in range(4)], [drawn(f"v{i}", 50 + i) for i in range(2)]


@pytest.fixture(scope="module")
def whole(samples, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a training in one piece, with operations that give the same bits each time."""
    keras.utils.set_random_seed(1)
    tf.config.experimental.enable_op_determinism()
    folder = tmp_path_factory.mktemp("whole")
    train(SMALL, *samples, folder, verbose=0)
    return folder


def weights_of(path: Path) -> list[np.ndarray]:
    network = build_unet(SMALL.architecture)
    network.load_weights(path)
    return network.get_weights()


def test_a_training_cut_in_two_equals_one_in_one_piece_to_the_bit(
    samples, whole: Path, tmp_path: Path
) -> None:
    train(SMALL, *samples, tmp_path, max_minutes=0, verbose=0)
    assert len(read_curves(tmp_path / "curves.csv")) == 1
    train(SMALL, *samples, tmp_path, verbose=0)
    for a, b in zip(
        weights_of(whole / "last.weights.h5"), weights_of(tmp_path / "last.weights.h5"), strict=True
    ):
        np.testing.assert_array_equal(a, b)
    first, second = read_curves(whole / "curves.csv"), read_curves(tmp_path / "curves.csv")
    assert [r["loss"] for r in first] == [r["loss"] for r in second] and len(first) == 2
    assert [r["val_loss"] for r in first] == [r["val_loss"] for r in second]


def test_a_finished_training_is_not_run_again(samples, whole: Path) -> None:
    before = (whole / "curves.csv").read_bytes()
    train(SMALL, *samples, whole, verbose=0, on_epoch=lambda row: pytest.fail(f"epoch {row['epoch']} ran"))
    assert (whole / "curves.csv").read_bytes() == before


def test_two_trainings_cannot_share_a_folder(samples, whole: Path) -> None:
    with pytest.raises(DataError) as caught:
        train(replace(SMALL, learning_rate=1e-4), *samples, whole, verbose=0)
    assert caught.value.code == "training_differs"


def test_a_longer_training_learns_to_find_drawn_nuclei_and_becomes_a_bundle(samples, tmp_path: Path) -> None:
    config = replace(SMALL, epochs=6, steps_per_epoch=25, learning_rate=5e-3, warmup_steps=10)
    best = train(config, *samples, tmp_path / "work", verbose=0)
    rows = read_curves(tmp_path / "work" / "curves.csv")
    assert rows[-1]["loss"] < rows[0]["loss"] / 2
    split = tmp_path / "split.csv"
    write_split(split, [SplitRow("v0", "g0", "fluorescence-dark", "validation")])
    folder = tmp_path / "drawn-1"
    spec = write_bundle(folder, replace(config, family="drawn"), best, samples[1], split, "2026-11-23")
    assert load_spec(folder) == spec and verified_weights(folder, spec).is_file()
    assert (folder / "curves.png").read_bytes().startswith(b"\x89PNG")
    unseen = drawn("unseen", 99)
    figures = compare(unseen.labels, load_predictor(folder).segment(unseen.rgb))
    assert figures["dice"] > 0.8


def test_batches_depend_on_seed_epoch_and_index_alone(samples) -> None:
    first, second = TrainingBatches(samples[0], SMALL), TrainingBatches(samples[0], SMALL)
    second.epoch = 1
    np.testing.assert_array_equal(first[3][0], TrainingBatches(samples[0], SMALL)[3][0])
    assert not np.array_equal(first[3][0], first[2][0])
    assert not np.array_equal(first[3][0], second[3][0])


def test_batches_hold_inputs_and_targets_of_one_view(samples) -> None:
    pictures, maps = TrainingBatches(samples[0], SMALL)[0]
    assert pictures.shape == (4, 64, 64, 3) and maps.shape == (4, 64, 64, 2)
    assert pictures.dtype == maps.dtype == np.float32
    foreground = maps[..., 0]
    assert set(np.unique(foreground)) <= {0.0, 1.0} and (maps[..., 1] <= foreground).all()
    # nuclei are the bright part of these drawings: a target that moved apart from its picture would show
    bright = pictures.mean(axis=-1)
    assert bright[foreground > 0].mean() > bright[foreground == 0].mean() + 0.2


def test_modalities_are_weighted_by_the_root_of_their_count() -> None:
    many = [drawn(f"a{i}", i) for i in range(9)]
    few = [replace(drawn("b", 20), modality="purple-on-white")]
    probability = TrainingBatches([*many, *few], SMALL).probability
    assert probability[:9].sum() == pytest.approx(3 / 4) and probability[9] == pytest.approx(1 / 4)


def test_small_validation_pictures_are_mirrored_up_to_the_crop(samples) -> None:
    fixed = FixedBatches(samples[1], replace(SMALL, crop=128))
    assert fixed.pictures.shape == (2, 128, 128, 3) and fixed.labels[0].shape == (128, 128)
    for mirrored in fixed.labels:
        # A nucleus and its mirror image are two nuclei: what is found in the mirror can then be right.
        pieces = [label(mirrored == one, connectivity=1).max() for one in np.unique(mirrored)[1:]]
        assert len(pieces) > 10 and set(pieces) == {1}


def test_a_transfer_begins_from_the_weights_it_is_given(samples, whole: Path, tmp_path: Path) -> None:
    first = whole / "best.weights.h5"
    still = replace(SMALL, learning_rate=1e-9, final_learning_rate=1e-9, weight_decay=0.0, epochs=1)
    train(still, *samples, tmp_path / "second", verbose=0, start=first)
    for a, b in zip(weights_of(first), weights_of(tmp_path / "second" / "last.weights.h5"), strict=True):
        # the moving statistics of batch normalisation go on; what is learnt hardly moves
        if a.ndim == 4:
            np.testing.assert_allclose(a, b, atol=1e-5)


def test_drawn_smears_range_from_few_large_cells_to_many_small_ones() -> None:
    fields = draw_smears(6, seed=1, side=96)
    assert {field.modality for field in fields} == {"drawn-smear"}
    counts = [len(np.unique(field.labels)) - 1 for field in fields]
    assert min(counts) >= 1 and max(counts) > 2 * min(counts)
    np.testing.assert_array_equal(fields[2].rgb, draw_smears(3, seed=1, side=96)[2].rgb)
