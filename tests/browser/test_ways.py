"""Other ways to the same end: on a phone, without a mouse, with second thoughts."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NARROW, PASSWORD, OpenPage, Site, sign_in
from tests.browser.steps import BOUNDS, INK, WORDS, analysed, at_rest, new_case, open_result
from tests.installation import family

pytestmark = pytest.mark.timeout(1200)


def test_on_a_phone_the_summary_comes_first_and_panels_are_tabs(
    open_page: OpenPage, fields: list[Path], pictures_kept: Path | None
) -> None:
    page, seen = open_page("es", NARROW, "dark")
    sign_in(page)
    new_case(page, WORDS["es"], "P-390")
    page.locator("input[type=file]").set_input_files(fields[:1])
    analysed(page, 1)
    no_sideways_scroll(page)
    open_result(page)
    no_sideways_scroll(page)
    summary = page.locator(".facts:not(.confirm)").bounding_box()
    bench = page.locator("#bench").bounding_box()
    assert summary is not None and bench is not None and summary["y"] < bench["y"]
    expect(page.locator("#viewer-mask")).to_be_hidden()
    page.locator("[data-show=mask]").click()
    expect(page.locator("#viewer-mask")).to_be_visible()
    expect(page.locator("#viewer-overlay")).to_be_hidden()
    if pictures_kept:
        page.screenshot(path=pictures_kept / "result-390.png", full_page=True)
    assert seen.complaints == []


def no_sideways_scroll(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


NAMELESS = """() => [...document.querySelectorAll("a, button, input, select, summary, [role]")]
  .filter((element) => element.type !== "hidden")
  .filter((element) => element.checkVisibility?.() ?? true)
  .filter((element) => {
    const label = element.labels?.[0]?.innerText ?? "";
    const by = document.getElementById(element.getAttribute("aria-labelledby") ?? "")?.innerText ?? "";
    const words = [element.getAttribute("aria-label"), by, label, element.innerText, element.title];
    return !["status", "alert", "group", "search"].includes(element.getAttribute("role")) &&
      !words.some((word) => word?.trim());
  })
  .map((element) => element.outerHTML.slice(0, 120))"""


def test_hands_off_the_mouse_and_a_name_for_everything(open_page: OpenPage, fields: list[Path]) -> None:
    page, seen = open_page("en")
    page.goto("/")
    assert page.evaluate(NAMELESS) == []
    page.keyboard.type("ben")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/")
    new_case(page, WORDS["en"], "P-keys")
    assert page.evaluate(NAMELESS) == []
    page.locator("input[type=file]").set_input_files(fields[2:])
    analysed(page, 1)
    assert page.evaluate(NAMELESS) == []
    page.locator(".tile a.view").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("#bench[data-ready=yes]")
    page.wait_for_function(f"() => ({INK})() > 0")
    assert page.evaluate(NAMELESS) == []
    page.locator("#viewer-overlay .openseadragon-canvas").focus()
    before = page.evaluate(BOUNDS)
    for key in ("r", "f", "d", "+", "ArrowRight"):
        page.keyboard.press(key)
    picture, mask, overlay = at_rest(page, before)
    assert overlay[2] == pytest.approx(before[2][2] / 1.4, rel=0.02)  # one step nearer, not two
    assert picture == pytest.approx(overlay, abs=1e-3) and mask == pytest.approx(overlay, abs=1e-3)
    page.keyboard.press("j")
    page.locator("#nuclei thead th[data-column=area] button").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#nuclei thead th[data-column=area]")).to_have_attribute("aria-sort", "descending")
    assert seen.complaints == []


def test_second_thoughts(open_page: OpenPage, site: Site, fields: list[Path]) -> None:
    page, seen = open_page("es")
    sign_in(page)
    new_case(page, WORDS["es"], "P-cancel")
    # The worker holds its breath, so that the picture stays in the queue for as long as this takes.
    worker = family(site.worker_pid)
    for process in worker:
        process.suspend()
    try:
        page.locator("input[type=file]").set_input_files(fields[:1])
        tile = page.locator(".tile")
        expect(tile).to_contain_text("En cola, número 1")
        tile.get_by_role("button", name="Cancelar").click()
        expect(tile).to_contain_text("Cancelado")
        expect(page.locator("#pictures")).to_have_attribute("data-live", "no")
        tile.get_by_role("button", name="Reintentar").click()
        expect(tile).to_contain_text("En cola, número 1")
    finally:
        for process in worker:
            process.resume()
    analysed(page, 1)
    page.locator("input[type=file]").set_input_files(fields[:1])
    expect(page.locator(".uploads .duplicate")).to_contain_text("Esta imagen ya estaba, como campo 1.png.")
    assert seen.complaints == []


def test_a_session_that_ended_leads_to_the_door(open_page: OpenPage, fields: list[Path]) -> None:
    page, seen = open_page("es")
    sign_in(page)
    new_case(page, WORDS["es"], "P-out")
    page.context.clear_cookies(name="medula_session")
    page.locator("input[type=file]").set_input_files(fields[:1])
    expect(page.locator(".uploads .refused")).to_contain_text("Su sesión terminó.")
    page.reload()
    expect(page.locator("#id_password")).to_be_visible()
    assert seen.complaints == []
