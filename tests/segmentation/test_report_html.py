"""The report is one page that needs nothing else, in both languages, and nothing in it is code."""

import re

import numpy as np
import pytest

from segmentation.calibration import reliability
from segmentation.evaluation import PictureFigures, table
from segmentation.gallery import Gallery
from segmentation.metrics import compare
from segmentation.report_html import render
from segmentation.report_words import WORDS, word
from segmentation.synthetic import draw_fluorescence

NAME = "<b>campo & 1"


def report_and_gallery() -> tuple[dict, Gallery]:
    rgb, truth = draw_fluorescence(seed=2, height=96, width=96, nuclei=11, radius_px=7)
    found = np.where(truth == 1, 0, truth)
    nuclei = int(truth.max())
    figures = compare(truth, found)
    row = PictureFigures("U-Net", NAME, "fluorescence-dark", nuclei, nuclei - 1, figures)
    gallery = Gallery([NAME], "test")
    gallery.add(row, rgb, truth, found)
    known = reliability(np.array([0.9, 0.9, 0.2]), np.array([True, True, False]))
    report = {
        "model": "nuclei-<9>",
        "digest": "ab" * 32,
        "read_on": "2026-11-24",
        "part": "test",
        "images": 1,
        "rows": table([row]),
        "confidence": {
            "calibration": known,
            "kinds": {"fluorescence-dark": known},
            "counts": {"level": 0.95, "images": 1, "held": 1, "bias": 0.1, "median_half_width": 0.25},
        },
        "machine": {"processor": "A & B", "cores": "2"},
    }
    return report, gallery


@pytest.mark.parametrize(
    ("language", "words"), [("es", "Informe de evaluación"), ("en", "Evaluation report")]
)
def test_the_page_needs_nothing_from_elsewhere(language: str, words: str) -> None:
    page = render(*report_and_gallery(), language)
    assert words in page and f'<html lang="{language}">' in page
    assert page.count("data:image/jpeg;base64,") == 2  # drawn by lot, and among the worst
    assert not re.search(r"https?://|<script|<link|@import|src='(?!data:)", page)


def test_names_are_text_and_never_markup() -> None:
    page = render(*report_and_gallery(), "es")
    assert NAME not in page and "&lt;b&gt;campo &amp; 1" in page
    assert "nuclei-&lt;9&gt;" in page and "A &amp; B" in page


def test_it_says_figures_with_intervals_bias_with_its_sign_and_calibration() -> None:
    report, gallery = report_and_gallery()
    page = render(report, gallery, "en")
    ap50 = report["rows"][0]["ap50"]
    assert f"{ap50:.3f} <span class='quiet'>({ap50:.3f} – {ap50:.3f})</span>" in page
    bias = report["rows"][0]["counted"]["bias"]
    assert bias < 0 and f"{bias:+.3f}" in page
    assert "Expected calibration error (ECE): 0.133" in page and "<svg" in page
    assert "optimistic" not in page and "optimistic" in render(report | {"part": "validation"}, gallery, "en")


def test_a_network_without_confidence_is_said_to_claim_none() -> None:
    report, gallery = report_and_gallery()
    page = render(report | {"confidence": None, "digest": None}, gallery, "es")
    assert "no declara confianza" in page and "sha256" not in page


def test_every_word_stands_in_both_languages_with_the_same_gaps() -> None:
    for spanish, english in WORDS.values():
        assert sorted(re.findall(r"\{\w+\}", spanish)) == sorted(re.findall(r"\{\w+\}", english))
    assert word("a kind from elsewhere", "es") == "a kind from elsewhere"
