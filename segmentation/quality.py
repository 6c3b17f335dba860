"""What makes a picture's result doubtful: blur, light, an empty field, an unknown stain or size.

Nothing here stops an analysis: the flags travel with its result. Every limit was chosen on train and
validation pictures, sharp ones and the same ones spoilt on purpose (docs/quality.md says how, and
`benchmarks/quality.py` prints the table again). A large picture is read in windows, so that memory stays
bounded whatever its size.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import cv2
import numpy as np

from segmentation.spec import Preprocessing
from segmentation.stain_reference import StainReference, colour_statistics, parts_of

BLUR_MOST = 0.15  # width of the blur at the outlines, as a share of the nucleus' diameter
CONTRAST_LEAST = 12.0  # grey levels between nuclei and ground; fewer: too little light to tell them apart
GROUND_LEAST = 110.0  # the bright ground of transmitted light; darker: underexposed
WHITE_MOST = 0.5  # share of the picture that is pure white
SATURATED_MOST = 0.15  # share of the nuclei's pixels at the end of the scale
RANGE_LEAST = 12.0  # grey levels a smoothed picture spans; fewer: there is nothing in it
DIAMETER_PX = (8.0, 80.0)  # where a bundle does not say what it was trained on
_DIAMETER_MARGIN = 1.25
_WINDOW, _A_SIDE, _SMALL_PIXELS = 512, 4, 4_000_000
_BLACK, _WHITE = 1, 254
_NOISE = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)


@dataclass(frozen=True)
class Figures:
    """What is measured of a picture; None where there is nothing to measure it on."""

    nuclei: int
    nuclei_bright: bool | None  # brighter than their ground, as in fluorescence
    range: float  # grey levels that the smoothed picture spans
    contrast: float | None  # grey levels between nuclei and ground, in the channel that shows most
    ground: float | None  # grey level of the ground, the brightest channel
    blur: float | None  # width of the blur as a share of the diameter
    white: float  # share of pixels that are pure white
    saturated: float | None  # share of the nuclei's pixels that are pure light or pure black
    diameter_px: float | None  # of the median nucleus
    stain_distance: float | None  # to the nearest stain trained on; above 1 unlike any of them


@dataclass(frozen=True)
class Flag:
    """A doubt: a code of SENTENCES and its parameters."""

    code: str
    params: dict[str, Any]


def assess(
    rgb: np.ndarray,
    labels: np.ndarray,
    reference: StainReference | None = None,
    settings: Preprocessing | None = None,
) -> tuple[Figures, list[Flag]]:
    """What is measured and what is in doubt. rgb HxWx3 uint8; labels HxW int32, as the network found them."""
    figures = measure_quality(rgb, labels, reference, settings or Preprocessing())
    return figures, flags_of(figures, reference)


def summary_of(figures: Figures, flags: list[Flag]) -> dict[str, Any]:
    """Plain values for a table or a row: the flags with their parameters, the figures rounded."""
    plain = {
        name: round(value, 4) if isinstance(value, float) else value
        for name, value in asdict(figures).items()
    }
    return {"flags": [asdict(flag) for flag in flags], "figures": plain}


def flags_of(figures: Figures, reference: StainReference | None = None) -> list[Flag]:
    """The doubts that figures give rise to, the gravest first; none for a good picture."""
    found: list[Flag] = []

    def doubt(when: bool, code: str, **params: Any) -> None:
        if when:
            found.append(Flag(code, params))

    if figures.nuclei == 0:
        empty = figures.range < RANGE_LEAST
        doubt(True, "quality_empty" if empty else "quality_nothing_found")
        white = round(100 * figures.white)
        doubt(not empty and figures.white > WHITE_MOST, "quality_bright", percent=white)
        return found
    blur, contrast, ground = figures.blur or 0.0, figures.contrast or 0.0, figures.ground or 0.0
    transmitted = figures.nuclei_bright is False
    doubt(blur > BLUR_MOST, "quality_blur", percent=round(100 * blur))
    doubt(contrast < CONTRAST_LEAST, "quality_contrast", levels=round(contrast))
    doubt(transmitted and ground < GROUND_LEAST, "quality_dark", level=round(ground))
    doubt(transmitted and figures.white > WHITE_MOST, "quality_bright", percent=round(100 * figures.white))
    saturated = figures.saturated or 0.0
    doubt(saturated > SATURATED_MOST, "quality_saturated", percent=round(100 * saturated))
    doubt((figures.stain_distance or 0.0) > 1, "quality_stain")
    low, high = reference.diameter_px if reference else DIAMETER_PX
    diameter = figures.diameter_px or low
    told = {"diameter": round(diameter), "low": round(low), "high": round(high)}
    doubt(diameter < low / _DIAMETER_MARGIN, "quality_too_small", **told)
    doubt(diameter > high * _DIAMETER_MARGIN, "quality_too_large", **told)
    return found


def measure_quality(
    rgb: np.ndarray, labels: np.ndarray, reference: StainReference | None, settings: Preprocessing
) -> Figures:
    """The figures of a picture: over windows spread over it where it is large, else over the whole.

    Blur is the median over the windows, stain and light are read on all their pixels together.
    """
    view, found = _view(rgb, labels)
    diameter, nuclei = _diameter(labels), int(labels.max(initial=0))
    inside, ground = parts_of(found)
    smooth = cv2.GaussianBlur(view, (0, 0), 2).max(axis=2)
    low, high = np.percentile(smooth, (0.1, 99.9))
    white = float((view.min(axis=2) >= _WHITE).mean())
    if not inside.any() or not ground.any() or diameter is None:
        return Figures(nuclei, None, float(high - low), None, None, None, white, None, diameter, None)
    nuclear, background = np.median(view[inside], axis=0), np.median(view[ground], axis=0)
    differences = np.abs(nuclear - background)
    channel = int(differences.argmax())
    bright = bool(nuclear[channel] > background[channel])
    ends = view[inside].max(axis=1)
    saturated = (ends >= _WHITE).mean() if bright else (ends <= _BLACK).mean()
    blurs = [
        blur
        for rows, columns in _windows(rgb.shape[:2])
        if (blur := blur_width(rgb[rows, columns, channel], labels[rows, columns], diameter)) is not None
    ]
    distance = None
    if reference is not None:
        distance = reference.distance(colour_statistics(view, inside, ground, settings))
    return Figures(
        nuclei, bright, float(high - low), float(differences[channel]), float(background.max()),
        float(np.median(blurs)) / diameter if blurs else None, white, float(saturated), diameter, distance,
    )  # fmt: skip


def blur_width(grey: np.ndarray, labels: np.ndarray, diameter_px: float) -> float | None:
    """Width (sigma, pixels) of the blur at the outlines of nuclei; None where there is no outline.

    The variance of the Laplacian, made independent of contrast, size and noise: the Laplacian of Gaussian is
    taken at two scales that follow the diameter, s and 3 s. Its energy across a step blurred by b goes as
    s^4 / (s^2 + b^2)^1.5, so that the ratio of the two, which no contrast changes, gives b. What white noise
    would add, noise^2 / (2 pi s^2), is subtracted; the noise is read on the ground after Immerkaer (1996).
    Round outlines are no straight steps: on discs it says up to a third too much.

    grey HxW uint8, labels HxW int32 of the same picture.
    """
    inside, ground = parts_of(labels)
    if not inside.any() or inside.all():
        return None
    values = grey.astype(np.float32)
    fine = max(0.8, diameter_px / 16)
    coarse = 3 * fine
    reach = 2 * round(coarse) + 1
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach))
    mask = inside.astype(np.uint8)
    ring = (cv2.dilate(mask, disc) > 0) & (cv2.erode(mask, disc) == 0)
    where = ground if ground.any() else ring
    noise = float(np.median(np.abs(cv2.filter2D(values, -1, _NOISE))[where])) * 1.4826 / 6
    energies = []
    for scale in (fine, coarse):
        response = cv2.Laplacian(cv2.GaussianBlur(values, (0, 0), scale), cv2.CV_32F) * np.float32(scale**2)
        energies.append(max(float((response[ring] ** 2).mean()) - noise**2 / (2 * np.pi * scale**2), 1e-6))
    return _blur_of(energies[0] / energies[1], fine, coarse, reach / 2, 2 * diameter_px)


def _blur_of(ratio: float, fine: float, coarse: float, reach: float, most: float) -> float:
    """The blur whose ratio of the two energies, over a band of `reach` on both sides of a step, is `ratio`.

    The ratio falls as the blur grows, so halving an interval finds it.
    """

    def energy(scale: float, blur: float) -> float:
        width = math.hypot(scale, blur)
        inside = reach / width
        seen = math.sqrt(math.pi) / 2 * math.erf(inside) - inside * math.exp(-(inside**2))
        return float(scale**4 / width**3 * seen)

    low, high = 0.0, most
    for _ in range(40):
        middle = (low + high) / 2
        if energy(fine, middle) / energy(coarse, middle) > ratio:
            low = middle
        else:
            high = middle
    return low


def _diameter(labels: np.ndarray) -> float | None:
    """Of a circle with the area of the median nucleus, in pixels; a band of rows at a time."""
    areas = np.zeros(int(labels.max(initial=0)) + 1, np.int64)
    for top in range(0, labels.shape[0], _WINDOW):
        areas += np.bincount(labels[top : top + _WINDOW].ravel(), minlength=areas.size)
    areas = areas[1:][areas[1:] > 0]
    return float(np.sqrt(4 / np.pi * np.median(areas))) if areas.size else None


def _windows(shape: tuple[int, ...]) -> Iterator[tuple[slice, slice]]:
    """The whole of a small picture, windows in a regular grid of a large one."""
    height, width = shape[:2]
    if height * width <= _SMALL_PIXELS:
        yield slice(0, height), slice(0, width)
        return
    for top in np.linspace(0, max(0, height - _WINDOW), _A_SIDE).astype(int):
        for left in np.linspace(0, max(0, width - _WINDOW), _A_SIDE).astype(int):
            yield slice(top, top + _WINDOW), slice(left, left + _WINDOW)


def _view(rgb: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Picture and labels, or every so many-th pixel of large ones."""
    step = max(1, int(np.ceil(np.sqrt(labels.size / _SMALL_PIXELS))))
    return np.ascontiguousarray(rgb[::step, ::step]), np.ascontiguousarray(labels[::step, ::step])
