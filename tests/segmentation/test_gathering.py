"""Public layouts on disk become pictures, labels and a split; what cannot be used is named."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from segmentation.__main__ import main
from segmentation.dataset import load_samples, pairs
from segmentation.errors import DataError
from segmentation.gathering import gather
from segmentation.label_files import read_labels
from segmentation.splits import read_split
from tests import drawn


def written(root: Path, files: Mapping[str, bytes]) -> Path:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return root


def truth(seed: int) -> np.ndarray:
    return drawn.field(seed)[1]


def coco(seeds: range) -> bytes:
    """Run lengths of every nucleus, column by column."""
    objects = []
    for seed in seeds:
        for number in range(1, truth(seed).max() + 1):
            flat = np.concatenate([[False], (truth(seed) == number).ravel(order="F")])
            changes = np.flatnonzero(np.diff(flat))
            counts = np.diff(np.concatenate([[0], changes, [flat.size - 1]])).tolist()
            one = {"size": [drawn.SIDE, drawn.SIDE], "counts": counts}
            objects.append({"id": len(objects), "image_id": seed, "segmentation": one, "iscrowd": 0})
    images = [{"id": seed, "file_name": f"p{seed}.png", "height": 64, "width": 64} for seed in seeds]
    return json.dumps({"images": images, "annotations": objects}).encode()


def taken(target: Path) -> dict[str, np.ndarray]:
    found = pairs(target / "images", target / "labels")
    return {stem: read_labels(labels) for stem, _, labels in found}


def test_kaggles_folders_are_gathered_with_the_drawn_truth(tmp_path: Path) -> None:
    source = written(tmp_path / "in", drawn.kaggle(range(5), without_masks=1))
    found = gather(source, tmp_path / "out")
    assert (found.layout, found.pictures, found.without_labels, found.problems) == ("kaggle", 4, 1, [])
    for stem, labels in taken(tmp_path / "out").items():
        np.testing.assert_array_equal(labels, truth(int(stem[1:])))
    samples = load_samples(tmp_path / "out" / "images", tmp_path / "out" / "labels")
    assert len(samples) == 4


def test_pairs_are_gathered_by_the_groups_of_their_table(tmp_path: Path) -> None:
    files = {f"s/images/p{n}.png": drawn.picture(n) for n in range(6)}
    files |= {f"s/labels/p{n}_labels.png": drawn.label_picture(n) for n in range(6)}
    files["s/groups.csv"] = b"id,group\n" + b"".join(f"p{n},g{n // 2}\n".encode() for n in range(6))
    found = gather(written(tmp_path / "in", files), tmp_path / "out")
    rows = read_split(tmp_path / "out" / "split.csv")
    assert (found.layout, len(rows)) == ("pairs", 6)
    assert {row.group for row in rows} == {"g0", "g1", "g2"}


def test_coco_is_recognised_and_gathered(tmp_path: Path) -> None:
    files = {f"train/p{n}.png": drawn.picture(n) for n in range(3)}
    files["annotations/instances.json"] = coco(range(4))
    found = gather(written(tmp_path / "in", files), tmp_path / "out")
    assert (found.layout, found.pictures) == ("coco", 3)
    assert [(p.name, p.code) for p in found.problems] == [("p3.png", "labels_without_picture")]
    for stem, labels in taken(tmp_path / "out").items():
        np.testing.assert_array_equal(labels > 0, truth(int(stem[1:])) > 0)
        assert labels.max() == drawn.nuclei(int(stem[1:]))


def test_two_pictures_of_one_name_in_two_folders_both_stay(tmp_path: Path) -> None:
    files = {f"{c}/a.png": drawn.picture(n) for n, c in enumerate("xy")}
    files |= {f"{c}/a_mask.png": drawn.label_picture(n) for n, c in enumerate("xy")}
    found = gather(written(tmp_path / "in", files), tmp_path / "out", layout="classes")
    assert found.pictures == 2 and set(taken(tmp_path / "out")) == {"a", "y_a"}


def test_what_cannot_be_used_is_named_and_the_rest_is_taken(tmp_path: Path) -> None:
    files = {f"images/p{n}.png": drawn.picture(n) for n in range(5)}
    files |= {f"labels/p{n}.png": drawn.label_picture(n) for n in (0, 1)}
    files["labels/p2.png"] = drawn.encoded(np.ones((9, 9), np.uint16))
    files["labels/p3.png"] = b"no picture"
    files["images/p1.png"] = drawn.picture(1)[:200]
    found = gather(written(tmp_path / "in", files), tmp_path / "out")
    codes = {problem.name: problem.code for problem in found.problems}
    assert codes == {
        "images/p1.png": "damaged", "images/p2.png": "mask_size", "images/p3.png": "labels_unreadable",
    }  # fmt: skip
    assert (found.pictures, found.without_labels) == (1, 1)


def test_a_set_without_labels_or_a_folder_in_use_is_refused(tmp_path: Path) -> None:
    source = written(tmp_path / "in", {"a/1.png": drawn.picture(1), "b/2.png": drawn.picture(2)})
    with pytest.raises(DataError) as caught:
        gather(source, tmp_path / "out")
    assert caught.value.code == "data_without_labels"
    written(tmp_path / "mine", {"thesis.txt": b"do not lose me"})
    with pytest.raises(DataError) as caught:
        gather(source, tmp_path / "mine")
    assert caught.value.code == "gather_occupied" and (tmp_path / "mine" / "thesis.txt").exists()
    for layout, code in (("coco", "coco_missing"), ("auto", "data_missing")):
        with pytest.raises(DataError) as caught:
            gather(source if layout == "coco" else tmp_path / "none", tmp_path / "out", layout)
        assert caught.value.code == code


def test_gathering_again_gives_the_same_files(tmp_path: Path) -> None:
    source = written(tmp_path / "in", drawn.kaggle(range(6)))
    gather(source, tmp_path / "out")
    first = (tmp_path / "out" / "split.csv").read_bytes()
    gather(source, tmp_path / "out")
    assert (tmp_path / "out" / "split.csv").read_bytes() == first and len(taken(tmp_path / "out")) == 6


def test_a_name_of_the_split_without_its_picture_or_labels_is_an_error(tmp_path: Path) -> None:
    files = {"images/a.png": drawn.picture(1), "images/b.png": drawn.picture(2)}
    source = written(tmp_path, files | {"labels/a.png": drawn.label_picture(1)})
    with pytest.raises(DataError) as caught:
        pairs(source / "images", source / "labels", ["a", "b"])
    assert caught.value.code == "data_incomplete" and "b" in str(caught.value)


def test_predictions_are_evaluated_against_a_public_layout(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")
    source = written(tmp_path / "in", drawn.kaggle(range(2)))
    written(tmp_path / "found", {f"p{n}.png": drawn.label_picture(n) for n in range(2)})
    report = tmp_path / "report.json"
    arguments = ["evaluate", str(tmp_path / "found"), "--data", str(source), "--report", str(report)]
    assert main(arguments) == 0
    rows = {row["name"]: row for row in json.loads(report.read_text())["rows"] if row["modality"] == "all"}
    assert rows["Predicted"]["ap50"] == 1.0
    assert main(["evaluate", str(tmp_path / "found")]) == 1
    assert "--data" in capsys.readouterr().err
    assert main(["gather", str(source), "--to", str(tmp_path / "out")]) == 0
    assert "kaggle: 2 pictures" in capsys.readouterr().out
