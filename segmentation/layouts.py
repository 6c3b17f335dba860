"""How annotated pictures come in folders: which file is a picture, which its labels, which its masks.

Only names are looked at, nothing is opened. Known are BBBC038 (Kaggle's Data Science Bowl 2018: a folder
a picture, a binary mask a nucleus), folders of pictures beside folders of labels, one folder a class (the
ALL Image Dataset, C-NMC), and pictures alone. Standard library only.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from segmentation.formats import SUFFIXES

IMAGES = frozenset({"images", "imgs", "raw", "image", "img"})
LABELS = frozenset({"labels", "masks", "gt", "label", "mask", "ground_truth", "groundtruth"})
LABEL_ENDINGS = ("_labels", "_label", "_masks", "_mask", "_gt")
TABLES = frozenset({"manifest.csv", "groups.csv"})
LAYOUTS = ("auto", "kaggle", "pairs", "classes", "pictures")
_JUNK_NAMES = frozenset({"thumbs.db", "desktop.ini"})
_CNMC = re.compile(r"UID_(H?\d+)_\d+_\d+_(?:all|hem)", re.IGNORECASE)

Folder = tuple[str, ...]


@dataclass(frozen=True)
class Item:
    """One picture: its name, its member, and either one label picture, or one binary mask a nucleus, or none.

    `folder` is the name of the folder that pictures of one origin may share, `category` the class.
    """

    name: str
    picture: str
    labels: str = ""
    masks: tuple[str, ...] = ()
    category: str = ""
    folder: str = ""


@dataclass(frozen=True)
class Problem:
    """Why a file is left out: a code of SENTENCES and its parameters."""

    name: str
    code: str
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Listing:
    """What an archive holds: the layout found, its pictures, what cannot be used, its tables, the rest."""

    layout: str
    items: tuple[Item, ...]
    problems: tuple[Problem, ...]
    tables: tuple[str, ...]
    ignored: int


def list_members(names: Iterable[str], layout: str = "auto") -> Listing:
    """Sort the members of an archive (paths with "/") into pictures with their labels or masks.

    `layout` is one of LAYOUTS. Folders around the whole, what systems leave behind (__MACOSX, .DS_Store,
    Thumbs.db), and the coloured copies of the ALL Image Dataset ("Segmented" beside "Original") are passed
    over. The same names in any order give the same listing.

    >>> found = list_members(["set/images/a.png", "set/labels/a_labels.png", "set/images/b.png"])
    >>> found.layout, [(item.name, item.labels) for item in found.items]
    ('pairs', [('a.png', 'set/labels/a_labels.png'), ('b.png', '')])
    """
    if layout not in LAYOUTS:
        raise ValueError(f"no layout {layout!r}")
    paths = [path for path in sorted(set(names)) if not _is_junk(path)]
    tables = tuple(path for path in paths if _name(path).lower() in TABLES)
    pictures = [path for path in paths if PurePosixPath(path).suffix.lower() in SUFFIXES]
    pictures = _without_copies(pictures)
    images, labels, rest = _rooted(pictures)
    found = _layout(images, labels, pictures) if layout == "auto" else layout
    if found == "kaggle":
        items, problems = _kaggle(images, labels)
    elif found == "pairs" and images:
        items, problems = _pairs(images, labels)
    else:
        items, problems = _plain(pictures, with_class=found == "classes", pairs=layout != "pictures")
        rest = []
    unused = len(paths) - len(tables) - len(pictures) + len(rest)
    return Listing(found, tuple(items), tuple(problems), tables, unused)


def group_of(item: Item, group_from: str) -> str:
    """The group that the names alone give a picture; "" where they give none.

    "auto": the subject in C-NMC's file names (UID_<subject>_…), else the picture itself; "picture": the
    picture with its folders; "name": the file name; "prefix": the name up to its last _ or -; "folder".
    """
    stem = PurePosixPath(item.name).stem
    if group_from == "auto" and (subject := _CNMC.match(stem)):
        return f"UID_{subject[1].upper()}"
    if group_from in ("auto", "picture"):
        return str(PurePosixPath(item.picture).with_suffix("")) if item.category else stem
    if group_from == "name":
        return stem
    if group_from == "prefix":
        return re.split(r"[_-](?=[^_-]*$)", stem)[0] or stem
    return item.folder if group_from == "folder" else ""


def _is_junk(path: str) -> bool:
    *folders, name = path.split("/")
    return not name or name.startswith(".") or name.lower() in _JUNK_NAMES or "__MACOSX" in folders


def _name(path: str) -> str:
    return path.rpartition("/")[2]


def _without_copies(pictures: list[str]) -> list[str]:
    """Without those under "Segmented" that have a namesake under "Original"."""
    known = {str(PurePosixPath(path).with_suffix("")).lower() for path in pictures}

    def is_copy(path: str) -> bool:
        parts = str(PurePosixPath(path).with_suffix("")).lower().split("/")
        return (
            "segmented" in parts[:-1]
            and "/".join("original" if part == "segmented" else part for part in parts) in known
        )

    return [path for path in pictures if not is_copy(path)]


def _rooted(
    pictures: list[str],
) -> tuple[dict[Folder, list[str]], dict[Folder, list[str]], list[str]]:
    """Pictures under a folder of images, those under one of labels, by the folder around both; the rest."""
    images: dict[Folder, list[str]] = defaultdict(list)
    labels: dict[Folder, list[str]] = defaultdict(list)
    rest = []
    for path in pictures:
        folders = path.split("/")[:-1]
        for place in reversed(range(len(folders))):
            folder = folders[place].lower()
            if folder in IMAGES or folder in LABELS:
                (images if folder in IMAGES else labels)[tuple(folders[:place])].append(path)
                break
        else:
            rest.append(path)
    return images, labels, rest


def _layout(images: dict[Folder, list[str]], labels: dict[Folder, list[str]], pictures: list[str]) -> str:
    alone = sum(_is_kaggle(root, found, labels.get(root, [])) for root, found in images.items())
    if alone and 2 * alone >= len(images):
        return "kaggle"
    if images and labels:
        return "pairs"
    if len({PurePosixPath(path).parent for path in pictures}) > 1:
        return "classes"
    return "pictures"


def _is_kaggle(root: Folder, images: list[str], masks: list[str]) -> bool:
    if len(images) != 1:
        return False
    stem = PurePosixPath(images[0]).stem
    if not masks:
        return bool(root) and root[-1] == stem
    return all(_key(_name(mask)) != stem for mask in masks)


def _kaggle(
    images: dict[Folder, list[str]], masks: dict[Folder, list[str]]
) -> tuple[list[Item], list[Problem]]:
    items, problems = [], []
    for root in sorted(images.keys() | masks.keys()):
        shown = "/".join(root)
        found = images.get(root, [])
        if not found:
            problems.append(Problem(shown, "labels_without_picture", {"name": shown}))
        elif len(found) > 1:
            problems.append(Problem(shown, "two_pictures", {"name": shown, "count": len(found)}))
        else:
            above = root[-2] if len(root) > 1 else (root[-1] if root else "")
            own = tuple(masks.get(root, ()))
            items.append(Item(_name(found[0]), found[0], masks=own, folder=above))
    return items, problems


def _pairs(
    images: dict[Folder, list[str]], labels: dict[Folder, list[str]]
) -> tuple[list[Item], list[Problem]]:
    items: list[Item] = []
    problems: list[Problem] = []
    for root in sorted(images.keys() | labels.keys()):
        start = len(root) + 1
        namesakes: dict[str, list[str]] = defaultdict(list)
        for path in images.get(root, []):
            namesakes[_inner(path, start)].append(path)
        own: dict[str, list[str]] = defaultdict(list)
        for path in labels.get(root, []):
            key = _inner(path, start)
            # "a_mask.png" is a's, unless there is a picture of just that name.
            own[key if key in namesakes else _key(key)].append(path)
        for key, paths in sorted(namesakes.items()):
            _pair(key, paths, own.pop(key, []), root, items, problems)
        for orphans in own.values():
            problems += [
                Problem(_name(path), "labels_without_picture", {"name": _name(path)}) for path in orphans
            ]
    return items, problems


def _pair(
    key: str,
    pictures: list[str],
    labels: list[str],
    root: Folder,
    items: list[Item],
    problems: list[Problem],
) -> None:
    name = _name(pictures[0])
    if len(pictures) > 1:
        problems.append(Problem(name, "two_pictures", {"name": key, "count": len(pictures)}))
    elif len(labels) > 1:
        shown = ", ".join(_name(path) for path in labels[:3])
        problems.append(Problem(name, "two_masks", {"name": name, "count": len(labels), "masks": shown}))
    else:
        inner = key.split("/")[:-1]
        folder = inner[-1] if inner else (root[-1] if root else "")
        items.append(Item(name, pictures[0], labels=labels[0] if labels else "", folder=folder))


def _plain(pictures: list[str], *, with_class: bool, pairs: bool) -> tuple[list[Item], list[Problem]]:
    """Pictures by themselves or with their labels beside them (`a.png`, `a_mask.png`)."""
    stems = {str(PurePosixPath(path).with_suffix("")) for path in pictures}
    own: dict[str, list[str]] = defaultdict(list)
    for path in pictures if pairs else ():
        stem = str(PurePosixPath(path).with_suffix(""))
        if _key(stem) != stem and _key(stem) in stems:
            own[_key(stem)].append(path)
    taken = {path for paths in own.values() for path in paths}
    items: list[Item] = []
    problems: list[Problem] = []
    for path in pictures:
        if path in taken:
            continue
        name, folder = _name(path), PurePosixPath(path).parent.name
        labels = own.get(str(PurePosixPath(path).with_suffix("")), [])
        if len(labels) > 1:
            shown = ", ".join(_name(label) for label in labels[:3])
            problems.append(Problem(name, "two_masks", {"name": name, "count": len(labels), "masks": shown}))
        else:
            category = folder if with_class else ""
            items.append(Item(name, path, "".join(labels), (), category, folder))
    return items, problems


def _inner(path: str, start: int) -> str:
    """The path under a folder of images or labels, without its ending."""
    return str(PurePosixPath(*path.split("/")[start:]).with_suffix(""))


def _key(path: str) -> str:
    """A label picture's path or stem without its ending and without what marks it as labels."""
    suffix = PurePosixPath(path).suffix
    stem = path.removesuffix(suffix) if suffix.lower() in SUFFIXES else path
    for ending in LABEL_ENDINGS:
        if stem.lower().endswith(ending):
            return stem[: -len(ending)]
    return stem
