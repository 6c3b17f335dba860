"""Doubts about a picture: a good one raises none, a spoilt one raises its own, and none stops anything."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from segmentation.dataset import Sample
from segmentation.errors import SENTENCES, BundleError, sentence
from segmentation.quality import assess, blur_width, summary_of
from segmentation.spec import Preprocessing
from segmentation.stain_reference import (
    FILE,
    StainReference,
    colour_statistics,
    parts_of,
    read_reference,
    reference_of,
    spread,
    write_reference,
)
from segmentation.synthetic import draw_fluorescence, draw_stained

RADIUS = 15.0
GLOW = draw_fluorescence(3, 320, 400, nuclei=30, radius_px=RADIUS)
SMEAR = draw_stained(3, 320, 400, nuclei=10, radius_px=20)


def codes(rgb: np.ndarray, labels: np.ndarray, reference: StainReference | None = None) -> list[str]:
    return [flag.code for flag in assess(rgb, labels, reference)[1]]


def blurred(rgb: np.ndarray, sigma: float) -> np.ndarray:
    noise = np.random.default_rng(1).normal(0, 1.0, rgb.shape)
    return np.clip(np.rint(cv2.GaussianBlur(rgb.astype(np.float32), (0, 0), sigma) + noise), 0, 255).astype(
        np.uint8
    )


@pytest.mark.parametrize("seed", range(4))
def test_a_good_picture_raises_no_doubt(seed: int) -> None:
    assert codes(*draw_fluorescence(seed, 320, 400, nuclei=30, radius_px=RADIUS)) == []
    assert codes(*draw_stained(seed, 320, 400, nuclei=10, radius_px=20)) == []


@pytest.mark.parametrize(("rgb", "labels"), [GLOW, SMEAR], ids=["fluorescence", "smear"])
def test_a_picture_out_of_focus_says_by_how_much(rgb: np.ndarray, labels: np.ndarray) -> None:
    diameter = assess(rgb, labels)[0].diameter_px
    assert diameter
    figures, flags = assess(blurred(rgb, 0.2 * diameter), labels)
    assert "quality_blur" in [flag.code for flag in flags]
    assert figures.blur == pytest.approx(0.2, abs=0.1)


@pytest.mark.parametrize("contrast", [0.3, 1.0])
@pytest.mark.parametrize("noise", [0.0, 3.0])
@pytest.mark.parametrize("radius", [10, 40])
def test_the_width_of_a_blur_is_found_whatever_size_contrast_and_noise(
    contrast: float, noise: float, radius: int
) -> None:
    rows, columns = np.mgrid[:256, :256]
    labels = np.zeros((256, 256), np.int32)
    for number, (y, x) in enumerate([(70, 70), (70, 180), (180, 70), (180, 180)], 1):
        labels[(rows - y) ** 2 + (columns - x) ** 2 <= radius**2] = number
    sharp = 20 + 200 * contrast * (labels > 0).astype(np.float32)
    generator = np.random.default_rng(2)
    for sigma in (0.1 * radius, 0.2 * radius, 0.4 * radius):
        spoilt = cv2.GaussianBlur(sharp, (0, 0), sigma) + generator.normal(0, noise, sharp.shape)
        found = blur_width(np.clip(np.rint(spoilt), 0, 255).astype(np.uint8), labels, 2.0 * radius)
        assert found == pytest.approx(sigma, rel=0.4 if sigma < 0.3 * radius else 0.55, abs=0.6)


def test_light_that_is_too_little_or_too_much_is_told_apart() -> None:
    glow, truth = GLOW
    smear, cells = SMEAR
    assert "quality_contrast" in codes((glow // 16).astype(np.uint8), truth)
    assert "quality_saturated" in codes(np.clip(glow.astype(int) * 6, 0, 255).astype(np.uint8), truth)
    assert codes((smear * 0.35).astype(np.uint8), cells) == ["quality_dark"]
    bright = np.clip(smear.astype(int) * 2 + 60, 0, 255).astype(np.uint8)
    assert "quality_bright" in codes(bright, cells)


def test_no_nucleus_means_an_empty_field_or_a_reason_to_look() -> None:
    nothing = np.zeros((120, 160), np.int32)
    flat = np.random.default_rng(0).normal(9, 1.5, (120, 160, 3)).clip(0, 255).astype(np.uint8)
    assert codes(flat, nothing) == ["quality_empty"]
    assert codes(np.full((120, 160, 3), 255, np.uint8), nothing) == ["quality_empty"]
    assert codes(GLOW[0][:120, :160], nothing) == ["quality_nothing_found"]


def test_nuclei_of_a_size_never_trained_on_are_told() -> None:
    small = draw_fluorescence(1, 200, 200, nuclei=40, radius_px=2.5)
    assert "quality_too_small" in codes(*small)
    large = draw_fluorescence(1, 700, 700, nuclei=6, radius_px=75)
    assert codes(*large) == ["quality_too_large"]
    reference = StainReference(np.zeros((1, 6), np.float32), 99.0, (5.0, 200.0))
    assert codes(*large, reference) == []


def samples(count: int, first: int) -> list[Sample]:
    drawn = [draw_stained(first + i, 240, 240, nuclei=8, radius_px=18) for i in range(count)]
    return [Sample(str(i), rgb, labels, "") for i, (rgb, labels) in enumerate(drawn)]


def test_a_stain_unlike_those_trained_on_is_told_and_like_ones_are_not(tmp_path: Path) -> None:
    reference = reference_of(samples(8, 0), samples(3, 50), Preprocessing())
    write_reference(tmp_path, reference)
    kept = read_reference(tmp_path)
    assert kept is not None and reference is not None and kept.limit == reference.limit
    rgb, labels = draw_stained(99, 240, 240, nuclei=8, radius_px=18)
    assert codes(rgb, labels, kept) == []
    hsv = cv2.cvtColor(rgb, cv2.COLOR_RGB2HSV)
    hsv[..., 0] = (hsv[..., 0].astype(int) + 60) % 180
    assert codes(cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB), labels, kept) == ["quality_stain"]
    glow = draw_fluorescence(1, 240, 240, nuclei=12, radius_px=18)
    assert "quality_stain" in codes(*glow, kept)


def test_exposure_does_not_change_a_stain() -> None:
    rgb, labels = SMEAR
    parts = parts_of(labels)
    first = colour_statistics(rgb, *parts, Preprocessing())
    second = colour_statistics((rgb * 0.6 + 20).astype(np.uint8), *parts, Preprocessing())
    np.testing.assert_allclose(first, second, atol=0.03)


def test_a_bundle_without_a_reference_claims_nothing_and_a_broken_one_is_said(tmp_path: Path) -> None:
    assert read_reference(tmp_path) is None
    assert reference_of([Sample("e", np.zeros((9, 9, 3), np.uint8), np.zeros((9, 9), np.int32), "")], [],
                        Preprocessing()) is None  # fmt: skip
    for text in ("{", "[]", '{"points": [[1, 2]], "limit": 1, "diameter_px": [8, 9]}',
                 '{"points": [[1, 2, 3, 4, 5, 6]], "limit": 0, "diameter_px": [8, 9]}'):  # fmt: skip
        (tmp_path / FILE).write_text(text, encoding="utf-8")
        with pytest.raises(BundleError) as caught:
            read_reference(tmp_path)
        assert caught.value.code == "bundle_spec"


def test_the_points_that_are_kept_lie_as_far_apart_as_can_be() -> None:
    points = np.array([[0.0], [0.1], [5.0], [5.1], [9.0]])
    assert sorted(spread(points, 3)[:, 0].tolist()) in ([0.0, 5.0, 9.0], [0.0, 5.1, 9.0])
    assert len(spread(np.zeros((4, 2)), 3)) == 1


def test_a_large_picture_is_read_in_windows_and_says_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    rgb, labels = draw_fluorescence(4, 1100, 1200, nuclei=250, radius_px=RADIUS)
    whole, _ = assess(rgb, labels)
    monkeypatch.setattr("segmentation.quality._SMALL_PIXELS", 300_000)
    windows, flags = assess(rgb, labels)
    assert flags == [] and windows.blur == pytest.approx(whole.blur, abs=0.02)
    assert windows.diameter_px == whole.diameter_px


def test_every_flag_has_its_sentence_and_plain_values() -> None:
    flags = [f for rgb, labels in (GLOW, SMEAR) for f in assess(blurred(rgb, 12) // 20, labels)[1]]
    assert flags
    for flag in flags:
        assert sentence(flag.code, flag.params, "es") != sentence(flag.code, flag.params, "en")
    found = summary_of(*assess(*GLOW))
    assert found["flags"] == [] and found["figures"]["nuclei"] == GLOW[1].max()
    assert {code for code in SENTENCES if code.startswith("quality_")} >= {flag.code for flag in flags}
