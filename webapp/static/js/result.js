// The page of one result: the viewers, what is drawn over them, the table, the histogram, the keys.

import { Drawing } from "./drawing.js";
import { Nuclei } from "./geometry.js";
import { drawHistogram } from "./histogram.js";
import { isTyping } from "./page.js";
import { ScaleBar } from "./scalebar.js";
import { Table } from "./table.js";
import { Viewers } from "./viewers.js";

const bench = document.getElementById("bench");
const facts = JSON.parse(document.getElementById("viewer-facts").textContent);
const viewers = new Viewers(facts, (viewer) => say(viewer.element, bench.dataset.noPicture));
const overlay = new Drawing(viewers.all.overlay, { outlines: true });
const drawings = [overlay, ...["picture", "mask"].map((name) => {
  const drawing = new Drawing(viewers.all[name], { outlines: false });
  drawing.visible = false; // only the selected nucleus
  return drawing;
})];
const keys = document.getElementById("keys");
let table = null;

if (facts.um_per_px) new ScaleBar(viewers.all.overlay, document.querySelector(".scalebar"), facts.um_per_px);
load();
tools();

async function load() {
  try {
    const [measured, traced] = await Promise.all([facts.nuclei, facts.outlines].map(fetchJson));
    const nuclei = new Nuclei(measured.columns, traced.outlines);
    for (const drawing of drawings) {
      drawing.nuclei = nuclei;
      drawing.later();
    }
    if (nuclei.count > 0) list(nuclei);
    bench.dataset.ready = "yes";
  } catch (problem) {
    say(document.getElementById("viewer-overlay"), bench.dataset.noNuclei);
    throw problem;
  }
}

function list(nuclei) {
  table = new Table(document.getElementById("nuclei"), nuclei, facts.um_per_px, (i) => choose(nuclei, i, true));
  const scale = (facts.um_per_px ?? 1) ** 2;
  drawHistogram(document.getElementById("histogram"), nuclei.columns.area.map((area) => area * scale));
  for (const [name, viewer] of Object.entries(viewers.all)) {
    viewer.addHandler("canvas-click", (event) => {
      if (!event.quick) return;
      const point = viewer.world.getItemAt(0).viewerElementToImageCoordinates(event.position);
      const i = nuclei.at(point.x, point.y);
      choose(nuclei, i, false);
      bench.dataset.clicked = name;
    });
  }
}

function choose(nuclei, i, go) {
  for (const drawing of drawings) drawing.selected = i;
  table.select(i);
  if (go && i >= 0) viewers.show(nuclei.boxes[i]);
  for (const drawing of drawings) drawing.later();
  bench.dataset.nucleus = i < 0 ? "" : nuclei.columns.id[i];
}

function tools() {
  const opacity = document.getElementById("opacity");
  const said = document.getElementById("opacity-said");
  opacity.addEventListener("input", () => {
    overlay.opacity = opacity.value / 100;
    said.textContent = `${opacity.value} %`;
    overlay.later();
  });
  document.getElementById("outlines-on").addEventListener("change", (event) => {
    overlay.outlines = event.target.checked;
    overlay.later();
  });
  for (const button of document.querySelectorAll("[data-panels-set]")) {
    button.addEventListener("click", () => panels(button.dataset.panelsSet));
  }
  for (const button of document.querySelectorAll("[data-show]")) {
    button.addEventListener("click", () => {
      bench.dataset.shown = button.dataset.show;
      press("[data-show]", button);
      viewers.shown();
    });
  }
  for (const button of document.querySelectorAll("[data-zoom]")) {
    button.addEventListener("click", () => viewers.zoom(button.dataset.zoom));
  }
  document.getElementById("keys-open").addEventListener("click", () => keys.showModal());
  addEventListener("keydown", pressed);
  addEventListener("keyup", (event) => {
    if (event.key.toLowerCase() === "o") hide(false);
  });
  addEventListener("blur", () => hide(false));
}

function panels(number) {
  bench.dataset.panels = number;
  press("[data-panels-set]", document.querySelector(`[data-panels-set="${number}"]`));
  viewers.shown();
}

function press(group, chosen) {
  for (const button of document.querySelectorAll(group)) {
    if (button === chosen) button.setAttribute("aria-pressed", "true");
    else button.removeAttribute("aria-pressed");
  }
}

function hide(hidden) {
  if (overlay.visible !== hidden) return;
  overlay.visible = !hidden;
  overlay.later();
}

function pressed(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || keys.open) return;
  const key = event.key.toLowerCase();
  const doings = {
    "?": () => keys.showModal(),
    "+": () => viewers.zoom("in"),
    "=": () => viewers.zoom("in"),
    "-": () => viewers.zoom("out"),
    0: () => viewers.zoom("whole"),
    1: () => panels("1"),
    2: () => panels("2"),
    3: () => panels("3"),
    o: () => hide(true),
    j: () => step(1),
    k: () => step(-1),
  };
  if (!(key in doings)) return;
  event.preventDefault();
  event.stopPropagation();
  doings[key]();
}

function step(by) {
  if (table) table.choose(table.beside(by));
}

async function fetchJson(address) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
  return answer.json();
}

function say(element, words) {
  const note = document.createElement("p");
  note.className = "failed";
  note.setAttribute("role", "alert");
  note.textContent = words;
  element.append(note);
}
