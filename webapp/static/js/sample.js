// One sample large: O hides the outlines, A and R decide, the arrows lead to the neighbours.

import { drawOutlines } from "./outlines.js";
import { isTyping } from "./page.js";

const view = document.getElementById("large");
const keys = document.getElementById("keys");
const on = document.getElementById("outlines-on");

drawOutlines(view);
on?.addEventListener("change", () => view.classList.toggle("bare", !on.checked));
document.getElementById("keys-open").addEventListener("click", () => keys.showModal());
document.getElementById("zoom")?.addEventListener("click", (event) => {
  const large = view.classList.toggle("zoomed");
  event.currentTarget.setAttribute("aria-pressed", String(large));
});

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || keys.open) return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const press = (selector) => document.querySelector(selector)?.click();
  const doings = {
    "?": () => keys.showModal(),
    o: () => on?.click(),
    a: () => press("button[value=approved]"),
    r: () => press("button[value=rejected]"),
    z: () => press("button[value=waiting]"),
    "+": () => press("#zoom"),
    ArrowRight: () => press("a[rel=next]"),
    ArrowLeft: () => press("a[rel=prev]"),
    Escape: () => press("#back"),
  };
  // The arrows scroll a picture that is larger than its window.
  if (!doings[key] || (key.startsWith("Arrow") && view.classList.contains("zoomed") && document.activeElement === view)) return;
  event.preventDefault();
  doings[key]();
});
