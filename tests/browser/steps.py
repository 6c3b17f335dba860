"""What the stories in the browser have in common: words, steps, and questions to the page."""

from __future__ import annotations

import base64

from playwright.sync_api import Page, expect

from tests.services import wait_until

ANALYSED_MS = 600_000
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


def at_rest(page: Page, otherwise: list[list[float]] | None = None) -> list[list[float]]:
    """Where the three panels stand once they glide no more; `otherwise`: and no longer where they stood."""
    before: list[list[float]] = []

    def rests() -> bool:
        nonlocal before
        page.wait_for_timeout(400)
        now = page.evaluate(BOUNDS)
        same = before and all(
            abs(a - b) < 1e-6
            for old, new in zip(before, now, strict=True)
            for a, b in zip(old, new, strict=True)
        )
        before = now
        return bool(same) and now != otherwise

    wait_until(rests, "the panels come to rest")
    return before
