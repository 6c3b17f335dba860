"""The page of tokens and the API's own page, as a person without internet sees them."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from playwright.sync_api import expect

from tests.browser.conftest import NARROW, WIDE, OpenPage, Site, sign_in

pytestmark = pytest.mark.timeout(600)


def test_a_token_is_made_copied_used_and_revoked(
    open_page: OpenPage, site: Site, pictures_kept: Path | None
) -> None:
    page, seen = open_page("es", NARROW)
    sign_in(page)
    page.click(".menu > summary")
    page.click("text=Tokens")
    page.fill("#id_name", "microscopio 2")
    page.check("input[value=upload]")
    page.click("main button.main")
    secret = page.input_value("#secret")
    headers = {"Authorization": f"Bearer {secret}"}
    assert requests.get(site.url("/api/v1/cases/"), headers=headers, timeout=60).status_code == 200
    if pictures_kept:
        page.screenshot(path=pictures_kept / "tokens-390.png", full_page=True)
        page.set_viewport_size(WIDE)
        page.screenshot(path=pictures_kept / "tokens-1280.png", full_page=True)
        page.set_viewport_size(NARROW)
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
    page.goto("/accounts/tokens/")
    expect(page.locator("#secret")).to_have_count(0)
    page.click(".tokens form button")
    expect(page.locator(".note.success")).to_be_visible()
    assert requests.get(site.url("/api/v1/cases/"), headers=headers, timeout=60).status_code == 401
    assert seen.complaints == []


@pytest.mark.parametrize("signed_in", [True, False])
def test_the_document_is_shown_without_any_other_host(
    open_page: OpenPage, site: Site, signed_in: bool, pictures_kept: Path | None
) -> None:
    page, seen = open_page("es")
    if signed_in:
        sign_in(page)
    page.goto("/api/v1/docs/")
    page.wait_for_selector(".opblock-tag")
    assert page.locator(".opblock-tag").count() > 8
    page.locator(".opblock-tag", has_text="batches").first.click()
    page.wait_for_selector(".opblock-summary-path")
    if pictures_kept:
        page.screenshot(path=pictures_kept / f"docs-{signed_in}.png")
    assert seen.hosts == {urlsplit(site.address).netloc}
    assert seen.complaints == []
