"""The mask library beside a picture: asked for on its page, answered by the worker, looked at by keyboard."""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from segmentation.label_files import write_labels
from segmentation.synthetic import draw_stained
from tests.browser.conftest import NARROW, PASSWORD, WIDE, OpenPage, Site, sign_in
from tests.browser.steps import WORDS, analysed, drop, new_case, open_result

# A laboratory of its own: what others curate in theirs would fill this library too.
SET_UP = f"""
from webapp.accounts.models import User
from webapp.accounts.services import clinic_create
clinic = clinic_create(name="Laboratorio de la Biblioteca")
User.objects.create_user("mar", password={PASSWORD!r}, clinic=clinic)
"""
STORE = """
import sys
from pathlib import Path
from webapp.accounts.models import Clinic
from webapp.common.storage import file_row, store_bytes
from webapp.datasets.models import Dataset, Sample
clinic = Clinic.objects.get(name="Laboratorio de la Biblioteca")
dataset = Dataset.objects.create(clinic=clinic, name="Frotis de referencia")
for picture in sorted(Path(sys.argv[1]).glob("*_picture.png")):
    def row(path):
        stored = store_bytes(
            clinic_id=clinic.pk, content=path.read_bytes(), media_type="image/png", ext=".png"
        )
        return file_row(clinic_id=clinic.pk, stored=stored)
    name = picture.name.removesuffix("_picture.png")
    Sample.objects.create(
        clinic=clinic, dataset=dataset, name=name + ".png", picture=row(picture),
        labels=row(picture.with_name(name + "_labels.png")), width=320, height=260, group=name,
        category={"1": "linfocito", "2": "neutrófilo"}[name], origin="imported", review="approved",
    )
"""


def field(seed: int) -> tuple[np.ndarray, np.ndarray]:
    return draw_stained(seed=seed, height=260, width=320, nuclei=7)


def png(rgb: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(rgb).save(buffer, format="PNG")
    return buffer.getvalue()


@pytest.mark.timeout(1200)
def test_the_library_is_empty_then_filled_then_found(
    site: Site, open_page: OpenPage, tmp_path: Path, pictures_kept: Path | None
) -> None:
    site.installation.python(SET_UP)
    page, seen = open_page("es", WIDE)
    sign_in(page, "mar")
    new_case(page, WORDS["es"], "P-LIB")
    rgb, _ = field(1)
    drop(page, [("frotis.png", png(rgb[:, ::-1]))])
    analysed(page, 1)
    open_result(page)
    page.locator(".matching-ask summary").click()
    page.locator(".matching-ask button").click()
    expect(page.locator(".note.error")).to_contain_text("biblioteca de máscaras")
    for seed in (1, 2):
        picture, labels = field(seed)
        (tmp_path / f"{seed}_picture.png").write_bytes(png(picture))
        write_labels(tmp_path / f"{seed}_labels", labels)
    site.installation.python(STORE, str(tmp_path))
    page.locator(".matching-ask summary").click()
    page.locator(".matching-ask button").click()
    page.wait_for_selector("#bench[data-ready=yes]")
    rows = page.locator("#regions tbody tr")
    assert rows.count() > 0
    page.keyboard.press("j")
    expect(rows.first).to_have_attribute("aria-selected", "true")
    expect(page.locator("#matches li")).to_have_count(5)
    expect(page.locator("#matches li").first).to_contain_text("linfocito")
    expect(page.locator("#matches li").first).to_contain_text("Frotis de referencia")
    rows.last.click()
    expect(rows.last).to_have_attribute("aria-selected", "true")
    facts = json.loads(page.locator("#viewer-facts").text_content() or "{}")
    assert facts["result"].endswith(".json")
    page.keyboard.press("0")
    for name, size in (("wide", WIDE), ("narrow", NARROW)):
        page.set_viewport_size(size)
        page.wait_for_timeout(300)
        expect(page.locator("#viewer-overlay canvas.drawn")).to_be_visible()
        if pictures_kept:
            page.screenshot(path=pictures_kept / f"matching-{name}.png", full_page=True)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
    assert seen.complaints == []
