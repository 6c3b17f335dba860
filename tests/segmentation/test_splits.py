"""No group sits in two parts, every kind of picture in each, and the same rows always split the same."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from segmentation.errors import DataError
from segmentation.splits import PARTS, SplitRow, read_split, split_by_group, write_split


def rows(groups: int = 120, seed: int = 1) -> list[tuple[str, str, str]]:
    """(id, group, modality) of groups of one to six pictures in three kinds."""
    rng = random.Random(seed)
    out = []
    for group in range(groups):
        kind = rng.choices(["fluorescence", "stained", "grey"], [6, 3, 1])[0]
        out += [(f"p{group}-{n}", f"g{group}", kind) for n in range(rng.randint(1, 6))]
    return out


def split(table: list[tuple[str, str, str]], **options: object) -> dict[str, str]:
    return split_by_group(*map(list, zip(*table, strict=True)), **options)


@pytest.mark.parametrize("seed", range(5))
def test_no_group_is_in_two_parts(seed):
    table = rows(seed=seed)
    parts = split(table, seed=seed)
    assert set(parts) == {row[0] for row in table}
    by_group: dict[str, set[str]] = {}
    for picture, group, _ in table:
        by_group.setdefault(group, set()).add(parts[picture])
    assert all(len(found) == 1 for found in by_group.values())


@pytest.mark.parametrize("seed", range(5))
def test_the_parts_have_their_share_in_all_and_of_each_kind(seed):
    table = rows(seed=seed)
    parts = split(table, seed=seed)
    share = Counter(parts.values())
    assert [share[part] / len(table) for part in PARTS] == pytest.approx([0.8, 0.1, 0.1], abs=0.02)
    for kind in ("fluorescence", "stained", "grey"):
        ids = [row[0] for row in table if row[2] == kind]
        found = Counter(parts[picture] for picture in ids)
        for part, fraction in zip(PARTS, (0.8, 0.1, 0.1), strict=True):
            assert found[part] > 0
            assert abs(found[part] - fraction * len(ids)) <= 6  # a group is not cut for the sake of a share


def test_the_order_of_the_rows_does_not_matter_and_the_seed_does():
    table = rows()
    shuffled = random.Random(3).sample(table, len(table))
    assert split(table) == split(shuffled)
    assert split(table) != split(table, seed=1)


def test_a_mixed_group_counts_as_its_commonest_kind():
    table = [(f"a{n}", f"mixed{n // 3}", "grey" if n % 3 == 0 else "stained") for n in range(90)]
    kinds = {group: "stained" for _, group, _ in table}
    pure = [(picture, group, kinds[group]) for picture, group, _ in table]
    assert split(table) == split(pure)


def test_many_kinds_of_one_group_each_do_not_all_go_into_training():
    table = [(f"p{n}", f"g{n}", f"kind{n:02}") for n in range(40)]
    assert Counter(split(table).values()) == {"train": 32, "validation": 4, "test": 4}


def test_a_giant_group_goes_where_it_does_least_harm():
    table = [(f"p{n}", "giant" if n < 60 else f"g{n}", "stained") for n in range(100)]
    parts = split(table)
    assert parts["p0"] == "train"
    assert Counter(parts.values()) == {"train": 80, "validation": 10, "test": 10}


def test_a_part_may_be_left_out():
    assert set(split(rows(), fractions=(0.9, 0.1, 0.0)).values()) == {"train", "validation"}


def test_nothing_splits_into_nothing():
    assert split_by_group([], [], []) == {}


@pytest.mark.parametrize(
    ("ids", "fractions"),
    [(["a", "a"], (0.8, 0.1, 0.1)), (["a"], (0.8, 0.1, 0.1)), (["a", "b"], (0.8, 0.1, 0.2)),
     (["a", "b"], (1.2, -0.1, -0.1))],
)  # fmt: skip
def test_rows_that_cannot_be_split_are_refused(ids, fractions):
    with pytest.raises(ValueError, match=r"id|fractions"):
        split_by_group(ids, ["g", "h"], ["k", "k"], fractions)


def test_a_written_split_comes_back_and_is_the_same_bytes_whatever_the_order(tmp_path):
    table = [SplitRow("b", "g1", "grey", "test"), SplitRow("a", "ñ, 2", "stained", "train")]
    write_split(tmp_path / "one.csv", table)
    write_split(tmp_path / "two.csv", table[::-1])
    assert (tmp_path / "one.csv").read_bytes() == (tmp_path / "two.csv").read_bytes()
    assert read_split(tmp_path / "one.csv") == table[::-1]


@pytest.mark.parametrize(
    "text",
    [
        "id,group,part\na,g,train\n",
        "id,group,modality,part\na,g,k,exam\n",
        "id,group,modality,part\na,g,k,train\na,g,k,train\n",
        "id,group,modality,part\na,g,k,train\nb,g,k,test\n",
        "",
    ],
)
def test_a_split_that_would_leak_or_makes_no_sense_is_refused(tmp_path, text):
    (tmp_path / "split.csv").write_text(text)
    with pytest.raises(DataError, match=r"split\.csv"):
        read_split(tmp_path / "split.csv")


def test_a_missing_split_is_named(tmp_path):
    with pytest.raises(DataError, match=r"none\.csv"):
        read_split(tmp_path / "none.csv")
