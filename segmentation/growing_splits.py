"""The split of a data set that grows: what was divided once stays where it was.

A later training must never see what an earlier one was tested on, so a group keeps the part it had, and
so does a picture, even where its group was corrected meanwhile. Standard library only.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from segmentation.errors import DataError
from segmentation.splits import PARTS, split_by_group

_TRAIN, _VALIDATION, _TEST = PARTS
_EMPTY = {
    _TRAIN: "version_without_train",
    _VALIDATION: "version_without_validation",
    _TEST: "version_without_test",
}


@dataclass(frozen=True)
class Earlier:
    """The parts that groups and pictures had in earlier versions: id -> every part it ever was in."""

    groups: Mapping[str, set[str]] = field(default_factory=dict)
    pictures: Mapping[str, set[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Row:
    """One picture to be divided: its id (the digest of its bytes), name, group and kind."""

    id: str
    name: str
    group: str
    modality: str


def remembered(rows: Iterable[tuple[str, str, str]]) -> Earlier:
    """Earlier from (picture, group, part) of every line of the earlier versions."""
    groups: dict[str, set[str]] = defaultdict(set)
    pictures: dict[str, set[str]] = defaultdict(set)
    for picture, group, part in rows:
        groups[group].add(part)
        pictures[picture].add(part)
    return Earlier(dict(groups), dict(pictures))


def grow_split(
    rows: Sequence[Row], earlier: Earlier, seed: int = 0, elsewhere: Mapping[str, set[str]] | None = None
) -> dict[str, str]:
    """Give each picture its part: id -> one of PARTS. Groups never straddle, no part is empty.

    A group that was divided before, or holds a picture that was, keeps that part (a group with pictures
    of both training and validation goes to training: neither is the test). A new group whose pictures
    all had one part in other data sets (`elsewhere`: picture -> its parts) is given that part, so that what
    one set tests on is not what another teaches; the other new groups are dealt 80/10/10, making up for
    what the parts hold. Raises DataError "group_moved" where a group holds pictures of the
    test and of another part, which nothing but a correction of groups brings about, and
    "version_without_…" where a part would stay empty.
    """
    members: dict[str, list[Row]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: (row.name, row.id)):
        members[row.group].append(row)
    kept = {group: part for group in sorted(members) if (part := _kept(group, members[group], earlier))}
    new = {
        group: part
        for group in sorted(members)
        if group not in kept and (part := _shared(members[group], elsewhere or {}))
    }
    placed = {**kept, **new}
    counts = [sum(len(members[group]) for group, where in placed.items() if where == part) for part in PARTS]
    fresh = [row for group in sorted(members) if group not in placed for row in members[group]]
    dealt = split_by_group(
        [row.id for row in fresh],
        [row.group for row in fresh],
        [row.modality for row in fresh],
        seed=seed,
        held=(counts[0], counts[1], counts[2]),
    )
    new |= {row.group: dealt[row.id] for row in fresh}
    _fill(kept, new, {group: len(found) for group, found in members.items()})
    parts = {**kept, **new}
    return {row.id: parts[row.group] for row in rows}


def _kept(group: str, rows: list[Row], earlier: Earlier) -> str:
    """The part the group is bound to, "" for a new one."""
    found = set(earlier.groups.get(group, ()))
    for row in rows:
        before = earlier.pictures.get(row.id, set())
        if _TEST in found | before and (found | before) != {_TEST}:
            raise DataError("group_moved", name=row.name, group=group)
        found |= before
    if not found:
        return ""
    return _TRAIN if _TRAIN in found else found.pop()


def _shared(rows: list[Row], elsewhere: Mapping[str, set[str]]) -> str:
    """The one part that those of these pictures that other sets hold have there; "" where they differ."""
    found = set().union(*(elsewhere.get(row.id, set()) for row in rows))
    return found.pop() if len(found) == 1 else ""


def _fill(kept: Mapping[str, str], new: dict[str, str], sizes: Mapping[str, int]) -> None:
    """Give an empty part the smallest new group of the part that has most groups; changes `new`."""
    for part in (_TRAIN, _VALIDATION, _TEST):
        parts = {**kept, **new}
        if part in parts.values():
            continue
        groups = {where: sum(found == where for found in parts.values()) for where in PARTS}
        movable = [group for group, where in new.items() if groups[where] > 1]
        if not movable:
            raise DataError(_EMPTY[part])
        chosen = min(movable, key=lambda group: (-groups[new[group]], sizes[group], group))
        new[chosen] = part
