"""Which pictures train, which choose, which test: divided by group, never by picture.

Pictures of one group (a patient, a slide, tiles of one parent) look alike; with some of them in the
training part and some in the test part, a figure would measure memory. So a group goes whole into one
part. Groups are shared out kind of picture by kind, so that each part sees each kind.
"""

from __future__ import annotations

import csv
import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path

from segmentation.errors import DataError

PARTS = ("train", "validation", "test")
HEADER = ("id", "group", "modality", "part")


@dataclass(frozen=True)
class SplitRow:
    """One picture's place: its id, its group, its kind, and its part (one of PARTS)."""

    id: str
    group: str
    modality: str
    part: str


def split_by_group(
    ids: Sequence[str],
    groups: Sequence[str],
    modalities: Sequence[str],
    fractions: tuple[float, float, float] = (0.8, 0.1, 0.1),
    seed: int = 0,
    held: tuple[int, int, int] = (0, 0, 0),
) -> dict[str, str]:
    """Give each picture its part. Returns id -> "train", "validation" or "test".

    The three sequences belong together, row by row. Within each modality (a group's commonest one) the
    groups are shuffled by `seed`, the largest dealt first, each to the part that lacks most of its
    share of pictures; `held` is how many pictures each part has got already, so that parts that grow keep
    their shares. The same rows in any order give the same split. Raises ValueError for rows that do not
    match, an id named twice, or fractions that are negative or do not add up to 1.
    """
    if not len(ids) == len(groups) == len(modalities):
        raise ValueError("ids, groups and modalities must be of the same length")
    if len(set(ids)) != len(ids):
        raise ValueError("an id is named twice")
    if min(fractions) < 0 or abs(sum(fractions) - 1) > 1e-6:
        raise ValueError(f"fractions {fractions} must be at least 0 and add up to 1")
    members: dict[str, list[str]] = defaultdict(list)
    kinds: dict[str, Counter[str]] = defaultdict(Counter)
    for picture, group, modality in zip(ids, groups, modalities, strict=True):
        members[group].append(picture)
        kinds[group][modality] += 1
    strata: dict[str, list[str]] = defaultdict(list)
    for group in sorted(members):
        commonest = min(kinds[group], key=lambda kind: (-kinds[group][kind], kind))
        strata[commonest].append(group)
    part_of: dict[str, str] = {}
    owed = [fraction * sum(held) - has for fraction, has in zip(fractions, held, strict=True)]
    for kind in sorted(strata):
        owed = _deal(strata[kind], members, fractions, random.Random(f"{seed}/{kind}"), owed, part_of)
    return {picture: part_of[group] for group in members for picture in sorted(members[group])}


def read_split(path: Path | str) -> list[SplitRow]:
    """Read a split of columns id, group, modality, part (others are ignored), in the file's order.

    Raises DataError where the file is missing, lacks a column, names a part we do not know or an id
    twice, or puts one group into two parts.
    """
    path = Path(path)
    if not path.is_file():
        raise DataError("data_missing", path=str(path))
    with open(path, newline="", encoding="utf-8-sig") as file:
        reader = csv.DictReader(file)
        missing = [name for name in HEADER if name not in (reader.fieldnames or ())]
        if missing:
            raise DataError("split_unusable", name=path.name, detail=", ".join(missing))
        rows = [SplitRow(*(row[name] or "" for name in HEADER)) for row in reader]
    _check(rows, path.name)
    return rows


def write_split(path: Path | str, rows: Iterable[SplitRow]) -> None:
    """Write a split as CSV in order of id; the same rows give the same bytes."""
    rows = sorted(rows, key=lambda row: row.id)
    _check(rows, Path(path).name)
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(HEADER)
        writer.writerows(astuple(row) for row in rows)


def _deal(
    groups: list[str],
    members: dict[str, list[str]],
    fractions: tuple[float, float, float],
    rng: random.Random,
    owed: list[float],
    part_of: dict[str, str],
) -> list[float]:
    """Deal one stratum's groups into `part_of`; returns what each part is still owed, for the next one.

    What rounding left open in one kind is made good in the next, so that many kinds of few groups each
    do not all end in the training part.
    """
    total = sum(len(members[group]) for group in groups)
    owed = [debt + total * fraction for debt, fraction in zip(owed, fractions, strict=True)]
    rng.shuffle(groups)
    for group in sorted(groups, key=lambda name: -len(members[name])):  # stable: keeps the shuffle
        # In proportion to its share, or the training part alone would take the first eight of ten;
        # but a group larger than a part's whole share goes where most is owed.
        fitting = [p for p in range(3) if fractions[p] and owed[p] >= len(members[group])]
        if fitting:
            part = max(fitting, key=lambda p: owed[p] / fractions[p])
        else:
            part = max((p for p in range(3) if fractions[p]), key=lambda p: owed[p])
        part_of[group] = PARTS[part]
        owed[part] -= len(members[group])
    return owed


def _check(rows: list[SplitRow], name: str) -> None:
    parts: dict[str, str] = {}
    seen: set[str] = set()
    for row in rows:
        if row.part not in PARTS or row.id in seen or parts.setdefault(row.group, row.part) != row.part:
            raise DataError("split_unusable", name=name, detail=f"{row.id}, {row.group}, {row.part}")
        seen.add(row.id)
