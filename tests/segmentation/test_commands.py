"""The command line as its users meet it: a folder in, labels, overlays and tables out."""

import csv
import json
import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from segmentation.__main__ import main
from segmentation.bundle import find_bundle
from segmentation.commands.segment import found, named
from segmentation.label_files import read_labels, write_labels
from segmentation.synthetic import draw_fluorescence


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")


def save(path: Path, rgb: np.ndarray) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(rgb).save(path)
    return path


def picture(seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    return draw_fluorescence(seed=seed, height=96, width=128, nuclei=8, radius_px=9)


def summary(folder: Path) -> list[dict[str, str]]:
    with (folder / "summary.csv").open(newline="", encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def names(paths: Sequence[str]) -> list[str]:
    return [entry.name for entry in named(iter(map(Path, paths)))]


def test_a_folder_with_a_bad_file_is_finished_and_the_exit_status_says_so(tmp_path: Path, capsys) -> None:
    inputs, output = tmp_path / "in", tmp_path / "out"
    rgb, truth = picture()
    save(inputs / "a.png", rgb)
    save(inputs / "deep" / "b.tif", rgb)
    (inputs / "bad.png").write_bytes(b"this is text")
    (inputs / "notes.txt").write_text("not a picture, not asked for")
    assert main(["segment", str(inputs), "--output", str(output)]) == 1
    rows = {row["name"]: row for row in summary(output)}
    assert sorted(rows) == ["a", "b", "bad"]
    assert rows["bad"]["status"] == "failed" and "picture" in rows["bad"]["error"]
    assert "bad.png" in capsys.readouterr().err
    labels = read_labels(output / "a_labels.png")
    assert labels.shape == truth.shape and int(rows["a"]["nuclei"]) == labels.max() > 0
    with Image.open(output / "a_labels.png") as saved, Image.open(output / "a_overlay.png") as overlay:
        assert saved.mode == "I;16" and overlay.size == (128, 96)
    with (output / "a_nuclei.csv").open(newline="", encoding="utf-8") as lines:
        nuclei = list(csv.DictReader(lines))
    assert len(nuclei) == labels.max()
    assert float(nuclei[0]["area_px2"]) == (labels == int(nuclei[0]["id"])).sum()
    assert rows["a"]["digest"] == json.loads((find_bundle() / "spec.json").read_text())["digest"]
    assert not (output / "bad_labels.png").exists()


def test_a_scale_turns_pixels_into_micrometres(tmp_path: Path) -> None:
    path = save(tmp_path / "field.png", picture()[0])
    assert main(["segment", str(path), "--output", str(tmp_path / "px")]) == 0
    assert main(["segment", str(path), "--output", str(tmp_path / "um"), "--um-per-px", "0.5"]) == 0
    pixels, micrometres = summary(tmp_path / "px")[0], summary(tmp_path / "um")[0]
    assert (pixels["unit"], micrometres["unit"]) == ("px2", "um2")
    assert float(micrometres["median_area"]) == pytest.approx(float(pixels["median_area"]) / 4, abs=0.01)
    assert "area_um2" in (tmp_path / "um" / "field_nuclei.csv").read_text(encoding="utf-8").splitlines()[0]


def test_equal_stems_never_overwrite_each_other() -> None:
    assert names(["x/a.png", "y/a.png", "y/A.tif", "z/b.png"]) == ["a", "a_2", "A_3", "b"]


def test_a_file_that_is_really_called_so_keeps_its_name() -> None:
    assert names(["x/a.png", "y/a.png", "y/a_2.png"]) == ["a", "a_3", "a_2"]


def test_a_picture_named_twice_is_taken_once_and_own_results_are_not_pictures(tmp_path: Path) -> None:
    first = save(tmp_path / "a.png", picture()[0])
    save(tmp_path / "a_overlay.png", picture()[0])
    save(tmp_path / ".hidden.png", picture()[0])
    assert list(found([first, tmp_path], tmp_path)) == [first]
    assert len(list(found([tmp_path], tmp_path / "elsewhere"))) == 2


@pytest.mark.parametrize("scale", ["0", "-1", "nan", "inf", "wide"])
def test_a_scale_must_be_a_positive_number(tmp_path: Path, scale: str, capsys) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["segment", "x.png", "--output", str(tmp_path), f"--um-per-px={scale}"])
    assert stopped.value.code == 2 and "positive" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("language", "words"), [("es_PA.UTF-8", "No se encontró"), ("en_US.UTF-8", "was not found")]
)
def test_a_missing_input_is_said_in_the_shells_language(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys, language: str, words: str
) -> None:
    monkeypatch.setenv("LC_ALL", language)
    assert main(["segment", str(tmp_path / "none"), "--output", str(tmp_path / "out")]) == 1
    assert words in capsys.readouterr().err and not (tmp_path / "out").exists()


def test_an_empty_folder_and_an_unknown_model_are_said(tmp_path: Path, capsys) -> None:
    (tmp_path / "in").mkdir()
    assert main(["segment", str(tmp_path / "in"), "--output", str(tmp_path / "out")]) == 1
    assert "no pictures" in capsys.readouterr().err
    save(tmp_path / "in" / "a.png", picture()[0])
    arguments = ["segment", str(tmp_path / "in"), "--output", str(tmp_path / "out"), "--bundle", "none-9"]
    assert main(arguments) == 1
    assert "none-9" in capsys.readouterr().err


def test_predictions_are_evaluated_beside_both_baselines(tmp_path: Path, capsys) -> None:
    for seed in (1, 2):
        rgb, truth = picture(seed)
        save(tmp_path / "images" / f"p{seed}.png", rgb)
        for folder in ("labels", "found"):
            (tmp_path / folder).mkdir(exist_ok=True)
        write_labels(tmp_path / "labels" / f"p{seed}", truth)
    write_labels(tmp_path / "found" / "p1_labels", picture(1)[1])
    report, page = tmp_path / "report.json", tmp_path / "pages" / "report.html"
    status = main(
        ["evaluate", str(tmp_path / "found"), "--images", str(tmp_path / "images"),
         "--labels", str(tmp_path / "labels"), "--report", str(report),
         "--html", str(page), "--language", "es"]
    )  # fmt: skip
    assert status == 0
    rows = {row["name"]: row for row in json.loads(report.read_text())["rows"] if row["modality"] == "all"}
    # one of two pictures is predicted perfectly, the other not at all
    assert rows["Predicted"]["ap50"] == rows["Predicted"]["aji"] == 0.5
    assert rows["All background"]["dice"] == 0.0
    assert 0.5 < rows["Otsu + watershed"]["dice"] <= 1.0
    assert "| all | Otsu + watershed |" in capsys.readouterr().out
    assert "Informe de evaluación: found" in page.read_text(encoding="utf-8")


def test_a_bundle_that_claims_confidence_is_told_how_far_it_held(tmp_path: Path) -> None:
    for seed in (1, 2):
        rgb, truth = picture(seed)
        save(tmp_path / "images" / f"p{seed}.png", rgb)
        (tmp_path / "labels").mkdir(exist_ok=True)
        write_labels(tmp_path / "labels" / f"p{seed}", truth)
    report = tmp_path / "report.json"
    where = ["--images", str(tmp_path / "images"), "--labels", str(tmp_path / "labels")]
    assert main(["evaluate", "nuclei-2", *where, "--report", str(report)]) == 0
    read = json.loads(report.read_text())
    found = sum(row["predicted"] for row in read["pictures"] if row["method"] == "U-Net")
    assert read["confidence"]["calibration"]["nuclei"] == found > 0
    assert read["confidence"]["counts"]["images"] == 2 and read["machine"]["cores"]


def test_confidence_is_not_fitted_on_too_little(tmp_path: Path, capsys) -> None:
    rgb, truth = picture()
    save(tmp_path / "images" / "p.png", rgb)
    (tmp_path / "labels").mkdir()
    write_labels(tmp_path / "labels" / "p", truth)
    bundle = tmp_path / "bundle"
    shutil.copytree(find_bundle("nuclei-1"), bundle)
    split = tmp_path / "split.csv"
    split.write_text("id,group,modality,part\np,g,fluorescence-dark,validation\n")
    where = ["--images", str(tmp_path / "images"), "--labels", str(tmp_path / "labels")]
    assert main(["confidence", str(bundle), *where, "--split", str(split)]) == 1
    assert "1 validation pictures" in capsys.readouterr().err
    assert not (bundle / "confidence.json").exists()


def test_test_figures_are_recorded_only_for_a_bundles_test_part(tmp_path: Path, capsys) -> None:
    folder = str(tmp_path)
    assert main(["evaluate", folder, "--images", folder, "--labels", folder, "--record"]) == 1
    assert "--part test" in capsys.readouterr().err


def test_a_training_config_with_a_misspelt_setting_is_refused(tmp_path: Path, capsys) -> None:
    config = tmp_path / "c.json"
    config.write_text('{"epoch": 3}')
    folder = str(tmp_path)
    status = main(
        ["train", "--images", folder, "--labels", folder, "--split", folder, "--work", folder,
         "--bundle", folder, "--config", str(config)]
    )  # fmt: skip
    assert status == 1 and "epoch" in capsys.readouterr().err


def test_masks_are_drawn_without_a_network_and_saved_as_an_analysis_is(tmp_path: Path) -> None:
    path = save(tmp_path / "field.png", picture()[0])
    assert main(["mask", str(path), "--output", str(tmp_path / "out")]) == 0
    labels = read_labels(tmp_path / "out" / "field_labels.png")
    (row,) = summary(tmp_path / "out")
    assert row["model"] == "pixel filtering" and int(row["nuclei"]) == labels.max() > 0
    assert (tmp_path / "out" / "field_overlay.png").is_file()
    assert (tmp_path / "out" / "field_nuclei.csv").is_file()
