"""A picture read by two versions, in a real browser: asked for on its page, laid side by side, told apart."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import NARROW, OpenPage, sign_in
from tests.browser.steps import ANALYSED_MS, WORDS, analysed, new_case, open_result

pytestmark = pytest.mark.timeout(1200)
# Of a square 70 of 100 px are shared: the same nucleus. 6 of 12 columns, just half, or a bay and what fills
# its lower part: not.
AGREEMENT = """async () => {
  const beside = document.querySelector('script[src*="compare"]').src;
  const { agreement } = await import(new URL("agreement.js", beside));
  const box = (x, y, w, h) => [x, y, x + w, y, x + w, y + h, x, y + h];
  const bay = [300, 0, 330, 0, 330, 30, 320, 30, 320, 10, 310, 10, 310, 30, 300, 30];
  const first = [box(0, 0, 10, 10), box(100, 0, 10, 10), bay, box(500, 500, 4, 4)];
  const second = [box(104, 0, 8, 10), box(0, 0, 10, 7), box(300, 10, 30, 20), box(700, 0, 5, 5)];
  return agreement(first, second);
}"""


def test_two_versions_are_compared_on_one_picture(open_page: OpenPage, fields: list[Path]) -> None:
    page, seen = open_page("en")
    sign_in(page)
    new_case(page, WORDS["en"], "P-2V")
    page.locator("input[type=file]").set_input_files(fields[:1])
    analysed(page, 1)
    open_result(page)
    used = page.locator(".versions strong").inner_text()
    page.select_option("#again", index=0)
    page.locator(".versions form button").click()
    page.wait_for_selector("#bench[data-ready=yes]", state="attached", timeout=ANALYSED_MS)
    expect(page.locator(".versions strong")).not_to_have_text(used)
    counts = [int(text.split()[2]) for text in page.locator(".versions li").all_inner_texts()]
    page.locator(".versions li a", has_text="Compare").click()
    page.wait_for_selector("#bench[data-ready=yes]", state="attached")
    both, first, second = (
        int(page.locator(f"#count-{name}").inner_text()) for name in ("both", "first", "second")
    )
    shown = [int(text) for text in page.locator(".beside tbody td:nth-child(2)").all_inner_texts()]
    assert shown == [both + first, both + second]
    assert sorted(shown) == sorted(counts) and both > 0
    found = page.evaluate(AGREEMENT)
    assert found == {"both": [[0, 1]], "onlyFirst": [1, 2, 3], "onlySecond": [0, 2, 3]}
    page.set_viewport_size(NARROW)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert seen.complaints == []
