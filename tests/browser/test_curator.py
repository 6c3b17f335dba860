"""The curator's story in a real browser: hand in an archive and a folder, review by keyboard, freeze."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from segmentation.synthetic import draw_fluorescence
from tests.browser.conftest import NARROW, PASSWORD, OpenPage, Site, sign_in
from tests.browser.test_ways import NAMELESS

pytestmark = pytest.mark.timeout(1200)
CURATOR = f"""
from webapp.accounts.models import Clinic, User
clinic = Clinic.objects.get(name="Laboratorio del Norte")
User.objects.get_or_create(username="eva", defaults={{"clinic": clinic, "role": "curator"}})
eva = User.objects.get(username="eva")
eva.set_password({PASSWORD!r})
eva.save()
"""
FOCUSED = "() => document.activeElement.closest('.tile')?.querySelector('.name').textContent"


def png(array: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(array)).save(buffer, "PNG")
    return buffer.getvalue()


def kaggle(folder: Path, number: int) -> Path:
    """Drawn fields as BBBC038 has them, one mask a nucleus; and one file that is no picture."""
    path = folder / "campos.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for i in range(number):
            rgb, labels = draw_fluorescence(i, 96, 112, nuclei=5)[:2]
            name = f"campo{i:02d}"
            archive.writestr(f"campos/{name}/images/{name}.png", png(rgb))
            for nucleus in np.unique(labels[labels > 0]):
                mask = np.where(labels == nucleus, 255, 0).astype(np.uint8)
                archive.writestr(f"campos/{name}/masks/{nucleus}.png", png(mask))
        archive.writestr("campos/roto/images/roto.png", b"no picture at all")
    return path


def bare(folder: Path) -> Path:
    """Two pictures without masks in a folder with folders inside."""
    for i, inner in enumerate(("lamina A", "lamina B")):
        (folder / "sueltas" / inner).mkdir(parents=True)
        (folder / "sueltas" / inner / f"suelta{i}.png").write_bytes(
            png(draw_fluorescence(50 + i, 96, 112, nuclei=5)[0])
        )
    return folder / "sueltas"


def hand_in(page: Page, selector: str, path: Path) -> None:
    page.get_by_role("link", name="Import pictures").first.click()
    page.locator(selector).set_input_files(path)
    expect(page.locator(".uploads .created")).to_have_count(1)
    page.locator("#done a").click()
    expect(page.locator("#parts")).to_have_attribute("data-live", "no")


def test_from_an_archive_to_a_frozen_version(
    open_page: OpenPage, site: Site, tmp_path: Path, pictures_kept: Path | None
) -> None:
    site.installation.python(CURATOR)
    page, seen = open_page("en")
    sign_in(page, "eva")
    page.get_by_role("link", name="Data sets").click()
    page.get_by_role("link", name="New data set").click()
    page.fill("#id_name", f"Drawn {tmp_path.name}")
    page.fill("#id_licence", "CC0")
    page.locator("main button.main").click()
    page.wait_for_url("**/import/")
    address = page.url.removesuffix("import/")
    assert page.evaluate(NAMELESS) == []
    page.goto(address)

    hand_in(page, "#files", kaggle(tmp_path, 12))
    expect(page.locator("#parts")).to_contain_text("12 pictures added · 1 skipped")
    hand_in(page, "#folder", bare(tmp_path))
    expect(page.locator("#parts")).to_contain_text("2 pictures added")
    expect(page.locator("#parts")).not_to_contain_text("without a mask")

    review_by_keyboard(page, pictures_kept)
    page.goto(address)
    page.get_by_role("button", name="Freeze 13 approved samples").click()
    page.get_by_role("link", name="Version 1").click()
    expect(page.locator("main")).to_contain_text("13 pictures")
    with page.expect_download() as export:
        page.get_by_role("link", name="Export (ZIP)").click()
    with zipfile.ZipFile(export.value.path()) as archive:
        assert archive.testzip() is None
        assert sum("campo" in name and "images/" in name for name in archive.namelist()) == 11
    if pictures_kept:
        page.screenshot(path=pictures_kept / "version.png", full_page=True)
    assert seen.complaints == []


def review_by_keyboard(page: Page, pictures_kept: Path | None) -> None:
    """No hand on the mouse: one approved, one rejected and put back, one rejected large, the rest."""
    page.get_by_role("link", name="Review 14 samples").press("Enter")
    expect(page.locator("#left")).to_have_text("14")
    expect(page.locator("#grid svg .line")).to_have_count(14)
    assert page.evaluate(NAMELESS) == []
    keys = page.keyboard
    keys.press("a")
    expect(page.locator("#left")).to_have_text("13")
    assert page.evaluate(FOCUSED) == "campo01.png"
    keys.press("r")
    expect(page.locator(".tile").nth(1)).to_have_attribute("data-review", "rejected")
    keys.press("z")
    expect(page.locator("#left")).to_have_text("13")
    expect(page.locator(".tile").nth(1)).to_have_attribute("data-review", "waiting")
    keys.press("ArrowRight")
    keys.press("Shift+ArrowRight")
    expect(page.locator("#chosen")).to_have_text("2 chosen")
    keys.press("Escape")
    expect(page.locator("#chosen")).to_have_text("")
    if pictures_kept:
        page.screenshot(path=pictures_kept / "review.png", full_page=True)
    chosen = page.evaluate(FOCUSED)
    keys.press("Enter")
    page.wait_for_url("**/samples/**")
    expect(page.get_by_role("heading", level=1)).to_have_text(chosen)
    expect(page.locator("#large svg .line")).to_have_count(1)
    assert page.evaluate(NAMELESS) == []
    keys.press("r")
    expect(page.get_by_role("heading", level=1)).not_to_have_text(chosen)
    keys.press("Escape")
    page.wait_for_url("**/review/**")
    expect(page.locator("#left")).to_have_text("12")
    keys.press("?")
    expect(page.locator("#keys")).to_be_visible()
    keys.press("Escape")
    keys.press("*")
    keys.press("a")
    expect(page.locator("#left")).to_have_text("0")
    expect(page.locator("#finished")).to_be_visible()


def test_a_bad_archive_is_told_in_words_on_a_narrow_page(
    open_page: OpenPage, site: Site, tmp_path: Path
) -> None:
    site.installation.python(CURATOR)
    page, _seen = open_page("es", NARROW)
    sign_in(page, "eva")
    page.goto("/datasets/new/")
    page.fill("#id_name", f"Malo {tmp_path.name}")
    page.locator("main button.main").click()
    page.wait_for_url("**/import/")
    not_zip = tmp_path / "malo.zip"
    not_zip.write_bytes(b"these are not the bytes of an archive")
    page.locator("#files").set_input_files(not_zip)
    expect(page.locator(".uploads .refused")).to_contain_text("El archivo no es un ZIP que podamos leer")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_the_admin_shows_its_pages_without_a_complaint(open_page: OpenPage, site: Site) -> None:
    site.installation.python(CURATOR)
    page, seen = open_page("es")
    page.goto("/admin/datasets/sample/")
    page.fill("#id_login", "eva")
    page.fill("#id_password", PASSWORD)
    page.click("main button.main")
    page.wait_for_url("**/admin/datasets/sample/")
    for path in ("", "datasets/dataset/", "datasets/datasetversion/", "jobs/job/", "registry/modelversion/"):
        page.goto(f"/admin/{path}")
        expect(page.locator("#site-name")).to_contain_text("Medula")
    assert seen.complaints == []
