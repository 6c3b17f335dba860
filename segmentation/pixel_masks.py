"""Nuclei by pixel filtering alone: masks for pictures that have none, for a person to review.

The sequence of the student paper this project began with, each step a pure function: normalise, contrast,
denoise, resize; dilation, opening and closing; a Laplacian kernel that sharpens, then a Gaussian kernel;
threshold, contours. What it lacked is added: a channel by the kind of stain, and touching nuclei parted.
No learning, nothing random: the same picture gives the same mask.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from skimage.morphology import reconstruction
from skimage.segmentation import watershed

from segmentation.instances import without_small
from segmentation.overlays import colour_mask, draw_overlay
from segmentation.preprocessing import modality
from segmentation.stain import nuclear_signal

_MOST_PIXELS = 12_000_000
# The least range of the signal that becomes the full one: an empty field must not show its noise.
_LEAST_RANGE = {"fluorescence-dark": 8.0, "grayscale-brightfield": 24.0}


@dataclass(frozen=True)
class PixelMaskSettings:
    """What may be changed; lengths are shares of a nucleus' diameter, so that they hold at any zoom."""

    kind: str | None = None  # one of spec.MODALITIES; None: guessed from the picture
    nucleus_px: float | None = None  # usual diameter in the picture; None: measured in a first pass
    working_px: float = 30.0  # the diameter nuclei are brought to before filtering
    low_percentile: float = 0.5
    high_percentile: float = 99.8
    clahe_clip: float = 1.5  # contrast limit; 0: no equalisation
    denoise_px: int = 3  # side of the median filter, odd
    morphology: float = 0.06  # radius of dilation, opening and closing
    sharpening: float = 0.6  # weight of the Laplacian; 0: none
    smoothing: float = 0.06  # sigma of the Gaussian
    minimum_contrast: float = 0.08  # least distance of the two sides of the threshold, of the full range
    cytoplasm: float = 1.2  # radius of the top-hat that takes cytoplasm away
    layered_from: float = 0.5  # share of nuclei's surroundings that must be cytoplasm for that
    core_depth: float = 0.09  # a neck this much narrower than both sides parts two nuclei
    smallest_area: float = 0.12  # of a usual nucleus' area
    largest_hole: float = 0.5  # of a usual nucleus' area


@dataclass(frozen=True)
class Stages:
    """What every step made, in order, at working size; all HxW uint8."""

    scale: float  # working size by the picture's own
    signal: np.ndarray
    contrast: np.ndarray
    denoised: np.ndarray
    morphed: np.ndarray
    sharpened: np.ndarray
    smoothed: np.ndarray
    mask: np.ndarray


def draw_masks(rgb: np.ndarray, settings: PixelMaskSettings | None = None) -> np.ndarray:
    """Instance labels of the nuclei of a picture.

    rgb: HxWx3 uint8, H and W at least 1. Returns HxW int32 of the picture's own size: 0 background,
    nuclei 1..n without gaps; all 0 where nothing stands out. No pixel is lost between touching nuclei.
    """
    chosen = settings or PixelMaskSettings()
    steps, diameter = _run(rgb, chosen)
    return _labels(rgb, steps, diameter, chosen)


def stages(rgb: np.ndarray, settings: PixelMaskSettings | None = None) -> Stages:
    """Every intermediate picture of `draw_masks`, to be shown."""
    return _run(rgb, settings or PixelMaskSettings())[0]


def four_panels(
    rgb: np.ndarray, settings: PixelMaskSettings | None = None
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """The paper's four pictures: original, enhanced, mask (a colour a nucleus), outlines over the original.

    rgb: HxWx3 uint8. Returns four HxWx3 uint8 arrays of its size.
    """
    chosen = settings or PixelMaskSettings()
    steps, diameter = _run(rgb, chosen)
    labels = _labels(rgb, steps, diameter, chosen)
    enhanced = _resized(steps.smoothed, rgb.shape[1], rgb.shape[0])
    return (
        rgb.copy(),
        np.repeat(enhanced[..., None], 3, axis=2),
        colour_mask(labels),
        draw_overlay(rgb, labels),
    )


def normalise(signal: np.ndarray, settings: PixelMaskSettings, least_range: float) -> np.ndarray:
    """Stretch HxW float32 between two percentiles to uint8; `least_range` keeps an empty field dark."""
    step = max(1, int(np.sqrt(signal.size / 4_000_000)))
    low, high = np.percentile(
        signal[::step, ::step], [settings.low_percentile, settings.high_percentile]
    ).tolist()
    high = max(high, low + least_range)
    return np.clip((signal - low) * (255 / (high - low)), 0, 255).astype(np.uint8)


def contrast(grey: np.ndarray, clip: float) -> np.ndarray:
    """Contrast-limited adaptive histogram equalisation (Zuiderveld 1994), HxW uint8, about 8x8 fields."""
    if clip <= 0 or min(grey.shape) < 16:
        return grey
    side = max(64, max(grey.shape) // 8)
    fields = (max(1, grey.shape[1] // side), max(1, grey.shape[0] // side))
    return cv2.createCLAHE(clipLimit=clip, tileGridSize=fields).apply(grey)


def denoise(grey: np.ndarray, side_px: int) -> np.ndarray:
    """Median filter: single odd pixels go, edges stay. HxW uint8."""
    return cv2.medianBlur(grey, side_px) if side_px > 1 else grey


def morph(grey: np.ndarray, radius_px: float) -> np.ndarray:
    """Dilation by a pixel, opening (small bright specks go), closing (dark grain inside nuclei goes)."""
    cross = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
    side = 2 * max(1, round(radius_px)) + 1
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    opened = cv2.morphologyEx(cv2.dilate(grey, cross), cv2.MORPH_OPEN, disc)
    return cv2.erode(cv2.morphologyEx(opened, cv2.MORPH_CLOSE, disc), cross)


def sharpen(grey: np.ndarray, weight: float) -> np.ndarray:
    """Take the Laplacian away: edges steepen. HxW uint8; kernel 0 -w 0 / -w 1+4w -w / 0 -w 0."""
    kernel = np.array([[0, -weight, 0], [-weight, 1 + 4 * weight, -weight], [0, -weight, 0]], np.float32)
    return cv2.filter2D(grey, -1, kernel, borderType=cv2.BORDER_REPLICATE)


def smooth(grey: np.ndarray, sigma_px: float) -> np.ndarray:
    """The Gaussian kernel that calms what sharpening roused. HxW uint8."""
    return cv2.GaussianBlur(grey, (0, 0), max(0.5, sigma_px))


def threshold(grey: np.ndarray, minimum_contrast: float) -> np.ndarray:
    """Otsu's threshold (1979); nothing where its two sides lie closer than `minimum_contrast` of 255.

    grey: HxW uint8, nuclei bright. Returns HxW uint8 of 0 and 255.
    """
    level, mask = cv2.threshold(grey, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    counts = np.bincount(grey.ravel(), minlength=256)
    values, cut = np.arange(256), int(level) + 1
    below, above = counts[:cut], counts[cut:]
    if not below.sum() or not above.sum():
        return np.zeros_like(grey)
    gap = (values[cut:] @ above) / above.sum() - (values[:cut] @ below) / below.sum()
    return mask if gap >= minimum_contrast * 255 else np.zeros_like(grey)


def upper_layer(grey: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """The brighter of the two classes inside a mask, by Otsu's threshold there. HxW uint8 of 0 and 255."""
    inside = grey[mask > 0]
    if not inside.size:
        return mask
    level, _ = cv2.threshold(inside.reshape(-1, 1), 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    return np.where((mask > 0) & (grey > level), np.uint8(255), np.uint8(0))


def surrounded(upper: np.ndarray, mask: np.ndarray) -> float:
    """The share of the ground around `upper`, 3 to 5 pixels off, that belongs to `mask`; 0 without any."""
    near, far = (cv2.dilate(upper, np.ones((side, side), np.uint8)) for side in (7, 11))
    ring = (far > 0) & (near == 0)
    return float((mask[ring] > 0).mean()) if ring.any() else 0.0


def top_hat(grey: np.ndarray, radius_px: float) -> np.ndarray:
    """What rises above its surroundings and is narrower than twice `radius_px` (white top-hat). HxW uint8."""
    side = 2 * max(1, round(radius_px)) + 1
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    return cv2.morphologyEx(grey, cv2.MORPH_TOPHAT, disc)


def fill_contours(mask: np.ndarray, largest_hole_px: float) -> np.ndarray:
    """Holes of at most `largest_hole_px` closed, by their contours. HxW uint8 of 0 and 255, in and out.

    Larger ones stay: a ring of nuclei is no nucleus.
    """
    contours, tree = cv2.findContours(mask, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    if not contours:
        return mask
    holes = [c for c, (_, _, _, parent) in zip(contours, tree[0], strict=True) if parent >= 0]
    small = [hole for hole in holes if cv2.contourArea(hole) <= largest_hole_px]
    return cv2.drawContours(mask.copy(), small, -1, 255, cv2.FILLED)


def part(mask: np.ndarray, depth_px: float) -> np.ndarray:
    """Touching nuclei parted at their necks.

    A nucleus' core is where the distance to the background rises `depth_px` above the neck to the next
    (h-maxima, Soille 2003); cores grow over the mask by a watershed without lines (Meyer 1994).
    mask: HxW uint8, 0 outside. Returns HxW int32; every pixel of the mask gets a nucleus.
    """
    framed = cv2.copyMakeBorder(mask, 1, 1, 1, 1, cv2.BORDER_REPLICATE)  # the edge cuts nuclei, ends none
    distance = cv2.distanceTransform(framed, cv2.DIST_L2, 5)[1:-1, 1:-1]
    distance = cv2.GaussianBlur(distance, (0, 0), max(0.5, depth_px / 2))
    cores = distance - reconstruction(distance - depth_px, distance) > 0.5 * depth_px
    cores &= mask > 0
    _, markers = cv2.connectedComponents(cores.astype(np.uint8), connectivity=8, ltype=cv2.CV_32S)
    _, parts = cv2.connectedComponents(mask, connectivity=8, ltype=cv2.CV_32S)
    bare = np.ones(int(parts.max()) + 1, bool)
    bare[parts[cores]] = False
    bare[0] = False
    # a part without a core, a thread or a speck, is a nucleus of its own: what is too small goes later
    markers = np.where(bare[parts], parts + markers.max(), markers)
    return watershed(-distance, markers, mask=mask > 0, connectivity=2).astype(np.int32)


def usual_diameter(mask: np.ndarray, power: int = 2) -> float:
    """The median diameter in pixels, nuclei weighted by diameter to `power`; 0 for an empty mask.

    Read from the inner distances' local maxima, so that clumps count as what they are made of.
    """
    distance = cv2.distanceTransform(mask, cv2.DIST_L2, 5)
    radius = distance[(distance == cv2.dilate(distance, np.ones((9, 9), np.uint8))) & (distance >= 2)]
    if not radius.size:
        return 0.0
    radius = np.sort(radius)
    share = np.cumsum(radius**power)
    return float(2 * radius[int(np.searchsorted(share, share[-1] / 2))])


def _run(rgb: np.ndarray, settings: PixelMaskSettings) -> tuple[Stages, float]:
    """The filtering up to the mask, and a nucleus' usual diameter at working size."""
    kind = settings.kind or modality(rgb)
    signal = normalise(nuclear_signal(rgb, kind), settings, _LEAST_RANGE.get(kind, 0.15))
    rough, layered = _first_pass(signal, kind, settings)
    diameter = settings.nucleus_px or usual_diameter(rough, power=1 if layered else 2)
    scale = _scale(rgb.shape, diameter, settings)
    signal = _resized(signal, max(1, round(rgb.shape[1] * scale)), max(1, round(rgb.shape[0] * scale)))
    size = diameter * scale if diameter else settings.working_px
    lifted = top_hat(signal, settings.cytoplasm * size) if layered else signal
    equalised = contrast(lifted, 0 if layered else settings.clahe_clip)
    calm = denoise(equalised, settings.denoise_px)
    morphed = morph(calm, settings.morphology * size)
    sharp = sharpen(morphed, settings.sharpening)
    smoothed = smooth(sharp, settings.smoothing * size)
    mask = threshold(smoothed, settings.minimum_contrast)
    if layered:
        mask = upper_layer(smoothed, mask)
    mask = fill_contours(mask, settings.largest_hole * np.pi * size**2 / 4)
    return Stages(scale, signal, equalised, calm, morphed, sharp, smoothed, mask), size


def _first_pass(signal: np.ndarray, kind: str, settings: PixelMaskSettings) -> tuple[np.ndarray, bool]:
    """A rough mask to measure nuclei on, and whether they lie in cytoplasm that the threshold takes too."""
    calm = smooth(denoise(signal, 3), 1.0)
    mask = threshold(calm, settings.minimum_contrast)
    if kind != "grayscale-brightfield" or not mask.any():
        return mask, False
    upper = upper_layer(calm, mask)
    layered = surrounded(upper, mask) > settings.layered_from
    return (upper, True) if layered else (mask, False)


def _labels(rgb: np.ndarray, steps: Stages, diameter: float, settings: PixelMaskSettings) -> np.ndarray:
    """The mask's nuclei, parted, at the picture's own size."""
    parted = part(steps.mask, max(0.75, settings.core_depth * diameter))
    labels = cv2.resize(
        parted.astype(np.float32), (rgb.shape[1], rgb.shape[0]), interpolation=cv2.INTER_NEAREST_EXACT
    ).astype(np.int32)
    smallest = settings.smallest_area * np.pi * (diameter / steps.scale) ** 2 / 4
    return without_small(labels, max(5, round(smallest)))


def _scale(shape: tuple[int, ...], diameter: float, settings: PixelMaskSettings) -> float:
    """Brings nuclei to the working diameter where theirs is far from it; never beyond 4 times larger.

    A picture of more than _MOST_PIXELS is worked on smaller: parting sorts every pixel.
    """
    room = float(np.sqrt(_MOST_PIXELS / (shape[0] * shape[1])))
    if not diameter or 0.67 < settings.working_px / diameter < 1.6:
        return min(1.0, room)
    return min(max(settings.working_px / diameter, 0.1), 4.0, room)


def _resized(grey: np.ndarray, width: int, height: int) -> np.ndarray:
    if (height, width) == grey.shape:
        return grey
    way = cv2.INTER_AREA if width * height < grey.size else cv2.INTER_CUBIC
    return cv2.resize(grey, (width, height), interpolation=way)
