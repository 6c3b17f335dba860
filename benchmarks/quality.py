"""How often a good picture is flagged, and how often one that was spoilt on purpose is.

    python benchmarks/quality.py FOLDER [FOLDER …] [--bundle nuclei] [--pictures 40] [--reference]

A FOLDER holds `manifest.csv` with the columns image, labels and modality (none: a stained smear), and, where
it has one, `split.csv` with id and part: its test part is never read. Every picture is analysed by the
bundle's network as it is and spoilt in each way. Prints two Markdown tables. `--reference` only writes the
bundle's `stain.json` from the train and validation parts of the one FOLDER and what the training drew.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import sys
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from segmentation.bundle import find_bundle, load_spec
from segmentation.dataset import Sample, draw_smears
from segmentation.images import decode
from segmentation.label_files import read_labels
from segmentation.predictor import load_predictor
from segmentation.quality import assess
from segmentation.spec import TrainConfig
from segmentation.stain_reference import read_reference, reference_of, write_reference

Spoil = Callable[[np.ndarray, float], np.ndarray]


def levels(values: np.ndarray) -> np.ndarray:
    noise = np.random.default_rng(0).normal(0, 0.7, values.shape)
    return np.clip(np.rint(values + noise), 0, 255).astype(np.uint8)


def blurred(share: float) -> Spoil:
    return lambda rgb, diameter: levels(
        cv2.GaussianBlur(rgb.astype(np.float32), (0, 0), max(0.5, share * diameter))
    )


def light(factor: float) -> Spoil:
    return lambda rgb, _: levels(rgb.astype(np.float32) * factor)


def to_contrast(grey_levels: float) -> Spoil:
    """So little light that the picture's whole range is `grey_levels`."""

    def dim(rgb: np.ndarray, _: float) -> np.ndarray:
        low, high = np.percentile(rgb, (1, 99.8))
        return levels((rgb.astype(np.float32) - low) * (grey_levels / max(1, high - low)) + min(low, 6))

    return dim


def saturated(rgb: np.ndarray, _: float) -> np.ndarray:
    """So much light that the brightest 0.2 % come to three times the end of the scale."""
    return levels(rgb.astype(np.float32) * (3 * 255 / max(1, np.percentile(rgb, 99.8))))


def overexposed(rgb: np.ndarray, _: float) -> np.ndarray:
    """So much light that the 95th percentile comes to three times the end of the scale."""
    return levels(rgb.astype(np.float32) * (3 * 255 / max(1, np.percentile(rgb, 95))))


def turned(steps: int) -> Spoil:
    """Hues turned by twice so many degrees (OpenCV counts hue in half degrees)."""

    def turn(rgb: np.ndarray, _: float) -> np.ndarray:
        hsv = cv2.cvtColor(rgb, cv2.COLOR_RGB2HSV)
        hsv[..., 0] = (hsv[..., 0].astype(int) + steps) % 180
        return cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB)

    return turn


def enlarged(to_px: float) -> Spoil:
    """The median nucleus brought to `to_px`; an enlargement shows the middle of the picture."""

    def scale(rgb: np.ndarray, diameter: float) -> np.ndarray:
        factor = to_px / diameter
        if factor > 1:
            height, width = (max(16, int(side / factor)) for side in rgb.shape[:2])
            top, left = (rgb.shape[0] - height) // 2, (rgb.shape[1] - width) // 2
            rgb = rgb[top : top + height, left : left + width]
        size = (max(16, round(rgb.shape[1] * factor)), max(16, round(rgb.shape[0] * factor)))
        size = (min(800, size[0]), min(800, size[1]))
        return cv2.resize(rgb, size, interpolation=cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC)

    return scale


def emptied(rgb: np.ndarray, _: float) -> np.ndarray:
    ground = np.median(rgb.reshape(-1, 3), axis=0)
    return levels(np.broadcast_to(ground, rgb.shape).astype(np.float32))


# What is done to a picture; to which ones ("dark" ground, "bright" ground, all); the flags that see it.
SPOILS: dict[str, tuple[Spoil, str, set[str]]] = {
    "blur, 8 % of a diameter": (blurred(0.08), "", {"quality_blur"}),
    "blur, 15 %": (blurred(0.15), "", {"quality_blur"}),
    "blur, 25 %": (blurred(0.25), "", {"quality_blur"}),
    "light × 0.4": (light(0.4), "bright", {"quality_dark"}),
    "range of 8 grey levels": (to_contrast(8), "", {"quality_contrast"}),
    "overexposed": (overexposed, "bright", {"quality_bright"}),
    "saturated": (saturated, "dark", {"quality_saturated"}),
    "emptied": (emptied, "", {"quality_empty", "quality_contrast"}),
    "hue turned 60°": (turned(30), "coloured", {"quality_stain"}),
    "hue turned 120°": (turned(60), "coloured", {"quality_stain"}),
    "nuclei of 4 px": (enlarged(4), "", {"quality_too_small"}),
    "nuclei of 160 px": (enlarged(160), "", {"quality_too_large"}),
}
NOTHING = {"quality_nothing_found", "quality_empty"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--bundle", default="nuclei")
    parser.add_argument("--pictures", type=int, default=40, help="at most so many of each kind and folder")
    parser.add_argument("--reference", action="store_true", help="only write the bundle's stain.json")
    arguments = parser.parse_args()
    bundle = find_bundle(arguments.bundle)
    if arguments.reference:
        keep_reference(bundle, arguments.folders[0])
        return
    predictor, reference = load_predictor(bundle), read_reference(bundle)
    good: dict[str, Counter[str]] = defaultdict(Counter)
    caught: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for folder in arguments.folders:
        for kind, sample in chosen(folder, arguments.pictures):
            areas = np.bincount(sample.labels.ravel())[1:]
            if not areas.any():
                continue
            diameter = float(np.sqrt(4 / np.pi * np.median(areas[areas > 0])))

            def flags(rgb: np.ndarray) -> set[str]:
                return {flag.code for flag in assess(rgb, predictor.segment(rgb), reference)[1]}

            good[kind].update(["pictures", *(found := flags(sample.rgb)), *(["any"] if found else [])])
            for name, (spoil, which, wanted) in SPOILS.items():
                if fits(sample.rgb, which):
                    found = flags(spoil(sample.rgb, diameter))
                    row = ["pictures", *(["wanted"] if found & wanted else [])]
                    caught[name, kind].update(row + (["any"] if found & (wanted | NOTHING) else []))
    show(good, caught)


def fits(rgb: np.ndarray, which: str) -> bool:
    if which == "coloured":
        return bool(np.percentile(rgb.max(axis=2).astype(int) - rgb.min(axis=2), 95) >= 20)
    return not which or (which == "bright") == bool(np.median(rgb) >= 128)


def chosen(folder: Path, most: int) -> list[tuple[str, Sample]]:
    """At most so many pictures of each kind, never of the test part."""
    with (folder / "manifest.csv").open(newline="", encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    if (folder / "split.csv").is_file():
        with (folder / "split.csv").open(newline="", encoding="utf-8") as lines:
            part = {row["id"]: row["part"] for row in csv.DictReader(lines)}
        rows = [row | {"part": part[row["id"]]} for row in rows if part.get(row["id"], "test") != "test"]
    kinds: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in rows:
        kinds[row.get("modality") or f"{folder.name} (smear)"].append(row)
    found = []
    for kind, members in sorted(kinds.items()):
        for row in random.Random(0).sample(members, min(most, len(members))):
            rgb, labels = decode(folder / row["image"]).rgb, read_labels(folder / row["labels"])
            found.append((kind, Sample(row["id"], rgb, labels, row.get("part", ""))))
    return found


def show(good: dict[str, Counter[str]], caught: dict[tuple[str, str], Counter[str]]) -> None:
    print("| Pictures as they are | Pictures | Flagged | By which |\n|---|--:|--:|---|")
    for kind, row in good.items():
        which = ", ".join(f"{code} {n}" for code, n in sorted(row.items()) if code.startswith("quality_"))
        print(f"| {kind} | {row['pictures']} | {row['any'] / row['pictures']:.1%} | {which or '–'} |")
    print("\n| Spoilt | Kind | Pictures | Caught | Caught, or nothing found and said so |")
    print("|---|---|--:|--:|--:|")
    for (name, kind), row in sorted(caught.items(), key=lambda item: list(SPOILS).index(item[0][0])):
        total = row["pictures"]
        print(f"| {name} | {kind} | {total} | {row['wanted'] / total:.0%} | {row['any'] / total:.0%} |")


def keep_reference(bundle: Path, folder: Path) -> None:
    """Of a bundle that was built before references were: from the same parts, with what its training drew."""
    config = TrainConfig.from_dict(json.loads((bundle / "training.json").read_text(encoding="utf-8")))
    parts: dict[str, list[Sample]] = defaultdict(list)
    for _, sample in chosen(folder, 1_000_000):
        parts[sample.modality].append(sample)
    parts["train"] += draw_smears(config.drawn_smears, config.seed)
    found = reference_of(parts["train"], parts["validation"], load_spec(bundle).preprocessing)
    write_reference(bundle, found)
    print(found)


if __name__ == "__main__":
    main()
