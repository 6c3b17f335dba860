"""A data set that grows is divided again and again; nothing ever crosses from the test to what learns."""

from __future__ import annotations

from collections import defaultdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segmentation.errors import DataError
from segmentation.growing_splits import Earlier, Row, grow_split, remembered
from segmentation.splits import PARTS

KINDS = ("fluorescence-dark", "purple-on-white")


def rows(groups: dict[str, int], kind: str = KINDS[0]) -> list[Row]:
    return [Row(f"{g}/{i}", f"{g}-{i}.png", g, kind) for g, count in groups.items() for i in range(count)]


def line(found: list[Row], parts: dict[str, str]) -> list[tuple[str, str, str]]:
    return [(row.id, row.group, parts[row.id]) for row in found]


pictures = st.lists(st.tuples(st.integers(0, 14), st.sampled_from(KINDS)), min_size=1, max_size=40)


@settings(max_examples=80, deadline=None)
@given(batches=st.lists(pictures, min_size=1, max_size=4), seed=st.integers(0, 5))
def test_groups_never_straddle_nor_move_over_successive_freezes(
    batches: list[list[tuple[int, str]]], seed: int
) -> None:
    whole: list[Row] = []
    history: list[tuple[str, str, str]] = []
    for batch in batches:
        start = len(whole)
        whole += [
            Row(f"picture {start + i}", f"{start + i}.png", f"group {group}", kind)
            for i, (group, kind) in enumerate(batch)
        ]
        if len({row.group for row in whole}) < 3:
            continue
        parts = grow_split(whole, remembered(history), seed)
        assert set(parts) == {row.id for row in whole}
        assert set(parts.values()) == set(PARTS)
        of_group = defaultdict(set)
        for row in whole:
            of_group[row.group].add(parts[row.id])
        assert all(len(found) == 1 for found in of_group.values())
        for picture, group, part in history:
            assert parts[picture] == part
            assert of_group[group] == {part}
        history += line(whole, parts)


@settings(max_examples=80, deadline=None)
@given(data=st.data())
def test_a_picture_once_tested_on_never_learns_however_groups_are_corrected(data: st.DataObject) -> None:
    groups = data.draw(st.lists(st.integers(0, 6), min_size=6, max_size=16))
    first = [Row(f"p{i}", f"{i}.png", f"g{group}", KINDS[0]) for i, group in enumerate(groups)]
    if len({row.group for row in first}) < 3:
        return
    history = line(first, grow_split(first, Earlier()))
    for _ in range(3):
        moved = [Row(row.id, row.name, f"g{data.draw(st.integers(0, 6))}", row.modality) for row in first]
        try:
            parts = grow_split(moved, remembered(history))
        except DataError as error:
            assert error.code in {"group_moved", "version_without_validation"}
            continue
        history += line(moved, parts)
        ever = defaultdict(set)
        for picture, _group, part in history:
            ever[picture].add(part)
        assert all(found == {"test"} for found in ever.values() if "test" in found)


@pytest.mark.parametrize("sizes", [(1, 1, 1), (50, 1, 1), (9, 9, 9), (1, 1, 1, 1, 1)])
def test_no_part_is_empty_where_there_are_three_groups(sizes: tuple[int, ...]) -> None:
    found = grow_split(rows({f"g{i}": size for i, size in enumerate(sizes)}), Earlier())
    assert set(found.values()) == set(PARTS)


def test_parts_keep_their_shares_while_groups_come_one_by_one() -> None:
    whole = rows({f"g{i}": 1 for i in range(3)})
    history: list[tuple[str, str, str]] = []
    parts: dict[str, str] = {}
    for number in range(3, 41):
        parts = grow_split(whole, remembered(history))
        history += line(whole, parts)
        whole += rows({f"g{number}": 1})
    counts = [list(parts.values()).count(part) for part in PARTS]
    assert counts == [32, 4, 4]


def test_the_same_rows_in_any_order_are_divided_alike() -> None:
    whole = rows({"a": 3, "b": 1, "c": 2, "d": 1, "e": 4})
    assert grow_split(whole, Earlier(), 3) == grow_split(whole[::-1], Earlier(), 3)


def test_a_picture_moved_into_another_groups_test_is_refused_by_name() -> None:
    before = remembered([("a/0", "a", "train"), ("b/0", "b", "test"), ("c/0", "c", "validation")])
    moved = [Row("a/0", "a-0.png", "b", KINDS[0]), *rows({"b": 1, "c": 1, "d": 1})]
    with pytest.raises(DataError) as caught:
        grow_split(moved, before)
    assert caught.value.code == "group_moved"
    assert caught.value.params["group"] == "b"


def test_training_and_validation_joined_by_a_correction_become_training() -> None:
    before = remembered([("a/0", "a", "train"), ("b/0", "b", "test"), ("c/0", "c", "validation")])
    moved = [Row("c/0", "c-0.png", "a", KINDS[0]), *rows({"a": 1, "b": 1, "d": 1})]
    parts = grow_split(moved, before)
    assert parts == {"c/0": "train", "a/0": "train", "b/0": "test", "d/0": "validation"}


@pytest.mark.parametrize("part", PARTS)
def test_a_part_that_nobody_may_fill_is_named(part: str) -> None:
    others = [other for other in PARTS if other != part]
    before = remembered([(f"g{i}/0", f"g{i}", others[i % 2]) for i in range(4)])
    with pytest.raises(DataError) as caught:
        grow_split(rows({f"g{i}": 1 for i in range(4)}), before)
    assert caught.value.code == f"version_without_{part}"


def test_a_new_group_follows_its_pictures_part_in_other_sets_where_they_agree() -> None:
    whole = rows({f"g{i}": 2 for i in range(8)})
    elsewhere = {"g0/0": {"test"}, "g1/0": {"train"}, "g1/1": {"test"}, "g2/1": {"validation"}}
    parts = grow_split(whole, Earlier(), elsewhere=elsewhere)
    assert (parts["g0/0"], parts["g0/1"], parts["g2/0"]) == ("test", "test", "validation")
    assert parts["g1/0"] == parts["g1/1"]
    bound = remembered([("g0/0", "g0", "train")])
    assert grow_split(whole, bound, elsewhere=elsewhere)["g0/0"] == "train"


def test_other_sets_never_leave_a_part_empty() -> None:
    whole = rows({f"g{i}": 1 for i in range(4)})
    parts = grow_split(whole, Earlier(), elsewhere={row.id: {"test"} for row in whole})
    assert set(parts.values()) == set(PARTS)
