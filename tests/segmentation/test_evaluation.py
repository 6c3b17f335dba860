"""Tables of figures: one row a method and modality, baselines beside ours, nothing rounded away."""

import numpy as np
import pytest

from segmentation.baselines import all_background, otsu_watershed
from segmentation.evaluation import PictureFigures, evaluate, markdown, table
from segmentation.metrics import compare
from segmentation.synthetic import draw_fluorescence


def cases():
    for seed, kind in ((1, "fluorescence-dark"), (2, "fluorescence-dark"), (3, "pink-purple-HE")):
        rgb, truth = draw_fluorescence(seed=seed, height=96, width=128, nuclei=8, radius_px=9)
        yield f"p{seed}", kind, (255 - rgb if kind == "pink-purple-HE" else rgb), truth


def test_every_modality_and_all_have_a_row_for_ours_and_both_baselines() -> None:
    truths = {name: truth for name, _, _, truth in cases()}
    rows = table(evaluate(cases(), "U-Net", lambda name, rgb: truths[name]))
    assert [(r["modality"], r["name"]) for r in rows[:3]] == [
        ("all", "U-Net"),
        ("all", "Otsu + watershed"),
        ("all", "All background"),
    ]
    assert len(rows) == 9
    ours, otsu, empty = rows[:3]
    assert ours["map"] == ours["dice"] == 1.0 and ours["images"] == 3
    assert 0.3 < otsu["ap50"] <= 1.0 and empty["ap50"] == 0.0 and empty["predicted"] == 0
    assert ours["nuclei"] == sum(len(np.unique(t)) - 1 for t in truths.values())
    assert [r["images"] for r in rows[3:]] == [2, 2, 2, 1, 1, 1]
    assert "| pink-purple-HE | U-Net | 1 |" in markdown(rows)


def test_otsu_finds_bright_nuclei_on_dark_and_dark_ones_on_bright() -> None:
    rgb, truth = draw_fluorescence(seed=9, height=128, width=128, nuclei=8, radius_px=10)
    for picture in (rgb, 255 - rgb):
        assert compare(truth, otsu_watershed(picture))["dice"] > 0.7


def test_an_even_field_has_no_nuclei_for_otsu_and_none_for_the_empty_mask() -> None:
    even = np.full((40, 40, 3), 90, np.uint8)
    assert not all_background(even).any()
    assert otsu_watershed(even).max() <= 1


def test_rows_say_their_intervals_and_the_counts_bias_over_pictures_with_many_nuclei() -> None:
    def row(name: str, nuclei: int, predicted: int, ap50: float) -> PictureFigures:
        figures = {"ap50": ap50, "count_error": abs(predicted - nuclei) / nuclei}
        return PictureFigures("U-Net", name, "fluorescence-dark", nuclei, predicted, figures)

    rows = table([row("a", 20, 15, 0.5), row("b", 10, 11, 0.7), row("c", 2, 4, 0.9)])
    ours = rows[0]
    low, high = ours["intervals"]["ap50"]
    assert 0.5 <= low < ours["ap50"] == 0.7 < high <= 0.9
    assert ours["counted"]["images"] == 2
    assert ours["counted"]["count_error"] == pytest.approx(0.175) and ours["counted"]["bias"] == -0.075
    assert ours["counted"]["intervals"]["bias"] == [-0.25, 0.1]
    assert table([row("c", 2, 4, 0.9)])[0]["counted"] is None
