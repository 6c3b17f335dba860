"""The curator's story to its end, in a real browser: trained with curves moving, in use, and out of use."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PASSWORD, OpenPage, Site, sign_in
from tests.browser.steps import ANALYSED_MS, WORDS, analysed, new_case, open_result
from tests.drawn import encoded
from tests.services import wait_until
from tests.two_dyes import draw_two_dyes, two_dyes_archive

# A training with its network's graph, two evaluations and two analyses, perhaps on a slow machine.
pytestmark = pytest.mark.timeout(2400)
TRAINED_MS = 1_200_000
# A laboratory of its own: what it puts into use is nobody else's.
SET_UP = f"""
from webapp.accounts.models import User
from webapp.accounts.services import clinic_create
clinic = clinic_create(name="Laboratorio del Sur")
User.objects.create_user("sol", password={PASSWORD!r}, clinic=clinic, role="curator")
"""
# At every change of the number of epochs: the number, and what the first curve then looks like.
WATCH = """() => {
  window.seen = [];
  const box = document.querySelector("#curves");
  new MutationObserver(() => setTimeout(() => {
    const canvas = box.querySelector("canvas");
    window.seen.push([Number(box.dataset.epochs), canvas ? canvas.toDataURL() : ""]);
  }, 300)).observe(box, { attributes: true, attributeFilter: ["data-epochs"] });
}"""
EPOCHS = 8
PICTURES, BARE, REJECTED = 32, 2, 2


@pytest.fixture(scope="module")
def laboratory(site: Site) -> Iterator[None]:
    """The curator's laboratory, and the worker of the trainings beside that of the pictures."""
    site.installation.python(SET_UP)
    worker = site.installation.start_worker("training")
    yield
    worker.terminate()
    worker.wait(60)
    site.installation.processes.remove(worker)


def test_trained_from_the_page_put_into_use_and_rolled_back(
    open_page: OpenPage, laboratory: None, tmp_path: Path, pictures_kept: Path | None
) -> None:
    page, seen = open_page("es")
    sign_in(page, "sol")
    frozen(page, tmp_path)
    page.get_by_role("link", name="Entrenar con ella").click()
    trained(page)
    if pictures_kept:
        page.screenshot(path=pictures_kept / "trained.png", full_page=True)
    version = page.get_by_role("link", name="La versión del modelo").get_attribute("href")
    assert version
    page.get_by_role("link", name="Evaluación con la parte de prueba").click()
    evaluated(page)
    if pictures_kept:
        page.screenshot(path=pictures_kept / "evaluated.png", full_page=True)

    promote = page.get_by_role("button", name="Poner en uso")
    wait_until(lambda: page.goto(version) and promote.count(), "the gate has let it pass", 600)
    expect(page.locator("section", has=page.locator("#gate"))).to_contain_text("Superado")
    learnt_from = page.locator("section", has=page.locator("#facts"))
    expect(learnt_from).to_contain_text(f"{PICTURES - REJECTED} imágenes")
    if pictures_kept:
        page.screenshot(path=pictures_kept / "passed.png", full_page=True)
    promote.click()
    expect(page.locator("main")).to_contain_text("nuclei 3 está ahora en uso.")
    analysed_by(page, "P-NUEVO", 80, "nuclei 3")

    page.goto("/models/")
    page.get_by_role("button", name="Volver al modelo de la instalación").click()
    expect(page.locator("main")).to_contain_text("nuclei 2 está ahora en uso.")
    if pictures_kept:
        page.screenshot(path=pictures_kept / "rolled-back.png", full_page=True)
    analysed_by(page, "P-VUELTA", 81, "nuclei 2")
    assert seen.complaints == []


def frozen(page: Page, folder: Path) -> None:
    """An archive of which two pictures come without masks; two rejected by keyboard, the rest frozen."""
    page.get_by_role("link", name="Conjuntos de datos").click()
    page.get_by_role("link", name="Conjunto nuevo").click()
    page.fill("#id_name", "Dos tinciones dibujadas")
    page.locator("main button.main").click()
    page.wait_for_url("**/import/")
    address = page.url.removesuffix("import/")
    archive = folder / "campos.zip"
    archive.write_bytes(two_dyes_archive(PICTURES, BARE))
    page.locator("#files").set_input_files(archive)
    expect(page.locator(".uploads .created")).to_have_count(1)
    page.locator("#done a").click()
    parts = page.locator("#parts")
    expect(parts).to_have_attribute("data-live", "no", timeout=ANALYSED_MS)
    expect(parts).to_contain_text(f"{PICTURES} imágenes agregadas")
    page.get_by_role("link", name=f"Revisar {PICTURES} imágenes").press("Enter")
    expect(page.locator("#grid svg .line")).to_have_count(PICTURES)
    for left in range(PICTURES - 1, PICTURES - REJECTED - 1, -1):
        page.keyboard.press("r")
        expect(page.locator("#left")).to_have_text(str(left))
    page.keyboard.press("*")
    page.keyboard.press("a")
    expect(page.locator("#left")).to_have_text("0")
    page.goto(address)
    page.get_by_role("button", name=f"Congelar {PICTURES - REJECTED} imágenes aprobadas").click()
    page.get_by_role("link", name="Versión 1").click(timeout=ANALYSED_MS)


def trained(page: Page) -> None:
    """A short transfer from the version in use; the curves grow while it runs, without a reload."""
    page.select_option("#id_start", label="nuclei 2")
    page.check("input[name=length][value=own]")
    page.locator("#asked details summary").click()
    page.fill("#id_epochs", str(EPOCHS))
    page.fill("#id_steps_per_epoch", "8")
    page.select_option("#id_batch_size", "4")
    expect(page.locator("#estimate")).to_contain_text("Tomará cerca de")
    page.get_by_role("button", name="Iniciar el entrenamiento").click()
    page.wait_for_selector("#curves")
    page.evaluate(WATCH)
    done = page.locator("#status [data-state=succeeded]")
    expect(done).to_have_count(1, timeout=TRAINED_MS)
    expect(page.locator("#curves")).to_have_attribute("data-epochs", str(EPOCHS))
    page.wait_for_function(f"() => window.seen.at(-1)?.[0] === {EPOCHS}")
    curves = {epochs: drawing for epochs, drawing in page.evaluate("window.seen") if epochs}
    assert len(curves) >= 2, f"only {sorted(curves)} epochs were seen as they came"
    assert len(set(curves.values())) == len(curves), "the curve grew with each"
    expect(page.locator("#curves canvas")).to_have_count(3)


def evaluated(page: Page) -> None:
    """The test part read once: figures beside the baselines, and the panels."""
    expect(page.locator("#status[data-state=succeeded]")).to_have_count(1, timeout=ANALYSED_MS)
    expect(page.locator("table.figures tr.own").first).to_contain_text("nuclei 3")
    panels = page.locator(".panels img")
    expect(panels).to_have_count(3)
    for at in range(3):
        panels.nth(at).scroll_into_view_if_needed()
        expect(panels.nth(at)).to_have_js_property("complete", True)
        assert panels.nth(at).evaluate("image => image.naturalWidth") > 0


def analysed_by(page: Page, code: str, seed: int, version: str) -> None:
    page.goto("/")
    new_case(page, WORDS["es"], code)
    picture = {"name": f"{code}.png", "mimeType": "image/png", "buffer": encoded(draw_two_dyes(seed)[0])}
    page.locator("input[type=file]").set_input_files(picture)  # type: ignore[arg-type]
    analysed(page, 1)
    open_result(page)
    expect(page.locator(".versions strong")).to_have_text(version)
