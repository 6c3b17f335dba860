"""Public data sets as their authors lay them out -> one folder of pictures, one of labels, and a split.

Kaggle's folders (BBBC038), folders of pictures and of labels, pictures with their labels beside them, folders
a class, and COCO. What cannot be used is left out and said why.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

import numpy as np

from segmentation.bundle import write_json
from segmentation.coco import CocoPicture, draw_objects, read_coco
from segmentation.errors import DataError, MedulaError
from segmentation.group_tables import Facts, facts_of, read_table
from segmentation.images import decode
from segmentation.label_files import write_labels
from segmentation.layouts import LAYOUTS, Item, Problem, group_of, list_members
from segmentation.mask_merge import open_labels, open_masks
from segmentation.preprocessing import modality
from segmentation.splits import SplitRow, split_by_group, write_split

GATHERED = "gathered.json"
ALL_LAYOUTS = (*LAYOUTS, "coco")


@dataclass
class Gathered:
    """What came of it: the layout found, what was taken, what was left out and what was resolved."""

    layout: str
    pictures: int = 0
    nuclei: int = 0
    without_labels: int = 0
    problems: list[Problem] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)


def gather(
    root: Path,
    target: Path,
    layout: str = "auto",
    group_from: str = "auto",
    seed: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> Gathered:
    """Read the data set in `root`; write `images/`, `labels/`, `split.csv` and `gathered.json` to `target`.

    Pictures are linked, not copied, where the disk allows. Groups come from a table (groups.csv,
    manifest.csv), else from the names (`layouts.group_of`); all of a group go to one part. Raises DataError
    where the folder is missing, holds no labelled picture, or `target` holds something else.
    """
    if not root.is_dir():
        raise DataError("data_missing", path=str(root))
    names = [path.relative_to(root).as_posix() for path in sorted(root.rglob("*")) if path.is_file()]
    coco = _coco_of(root, names, layout)
    listing = list_members(names, "pictures" if coco else layout)
    found = Gathered("coco" if coco else listing.layout, problems=list(listing.problems))
    tables: dict[str, Facts] = {}
    for name in listing.tables:
        tables |= read_table((root / name).read_bytes(), name)
    _emptied(target)
    rows: list[tuple[str, str, str]] = []
    items = list(_of_coco(listing.items, coco, found) if coco else ((item, None) for item in listing.items))
    for done, (item, annotated) in enumerate(items):
        if progress:
            progress(done, len(items))
        try:
            rows += _take(root, target, item, annotated, facts_of(tables, item.picture), found, group_from)
        except (MedulaError, OSError) as error:
            found.problems.append(_problem(item.picture, error))
    if not rows:
        raise DataError("data_without_labels", path=str(root))
    ids, groups, kinds = zip(*rows, strict=True)
    part = split_by_group(ids, groups, kinds, seed=seed)
    write_split(target / "split.csv", [SplitRow(one, group, kind, part[one]) for one, group, kind in rows])
    write_json(
        target / GATHERED,
        {"from": str(root), "layout": found.layout, "pictures": found.pictures, "nuclei": found.nuclei},
    )
    return found


def _take(
    root: Path,
    target: Path,
    item: Item,
    annotated: CocoPicture | None,
    facts: Facts,
    found: Gathered,
    group_from: str,
) -> list[tuple[str, str, str]]:
    """Write one picture and its labels; its row of the split (id, group, modality), none without labels."""
    if annotated is None and not item.labels and not item.masks:
        found.without_labels += 1
        return []
    source = root / item.picture
    rgb = decode(source).rgb
    shape = (rgb.shape[0], rgb.shape[1])
    if annotated is not None:
        labels = _drawn(annotated, shape, found)
    elif item.labels:
        labels = open_labels(root / item.labels, shape)
    else:
        labels = open_masks([(name, root / name) for name in item.masks], shape)
    stem = _free_stem(target, item)
    _link(source, target / "images" / f"{stem}{source.suffix.lower()}")
    write_labels(target / "labels" / stem, labels)
    found.pictures += 1
    found.nuclei += int(np.count_nonzero(np.unique(labels)))
    return [(stem, facts.group or group_of(item, group_from) or stem, facts.modality or modality(rgb))]


def _drawn(annotated: CocoPicture, shape: tuple[int, int], found: Gathered) -> np.ndarray:
    drawn = draw_objects(annotated, shape)
    name = annotated.file_name
    if drawn.crowds:
        found.notes.append(Problem(name, "coco_crowds", {"name": name, "count": drawn.crowds}))
    if drawn.shared_pixels:
        params = {"name": name, "pixels": drawn.shared_pixels, "hidden": drawn.hidden}
        found.notes.append(Problem(name, "coco_overlap", params))
    return drawn.labels


def _coco_of(root: Path, names: list[str], layout: str) -> list[tuple[str, CocoPicture]]:
    """The pictures of every COCO file, each with the folder of its file; none where the layout is another."""
    if layout not in ("auto", "coco"):
        return []
    found = []
    for name in names:
        if name.lower().endswith(".json") and (layout == "coco" or _looks_like_coco(root / name)):
            folder = str(PurePosixPath(name).parent)
            found += [(folder, picture) for picture in read_coco((root / name).read_bytes(), name)]
    if layout == "coco" and not found:
        raise DataError("coco_missing", path=str(root))
    return found


def _looks_like_coco(path: Path) -> bool:
    try:
        values = json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        return False
    return isinstance(values, dict) and {"images", "annotations"} <= values.keys()


def _of_coco(
    items: tuple[Item, ...], coco: list[tuple[str, CocoPicture]], found: Gathered
) -> Iterator[tuple[Item, CocoPicture | None]]:
    """Each picture that a COCO file names with its item: by its path beside the file, else by its name."""
    by_path = {item.picture: item for item in items}
    by_name: dict[str, list[Item]] = {}
    for item in items:
        by_name.setdefault(item.name, []).append(item)
    for folder, picture in coco:
        written = PurePosixPath(picture.file_name.replace("\\", "/"))
        named = by_name.get(written.name, [])
        ending = [item for item in named if f"/{item.picture}".endswith(f"/{written}")]
        beside = by_path.get(str(PurePosixPath(folder) / written))
        candidates = [beside] if beside else (ending if len(ending) == 1 else named)
        if len(candidates) == 1:
            yield candidates[0], picture
        else:
            code = "two_pictures" if candidates else "labels_without_picture"
            params = {"name": picture.file_name, "count": len(candidates)}
            found.problems.append(Problem(picture.file_name, code, params))


def _emptied(target: Path) -> None:
    """The target's folders, empty; what an earlier call left there goes, what anyone else put there stays."""
    if target.exists() and any(target.iterdir()):
        if not (target / GATHERED).is_file():
            raise DataError("gather_occupied", path=str(target))
        for folder in ("images", "labels"):
            shutil.rmtree(target / folder, ignore_errors=True)
    for folder in ("images", "labels"):
        (target / folder).mkdir(parents=True, exist_ok=True)
    write_json(target / GATHERED, {})


def _free_stem(target: Path, item: Item) -> str:
    """The picture's stem; with its folders where another picture has it already."""
    stem = PurePosixPath(item.name).stem
    parts = [*PurePosixPath(item.picture).parts[:-1], stem]
    for start in range(len(parts) - 1, -1, -1):
        name = "_".join(parts[start:])
        if not any((target / "labels").glob(f"{_escaped(name)}.*")):
            return name
    raise DataError("two_pictures", name=item.picture, count=2)


def _escaped(name: str) -> str:
    return "".join(f"[{character}]" if character in "*?[" else character for character in name)


def _link(source: Path, target: Path) -> None:
    try:
        os.symlink(source.resolve(), target)
    except OSError:  # a disk or a system without links
        shutil.copyfile(source, target)


def _problem(name: str, error: Exception) -> Problem:
    if isinstance(error, MedulaError):
        return Problem(name, error.code, {"name": name, **error.params})
    return Problem(name, "mask_unreadable", {"name": name})
