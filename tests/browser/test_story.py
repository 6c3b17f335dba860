"""The whole story in a real browser: sign in, new case, drop pictures, watch, look, measure, take home."""

from __future__ import annotations

import base64
import csv
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NARROW, OpenPage, Site, sign_in

pytestmark = pytest.mark.timeout(420)

ANALYSED_MS = 300_000
WORDS = {
    "es": {
        "new": "Caso nuevo",
        "refused": "Esto no es una imagen que podamos leer.",
        "nuclei": "núcleos",
        "notice": "Uso en investigación. No es un diagnóstico.",
        "calibrated": "0.25 µm por píxel",
    },
    "en": {
        "new": "New case",
        "refused": "This is not a picture we can read.",
        "nuclei": "nuclei",
        "notice": "Research use. Not a diagnosis.",
        "calibrated": "0.25 µm per pixel",
    },
}
BOUNDS = """() => ["picture", "mask", "overlay"].map((name) => {
  const b = OpenSeadragon.getViewer(document.getElementById("viewer-" + name)).viewport.getBounds(true);
  return [b.x, b.y, b.width, b.height];
})"""
# How much is drawn over the picture: the sum of the opacities of every point of the canvas.
INK = """() => {
  const canvas = document.querySelector("#viewer-overlay canvas.drawn");
  const { width, height } = canvas;
  const copy = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
  copy.drawImage(canvas, 0, 0);
  const data = copy.getImageData(0, 0, width, height).data;
  let sum = 0;
  for (let i = 3; i < data.length; i += 4) sum += data[i];
  return sum;
}"""


def new_case(page: Page, words: dict[str, str], code: str) -> None:
    page.get_by_role("link", name=words["new"]).click()
    page.fill("#id_patient_code", code)
    page.fill("#id_um_per_px", "0.25")
    page.locator("main button.main").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(code)


def drop(page: Page, files: list[tuple[str, bytes]]) -> None:
    """Lets files fall on the box, as a hand with a mouse would."""
    sent = [[name, base64.b64encode(content).decode()] for name, content in files]
    transfer = page.evaluate_handle(
        """(files) => {
          const transfer = new DataTransfer();
          for (const [name, content] of files) {
            const bytes = Uint8Array.from(atob(content), (c) => c.charCodeAt(0));
            transfer.items.add(new File([bytes], name));
          }
          return transfer;
        }""",
        sent,
    )
    page.dispatch_event("form.drop", "dragenter", {"dataTransfer": transfer})
    page.dispatch_event("form.drop", "drop", {"dataTransfer": transfer})


def analysed(page: Page, number: int) -> None:
    tiles = page.locator(".tile[data-state=succeeded]")
    expect(tiles).to_have_count(number, timeout=ANALYSED_MS)
    expect(page.locator("#pictures")).to_have_attribute("data-live", "no", timeout=ANALYSED_MS)


def open_result(page: Page, at: int = 0) -> None:
    page.locator(".tile a.view").nth(at).click()
    page.wait_for_selector("#bench[data-ready=yes]")
    page.wait_for_function(f"() => ({INK})() > 0")


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
    page.wait_for_timeout(900)
    picture, mask, overlay = page.evaluate(BOUNDS)
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
    page.wait_for_timeout(700)  # the picture glides there
    page.keyboard.press("k")
    expect(bench).to_have_attribute("data-nucleus", "1")
    page.wait_for_timeout(700)
    # A click where nucleus 1 lies, in another panel than the one that was used so far, finds it again.
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(bench).to_have_attribute("data-nucleus", "3")
    page.keyboard.press("0")
    page.wait_for_timeout(700)
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
    summary, bench = page.locator(".facts").bounding_box(), page.locator("#bench").bounding_box()
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
    page.keyboard.type("una-clave-de-prueba-7")
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
    page.wait_for_timeout(900)
    picture, mask, overlay = page.evaluate(BOUNDS)
    assert overlay[2] == pytest.approx(before[2][2] / 1.4, rel=0.02)  # one step nearer, not two
    assert picture == pytest.approx(overlay, abs=1e-3) and mask == pytest.approx(overlay, abs=1e-3)
    page.keyboard.press("j")
    page.locator("#nuclei thead th[data-column=area] button").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#nuclei thead th[data-column=area]")).to_have_attribute("aria-sort", "descending")
    assert seen.complaints == []
