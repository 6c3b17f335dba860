"""Names of an archive's members, sorted into pictures with their labels, masks, classes and groups."""

from __future__ import annotations

import random

import pytest

from segmentation.layouts import Item, group_of, list_members

KAGGLE = ["a/images/a.png", "a/masks/1.png", "a/masks/2.png", "b/images/b.png"]


def test_a_folder_a_picture_with_a_mask_a_nucleus_is_kaggles() -> None:
    found = list_members([f"stage1_train/{name}" for name in KAGGLE])
    assert found.layout == "kaggle"
    assert [(item.name, len(item.masks), item.labels) for item in found.items] == [
        ("a.png", 2, ""),
        ("b.png", 0, ""),
    ]


def test_one_picture_alone_in_kaggles_layout_is_recognised_without_a_folder_around() -> None:
    assert list_members(["a/images/a.png", "a/masks/77.png"]).layout == "kaggle"
    assert list_members(["images/a.png", "masks/1.png", "masks/2.png"]).layout == "kaggle"


def test_one_picture_and_its_mask_of_the_same_name_are_a_pair() -> None:
    (item,) = list_members(["images/a.png", "masks/a_mask.png"]).items
    assert (item.labels, item.masks) == ("masks/a_mask.png", ())


@pytest.mark.parametrize("images", ["images", "imgs", "Raw"])
@pytest.mark.parametrize("labels", ["labels", "masks", "GT"])
def test_folders_of_pictures_and_of_labels_are_paired_by_stem(images: str, labels: str) -> None:
    names = [f"set/{images}/{n}.jpg" for n in "abc"] + [f"set/{labels}/{n}.png" for n in "ab"]
    found = list_members(names)
    assert found.layout == "pairs"
    assert [item.labels for item in found.items] == [f"set/{labels}/a.png", f"set/{labels}/b.png", ""]


def test_a_picture_with_two_label_pictures_is_left_out_and_named() -> None:
    names = ["images/a.png", "images/b.png", "labels/a.png", "labels/a_labels.tif", "labels/b.png"]
    found = list_members(names)
    assert [item.name for item in found.items] == ["b.png"]
    (problem,) = found.problems
    assert (problem.code, problem.params["count"]) == ("two_masks", 2)


def test_labels_whose_picture_is_missing_are_named() -> None:
    found = list_members(["images/a.png", "labels/a.png", "labels/z.png", "labels/y_mask.png"])
    assert {problem.name for problem in found.problems} == {"z.png", "y_mask.png"}
    kaggle = list_members([*KAGGLE, "c/images/c.png", "d/masks/1.png"])
    assert [(p.name, p.code) for p in kaggle.problems] == [("d", "labels_without_picture")]


def test_two_pictures_of_one_name_are_not_guessed_at() -> None:
    found = list_members(["images/a.png", "images/a.jpg", "images/b.png", "labels/a.png", "labels/b.png"])
    assert [problem.code for problem in found.problems] == ["two_pictures"]
    assert [item.name for item in found.items] == ["b.png"]
    kaggle = list_members([*KAGGLE, "b/images/b2.png", "b/masks/1.png"], "kaggle")
    assert [problem.code for problem in kaggle.problems] == ["two_pictures"]


def test_a_picture_whose_own_name_ends_like_labels_keeps_them() -> None:
    (item,) = list_members(["images/a_mask.png", "labels/a_mask.png"], "pairs").items
    assert item.labels == "labels/a_mask.png"


def test_one_folder_a_class_keeps_the_class_as_cnmc_and_the_all_image_dataset_come() -> None:
    cnmc = ["fold_0/all/UID_11_10_1_all.bmp", "fold_0/hem/UID_H10_102_1_hem.bmp", "fold_1/all/x.bmp"]
    found = list_members(cnmc)
    assert found.layout == "classes"
    assert [item.category for item in found.items] == ["all", "hem", "all"]
    groups = [group_of(item, "auto") for item in found.items]
    assert groups == ["UID_11", "UID_H10", "fold_1/all/x"]
    coloured = ["Original/Benign/1.jpg", "Original/Early/1.jpg", "Segmented/Benign/1.jpg"]
    found = list_members(coloured)
    assert [(item.picture, item.category) for item in found.items] == [
        ("Original/Benign/1.jpg", "Benign"),
        ("Original/Early/1.jpg", "Early"),
    ]


def test_a_single_class_is_kept_where_the_layout_is_named() -> None:
    assert list_members(["Pro/1.png", "Pro/2.png"]).layout == "pictures"
    assert [i.category for i in list_members(["Pro/1.png", "Pro/2.png"], "classes").items] == ["Pro", "Pro"]


def test_labels_beside_their_picture_are_its_labels() -> None:
    found = list_members(["a.png", "a_mask.png", "b.png"])
    assert [(item.name, item.labels) for item in found.items] == [("a.png", "a_mask.png"), ("b.png", "")]
    alone = list_members(["a.png", "a_mask.png"], "pictures")
    assert [item.labels for item in alone.items] == ["", ""]


def test_what_systems_leave_behind_is_passed_over_and_the_rest_counted() -> None:
    junk = ["__MACOSX/set/images/._a.png", "set/.DS_Store", "set/images/Thumbs.db", "set/images/._a.png"]
    found = list_members(["set/images/a.png", "set/labels/a.png", "set/manifest.csv", "set/notes.txt", *junk])
    assert len(found.items) == 1
    assert found.tables == ("set/manifest.csv",)
    assert found.ignored == 1


def test_the_same_names_in_any_order_give_the_same_listing() -> None:
    names = [*KAGGLE, "c/images/c.png", "c/masks/9.png", "manifest.csv"]
    shuffled = random.Random(3).sample(names, len(names))
    assert list_members(names) == list_members(shuffled)


def test_an_archive_without_pictures_has_none() -> None:
    assert list_members(["readme.txt"]).items == ()
    assert list_members([]).items == ()


@pytest.mark.parametrize(
    ("group_from", "group"),
    [
        ("auto", "P7_slide-2"),
        ("picture", "P7_slide-2"),
        ("name", "P7_slide-2"),
        ("prefix", "P7_slide"),
        ("folder", "P7"),
        ("table", ""),
    ],
)
def test_the_group_comes_from_the_names_as_asked(group_from: str, group: str) -> None:
    assert group_of(Item("P7_slide-2.png", "set/P7/P7_slide-2.png", folder="P7"), group_from) == group


def test_a_name_without_a_prefix_is_its_own() -> None:
    assert group_of(Item("campo.png", "campo.png"), "prefix") == "campo"
    assert group_of(Item("_campo.png", "_campo.png"), "prefix") == "_campo"
