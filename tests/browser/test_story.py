"""The whole story in a real browser: sign in, new case, drop pictures, watch, look, measure, take home."""

from __future__ import annotations

import csv
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage, Site, sign_in
from tests.browser.steps import BOUNDS, INK, WORDS, analysed, at_rest, drop, new_case, open_result

pytestmark = pytest.mark.timeout(1200)


@pytest.mark.parametrize("language", ["es", "en"])
def test_from_the_door_to_the_csv(
    open_page: OpenPage,
    site: Site,
    fields: list[Path],
    tmp_path: Path,
    language: str,
    pictures_kept: Path | None,
) -> None:
    words = WORDS[language]
    page, seen = open_page(language)
    sign_in(page)
    new_case(page, words, f"P-{language}")
    assert words["calibrated"] in page.locator("main").inner_text()

    drop(page, [(path.name, path.read_bytes()) for path in fields] + [("nota.png", b"only words")])
    expect(page.locator(".uploads .refused")).to_contain_text(words["refused"])
    expect(page.locator(".tile")).to_have_count(3)
    analysed(page, 3)
    if pictures_kept:
        page.screenshot(path=pictures_kept / f"case-{language}.png", full_page=True)

    open_result(page)
    expect(page.locator("footer")).to_have_text(words["notice"])
    count = int(page.locator("#count").inner_text())
    assert count > 0
    expect(page.locator("#nuclei tbody tr")).to_have_count(count)
    viewers_move_together(page)
    overlay_obeys(page)
    table_and_picture_know_each_other(page)
    if pictures_kept:
        page.screenshot(path=pictures_kept / f"result-{language}.png", full_page=True)

    rows = take_csv(page, tmp_path)
    assert len(rows) == count
    assert float(rows[0]["area_um2"]) > 0
    assert all("not a diagnosis" in row["notice"] for row in rows)
    assert seen.complaints == []
    assert seen.hosts == {urlsplit(site.address).netloc}


def viewers_move_together(page: Page) -> None:
    whole = page.evaluate(BOUNDS)
    page.keyboard.press("+")
    page.keyboard.press("+")
    page.wait_for_function(f"(before) => ({BOUNDS})()[0][2] < before * 0.6", arg=whole[0][2])
    box = page.locator("#viewer-mask").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 40, y - 25, steps=5)
    page.mouse.up()
    picture, mask, overlay = at_rest(page, whole)
    assert mask[0] > whole[1][0] + 0.01
    assert picture == pytest.approx(mask, abs=1e-3)
    assert overlay == pytest.approx(mask, abs=1e-3)
    page.keyboard.press("0")
    page.wait_for_function(f"(before) => Math.abs(({BOUNDS})()[2][2] - before) < 0.01", arg=whole[2][2])


def overlay_obeys(page: Page) -> None:
    before = page.evaluate(INK)
    page.locator("#opacity").focus()
    for _ in range(8):
        page.keyboard.press("ArrowRight")
    expect(page.locator("#opacity-said")).to_have_text("60 %")
    page.wait_for_function(f"(before) => ({INK})() > before * 1.2", arg=before)
    filled = page.evaluate(INK)
    page.uncheck("#outlines-on")
    page.wait_for_function(f"(filled) => ({INK})() < filled", arg=filled)
    page.check("#outlines-on")
    page.locator("h1").click()
    page.keyboard.down("o")
    page.wait_for_function(f"() => ({INK})() === 0")
    page.keyboard.up("o")
    page.wait_for_function(f"() => ({INK})() > 0")
    page.keyboard.press("1")
    expect(page.locator("#viewer-mask")).to_be_hidden()
    page.keyboard.press("3")
    expect(page.locator("#viewer-mask")).to_be_visible()
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#keys")).to_be_hidden()


def table_and_picture_know_each_other(page: Page) -> None:
    bench, rows = page.locator("#bench"), page.locator("#nuclei tbody tr")
    rows.nth(1).locator("button").click()
    expect(bench).to_have_attribute("data-nucleus", "2")
    expect(rows.nth(1)).to_have_attribute("aria-selected", "true")
    at_rest(page)  # the picture glides there
    page.keyboard.press("k")
    expect(bench).to_have_attribute("data-nucleus", "1")
    at_rest(page)
    # A click where nucleus 1 lies, in another panel than the one that was used so far, finds it again.
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(bench).to_have_attribute("data-nucleus", "3")
    page.keyboard.press("0")
    at_rest(page)
    place = page.evaluate(
        """async () => {
          const facts = JSON.parse(document.getElementById("viewer-facts").textContent);
          const nuclei = (await (await fetch(facts.nuclei)).json()).columns;
          const viewer = OpenSeadragon.getViewer(document.getElementById("viewer-picture"));
          const point = new OpenSeadragon.Point(nuclei.x[0], nuclei.y[0]);
          const at = viewer.world.getItemAt(0).imageToViewerElementCoordinates(point);
          return [at.x, at.y];
        }"""
    )
    page.locator("#viewer-picture").click(position={"x": place[0], "y": place[1]})
    expect(bench).to_have_attribute("data-nucleus", "1")
    expect(rows.first).to_have_attribute("aria-selected", "true")
    page.locator("#nuclei thead th[data-column=area] button").click()
    expect(page.locator("#nuclei thead th[data-column=area]")).to_have_attribute("aria-sort", "descending")
    areas = [
        float(text.replace(",", ""))
        for text in page.locator("#nuclei tbody td:nth-child(2)").all_inner_texts()
    ]
    assert areas == sorted(areas, reverse=True)


def take_csv(page: Page, folder: Path) -> list[dict[str, str]]:
    page.locator(".downloads summary").click()
    with page.expect_download() as waiting:
        page.locator(".downloads a[href$='nuclei.csv']").click()
    path = folder / waiting.value.suggested_filename
    assert path.name.endswith("_research-use.csv")
    waiting.value.save_as(path)
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))
