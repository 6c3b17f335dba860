"""The gate's rules, one by one, without any row."""

from __future__ import annotations

from typing import Any

import pytest

from segmentation.errors import sentence
from tests.webapp.registry.rows import rows
from webapp.registry.verdicts import judge

IN_USE = rows(
    (0.730, 0.490, 0.900), kinds={"pink-purple-HE": (6, 0.70, 0.45), "purple-on-white": (4, 0.70, 0.45)}
)

REFUSED: dict[str, tuple[list[dict[str, Any]], list[str]]] = {
    "fewer nuclei found": (rows((0.412, 0.490, 0.900)), ["gate_ap50_lower"]),
    "outlines that agree less": (rows((0.730, 0.480, 0.900)), ["gate_map_lower"]),
    "areas that agree less": (rows((0.730, 0.490, 0.890)), ["gate_dice_lower"]),
    "one kind of picture that pays for the others": (
        rows((0.75, 0.50, 0.91), kinds={"pink-purple-HE": (6, 0.66, 0.45)}),
        ["gate_kind_ap50_lower"],
    ),
    "outlines of one kind": (
        rows((0.75, 0.50, 0.91), kinds={"pink-purple-HE": (6, 0.70, 0.41)}),
        ["gate_kind_map_lower"],
    ),
    "no better than a simple method": (rows((0.730, 0.490, 0.900), otsu=0.73), ["gate_not_above_otsu"]),
    "no better than nothing at all": (
        rows((0.730, 0.490, 0.900), background=0.8),
        ["gate_not_above_background"],
    ),
    "worse in all": (
        rows((0.1, 0.05, 0.2)),
        ["gate_ap50_lower", "gate_map_lower", "gate_dice_lower", "gate_not_above_otsu"],
    ),
    "too few pictures": (rows((0.9, 0.8, 0.95), images=2), ["gate_too_few"]),
    "a report without figures": ([], ["gate_no_figures"]),
    "a report without the simple methods": (rows((0.9, 0.8, 0.95))[:1], ["gate_no_figures"]),
    "figures that are none": ([{**rows((0.9, 0.8, 0.95))[0], "ap50": None}], ["gate_no_figures"]),
}


@pytest.mark.parametrize("case", REFUSED)
def test_it_refuses(case: str) -> None:
    ours, codes = REFUSED[case]
    said = judge(ours, IN_USE, "nuclei 2")
    assert not said.passed
    assert [why["code"] for why in said.reasons] == codes


PASSED: dict[str, list[dict[str, Any]]] = {
    "better figures": rows((0.8, 0.6, 0.93)),
    "the same figures": rows((0.730, 0.490, 0.900)),
    "figures lower by just the tolerance": rows((0.725, 0.485, 0.895)),
    "a kind lower by just its tolerance": rows((0.73, 0.49, 0.9), kinds={"pink-purple-HE": (6, 0.67, 0.42)}),
    "a kind of too few pictures to tell": rows((0.73, 0.49, 0.9), kinds={"purple-on-white": (4, 0.2, 0.1)}),
    "a kind that the other never saw": rows((0.73, 0.49, 0.9), kinds={"fluorescence-dark": (9, 0.5, 0.3)}),
    "three pictures": rows((0.73, 0.49, 0.9), images=3),
}


@pytest.mark.parametrize("case", PASSED)
def test_it_lets_pass(case: str) -> None:
    said = judge(PASSED[case], IN_USE, "nuclei 2")
    assert said.passed
    assert [why["code"] for why in said.reasons] == ["gate_holds_up", "gate_above_simple"]


def test_where_nothing_is_in_use_the_simple_methods_decide() -> None:
    assert judge(rows((0.5, 0.3, 0.7)), None).passed
    assert not judge(rows((0.3, 0.2, 0.7)), None).passed


def test_figures_of_the_version_in_use_that_are_missing_are_no_licence() -> None:
    assert not judge(rows((0.9, 0.8, 0.95)), [], "nuclei 2").passed


def test_each_reason_is_a_sentence_with_its_figures_in_both_languages() -> None:
    for ours in [found for found, _ in REFUSED.values()] + list(PASSED.values()):
        for why in judge(ours, IN_USE, "nuclei 2").reasons:
            for language in ("es", "en"):
                assert "{" not in sentence(why["code"], why["params"], language)
    (why,) = judge(rows((0.412, 0.49, 0.9)), IN_USE, "nuclei 2").reasons
    assert "AP@0.5 0.412 frente a 0.730 del modelo en uso (nuclei 2)" in sentence(
        why["code"], why["params"], "es"
    )
