"""import: archives of annotated pictures, good and bad, become samples and a report."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator

import numpy as np
import pytest

from segmentation.errors import sentence
from segmentation.label_files import read_labels
from tests import drawn
from tests.worker.curation import codes, hand_in, new_dataset
from webapp.common.storage import absolute
from webapp.datasets.models import Sample
from webapp.jobs.models import Job, State
from worker import decoder
from worker.runner import run_next

pytestmark = pytest.mark.usefixtures("ledger")


@pytest.fixture(autouse=True, scope="module")
def closed_decoder() -> Iterator[None]:
    yield
    decoder.shared().close()


def labels_of(sample: Sample) -> np.ndarray:
    assert sample.labels is not None
    return read_labels(absolute(sample.labels.path))


def test_kaggles_folders_become_samples_with_the_drawn_truth() -> None:
    dataset = new_dataset(source="BBBC038", licence="CC0")
    row = hand_in(dataset, drawn.kaggle(range(1, 4), without_masks=1), specimen="culture", draw_masks=True)
    assert row.job.state == State.SUCCEEDED
    assert row.report | {"skipped": []} == {
        "layout": "kaggle", "added": 3, "known": 0, "with_masks": 2, "without_masks": 1, "ignored": 0,
        "skipped": [], "skipped_count": 0,
    }  # fmt: skip
    bare, sample, _ = dataset.samples.order_by("name")
    np.testing.assert_array_equal(labels_of(sample), drawn.field(2)[1])
    assert (sample.nuclei_count, sample.origin, sample.review) == (drawn.nuclei(2), "imported", "waiting")
    assert (sample.source, sample.licence, sample.specimen) == ("BBBC038", "CC0", "culture")
    assert (sample.width, sample.height, sample.modality) == (64, 64, "fluorescence-dark")
    assert absolute(sample.picture.path).read_bytes() == drawn.picture(2)
    assert sample.thumbnail and sample.thumbnail.media_type == "image/jpeg"
    assert sample.outlines
    polygons = json.loads(absolute(sample.outlines.path).read_bytes())["outlines"]
    assert len(polygons) == sample.nuclei_count
    assert (bare.labels, bare.origin, bare.nuclei_count) == (None, "none", None)
    job = Job.objects.get(kind="mask")
    assert (bare.mask_job, job.payload) == (job, {"sample_id": str(bare.pk)})


def test_pairs_of_folders_with_a_table_of_groups() -> None:
    dataset = new_dataset()
    files = {f"set/images/{n}.png": drawn.picture(n) for n in (1, 2)}
    files |= {f"set/labels/{n}.png": drawn.label_picture(n) for n in (1, 2)}
    files["set/manifest.csv"] = b"id,group,modality,category\n1,P7,purple-on-white,all\n2,P8,,\n"
    row = hand_in(dataset, files, group_from="table")
    assert row.report["layout"] == "pairs"
    one, two = dataset.samples.order_by("name")
    assert (one.group, one.modality, one.category) == ("P7", "purple-on-white", "all")
    assert (two.group, two.modality, two.category) == ("P8", "fluorescence-dark", "")
    assert one.nuclei_count == drawn.nuclei(1)


def test_one_folder_a_class_keeps_class_and_subject() -> None:
    dataset = new_dataset()
    files = {
        "C-NMC/fold_0/all/UID_11_1_1_all.bmp": drawn.encoded(drawn.field(1)[0], "BMP"),
        "C-NMC/fold_0/hem/UID_H4_1_1_hem.bmp": drawn.encoded(drawn.field(2)[0], "BMP"),
    }
    assert hand_in(dataset, files).report["layout"] == "classes"
    found = dataset.samples.order_by("name").values_list("category", "group", "picture__media_type")
    assert list(found) == [("all", "UID_11", "image/bmp"), ("hem", "UID_H4", "image/bmp")]
    assert not Job.objects.filter(kind="mask").exists()


def test_the_same_pictures_again_are_known_and_not_doubled() -> None:
    dataset = new_dataset()
    hand_in(dataset, drawn.kaggle(range(1, 3)))
    files = {**drawn.kaggle(range(2, 4)), "stage1/copy/images/copy.png": drawn.picture(3)}
    row = hand_in(dataset, files)
    assert (row.report["added"], row.report["known"]) == (1, 2)
    assert dataset.samples.count() == 3


def test_a_second_attempt_adds_nothing_twice() -> None:
    dataset = new_dataset()
    row = hand_in(dataset, drawn.kaggle(range(1, 3)))
    Job.objects.filter(pk=row.job_id).update(state=State.QUEUED)
    assert run_next("pictures")
    assert dataset.samples.count() == 2


def test_groups_that_were_handed_in_with_the_import_go_before_the_names() -> None:
    dataset = new_dataset()
    files = {"P1_a.png": drawn.picture(1), "P2_b.png": drawn.picture(2), "P2_c.png": drawn.picture(3)}
    hand_in(dataset, files, group_from="prefix", groups={"P2_c": "P9"})
    assert list(dataset.samples.order_by("name").values_list("group", flat=True)) == ["P1", "P2", "P9"]


def test_what_cannot_be_used_is_left_out_and_named() -> None:
    dataset = new_dataset()
    seeds = {"good": 1, "twice": 2, "size": 3, "lossy": 4, "torn": 5, "text": 6, "nogroup": 7}
    files = {f"images/{name}.png": drawn.picture(seed) for name, seed in seeds.items()}
    files |= {f"labels/{name}.png": drawn.label_picture(seed) for name, seed in seeds.items()}
    files["labels/twice_mask.png"] = drawn.label_picture(2)
    files["labels/size.png"] = drawn.encoded(drawn.field(3)[1][:, :-1].astype(np.uint16))
    files["labels/lossy.png"] = drawn.encoded(drawn.field(4)[1].astype(np.uint8), "JPEG")
    files["images/torn.png"] = drawn.picture(5)[:-200]
    files["images/text.png"] = b"not a picture at all"
    files["labels/orphan.png"] = drawn.label_picture(1)
    files["groups.csv"] = "".join(f"{n},P{s}\n" for n, s in {"id": "group", **seeds}.items()).encode()
    files["groups.csv"] = files["groups.csv"].replace(b"Pgroup", b"group").replace(b"nogroup,P7\n", b"")
    row = hand_in(dataset, files, group_from="table")
    assert row.job.state == State.SUCCEEDED
    assert codes(row) == {
        "twice.png": "two_masks",
        "size.png": "mask_size",
        "lossy.png": "labels_lossy",
        "torn.png": "damaged",
        "text.png": "unknown_format",
        "nogroup.png": "no_group",
        "orphan.png": "labels_without_picture",
    }
    assert list(dataset.samples.values_list("name", flat=True)) == ["good.png"]
    for problem in row.report["skipped"]:
        for language in ("es", "en"):
            assert sentence(problem["code"], problem["params"], language)


def test_overlapping_empty_and_misfitting_masks_leave_only_their_picture_out() -> None:
    dataset = new_dataset()
    files = drawn.kaggle(range(1, 5))
    files["stage1/p2/masks/again.png"] = files["stage1/p2/masks/n0.png"]
    files["stage1/p3/masks/none.png"] = drawn.encoded(np.zeros((64, 64), np.uint8))
    files["stage1/p4/masks/large.png"] = drawn.encoded(np.full((64, 65), 255, np.uint8))
    row = hand_in(dataset, files)
    assert codes(row) == {"p2.png": "masks_overlap", "p3.png": "mask_empty", "p4.png": "mask_size"}
    (overlap,) = (p for p in row.report["skipped"] if p["code"] == "masks_overlap")
    assert overlap["params"]["pixels"] == int((drawn.field(2)[1] == 1).sum())
    assert dataset.samples.count() == 1


def test_a_picture_left_out_may_come_again_with_right_labels() -> None:
    dataset = new_dataset()
    files = {"images/a.png": drawn.picture(1), "labels/a.png": b"", "images/b.png": drawn.picture(1)}
    row = hand_in(dataset, {**files, "labels/b.png": drawn.label_picture(1)})
    assert (row.report["added"], codes(row)) == (1, {"a.png": "labels_unreadable"})


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ({"a.png": b"x", "../b.png": b"x"}, "archive_path"),
        ({"readme.txt": b"x"}, "import_no_pictures"),
        ({}, "import_no_pictures"),
        ({"a.png": b"x", "groups.csv": b"colour,size\n1,2\n"}, "table_unreadable"),
        ({"a.png": b"x", "groups.csv": b"id,group\na,1\na,2\n"}, "table_conflict"),
        (b"PK\x03\x04 but nothing more", "archive_unreadable"),
    ],
)
def test_a_hostile_or_useless_archive_fails_whole_in_one_sentence(
    files: dict[str, bytes] | bytes, code: str
) -> None:
    dataset = new_dataset()
    row = hand_in(dataset, files)
    assert (row.job.state, row.job.error_code) == (State.FAILED, code)
    assert sentence(code, row.job.error_params, "es") != sentence(code, row.job.error_params, "en")
    assert row.report == {}
    assert not dataset.samples.exists()


def test_a_bomb_fails_whole_and_keeps_nothing_of_the_archive() -> None:
    dataset = new_dataset()
    bomb = {"a.png": drawn.picture(1), "b.bmp": b"BM" + bytes(240_000_000)}
    row = hand_in(dataset, drawn.zipped(bomb, zipfile.ZIP_DEFLATED))
    assert (row.job.state, row.job.error_code) == (State.FAILED, "import_bomb")
    assert not dataset.samples.exists()


def test_ten_thousand_names_are_listed_and_twenty_thousand_and_one_refused() -> None:
    dataset = new_dataset()
    row = hand_in(dataset, {"a.png": drawn.picture(1), **{f"{n}.txt": b"" for n in range(10_000)}})
    assert (row.report["added"], row.report["ignored"]) == (1, 10_000)
    row = hand_in(dataset, {f"{n}.png": b"" for n in range(20_001)})
    assert row.job.error_code == "import_names"


def test_a_long_group_is_cut_without_becoming_another_ones() -> None:
    dataset = new_dataset()
    long = "P" * 130
    groups = {"a": f"{long}1", "b": f"{long}2"}
    hand_in(dataset, {"a.png": drawn.picture(1), "b.png": drawn.picture(2)}, groups=groups)
    found = set(dataset.samples.values_list("group", flat=True))
    assert len(found) == 2
    assert max(map(len, found)) <= 120
