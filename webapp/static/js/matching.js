// The page of one matching: nuclei coloured by their best score, and the stored masks of the chosen one.

import { Drawing } from "./drawing.js";
import { Nuclei, trace } from "./geometry.js";
import { isTyping } from "./page.js";
import { Viewers } from "./viewers.js";

// From little to much alike; told apart by every colour vision, and bright on any stain.
const STEPS = [[0, "#9a6bff"], [0.5, "#0090d6"], [0.65, "#00b98d"], [0.8, "#f0e442"]];
const SHOWN_PX = 72;

const bench = document.getElementById("bench");
const facts = JSON.parse(document.getElementById("viewer-facts").textContent);
const language = document.documentElement.lang;
const number = new Intl.NumberFormat(language === "es" ? "es-PA" : language, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const viewers = new Viewers(facts, () => say(bench.dataset.noPicture), ["overlay"]);

class Scored extends Drawing {
  constructor(viewer) {
    super(viewer, { outlines: true });
    this.groups = [];
  }

  // One path for each colour: as quick to draw as one colour for all.
  show(nuclei, scores) {
    this.nuclei = nuclei;
    this.groups = STEPS.map(([, colour]) => [colour, new Path2D()]);
    nuclei.columns.id.forEach((id, i) => trace(this.groups[step(scores.get(id) ?? 0)][1], nuclei.outlines[i]));
    this.later();
  }

  drawAll(pen, scale) {
    for (const [colour, path] of this.groups) {
      pen.globalAlpha = this.opacity;
      pen.fillStyle = colour;
      pen.fill(path);
      this.stroke(pen, [path], "#0c0c0f", 4 / scale, 0.6);
      this.stroke(pen, [path], colour, 2 / scale, 1);
    }
    pen.globalAlpha = 1;
  }
}

const drawing = new Scored(viewers.all.overlay);
load();

async function load() {
  try {
    const [measured, traced, result] = await Promise.all([facts.nuclei, facts.outlines, facts.result].map(fetchJson));
    const nuclei = new Nuclei(measured.columns, traced.outlines);
    const page = new Page(nuclei, result);
    page.show();
    bench.dataset.ready = "yes";
  } catch (problem) {
    say(bench.dataset.noNuclei);
    throw problem;
  }
}

class Page {
  constructor(nuclei, result) {
    this.nuclei = nuclei;
    this.result = result;
    const names = result.columns;
    const named = (row) => Object.fromEntries(names.map((name, i) => [name, row[i]]));
    this.matches = new Map(result.regions.map((region) => [region.id, region.matches.map(named)]));
    this.order = [...this.matches.keys()].sort((a, b) => this.best(b) - this.best(a));
    this.index = new Map(nuclei.columns.id.map((id, i) => [id, i]));
    this.rows = new Map();
    // one picture of all crops, decoded once
    const bytes = Uint8Array.from(atob(result.sheet), (letter) => letter.charCodeAt(0));
    this.sheet = URL.createObjectURL(new Blob([bytes], { type: "image/jpeg" }));
    this.chosen = null;
  }

  best(id) {
    return this.matches.get(id)?.[0]?.score ?? 0;
  }

  show() {
    drawing.show(this.nuclei, new Map(this.order.map((id) => [id, this.best(id)])));
    const key = document.getElementById("score-key");
    STEPS.forEach(([from, colour], i) => {
      const mark = document.createElement("i");
      mark.style.background = colour;
      const last = STEPS[i + 1];
      key.append(mark, last ? `${number.format(from)}–${number.format(last[0])}` : `≥ ${number.format(from)}`);
    });
    const body = document.querySelector("#regions tbody");
    if (body) for (const id of this.order) body.append(this.row(id));
    const list = document.getElementById("pictures");
    for (const i of this.result.best_pictures) {
      const picture = this.result.pictures[i];
      list.append(element("li", [picture.name, picture.dataset, picture.category, number.format(picture.score)].filter(Boolean).join(" · ")));
    }
    viewers.all.overlay.addHandler("canvas-click", (event) => {
      if (!event.quick) return;
      const point = viewers.all.overlay.world.getItemAt(0).viewerElementToImageCoordinates(event.position);
      const i = this.nuclei.at(point.x, point.y);
      if (i >= 0) this.choose(this.nuclei.columns.id[i], false);
    });
    for (const button of document.querySelectorAll("[data-zoom]")) {
      button.addEventListener("click", () => viewers.zoom(button.dataset.zoom));
    }
    addEventListener("keydown", (event) => this.pressed(event));
  }

  row(id) {
    const row = document.createElement("tr");
    const [best] = this.matches.get(id);
    const go = element("button", id);
    go.setAttribute("aria-label", bench.dataset.nucleusTitle.replace("{id}", id));
    const first = element("td", "", "n");
    first.append(go);
    const most = best ? this.result.pictures[best.picture].name : "";
    row.append(
      first,
      element("td", best ? number.format(best.score) : "—", "n"),
      element("td", best ? number.format(best.overlap) : "—", "n"),
      element("td", most),
      element("td", this.classes(id)),
    );
    row.addEventListener("click", () => this.choose(id, true));
    this.rows.set(id, row);
    return row;
  }

  // "neutrophil (4), monocyte (1)": the classes of the stored pictures, most frequent first.
  classes(id) {
    const counts = new Map();
    for (const match of this.matches.get(id) ?? []) {
      const name = this.result.pictures[match.picture].category;
      if (name) counts.set(name, (counts.get(name) ?? 0) + 1);
    }
    return [...counts].sort((a, b) => b[1] - a[1]).map(([name, n]) => `${name} (${n})`).join(", ");
  }

  choose(id, go) {
    this.rows.get(this.chosen)?.removeAttribute("aria-selected");
    this.chosen = id;
    const row = this.rows.get(id);
    row?.setAttribute("aria-selected", "true");
    row?.scrollIntoView({ block: "nearest" });
    const i = this.index.get(id);
    drawing.selected = i ?? -1;
    drawing.later();
    if (go && i !== undefined) viewers.show(this.nuclei.boxes[i]);
    this.list(id);
    bench.dataset.nucleus = id;
  }

  list(id) {
    const classes = this.classes(id);
    const matches = this.matches.get(id) ?? [];
    document.getElementById("chosen-title").textContent = bench.dataset.nucleusTitle.replace("{id}", id);
    document.getElementById("chosen-said").textContent = matches.length === 0
      ? bench.dataset.none
      : classes ? bench.dataset.similar.replace("{classes}", classes) : "";
    document.getElementById("matches").replaceChildren(...matches.map((match) => this.match(match)));
  }

  match(match) {
    const picture = this.result.pictures[match.picture];
    const item = document.createElement("li");
    item.append(this.crop(match.crop));
    const words = document.createElement("div");
    const head = element("p", "");
    head.append(element("strong", number.format(match.score)), ` · ${picture.category || bench.dataset.noClass}`);
    const figures = ["overlap", "correlation", "tone"].reduce(
      (text, name) => text.replace(`{${name}}`, number.format(match[name])), bench.dataset.figures,
    );
    const turned = [bench.dataset.turned.replace("{degrees}", Math.round(match.turn))];
    if (match.mirrored) turned.push(bench.dataset.mirrored);
    words.append(
      head,
      element("p", `${picture.dataset} · ${picture.name} · #${match.nucleus}`, "help"),
      element("p", facts.origins[picture.origin] ?? picture.origin, "help"),
      element("p", `${figures}; ${turned.join(", ")}`, "help"),
    );
    item.append(words);
    return item;
  }

  crop(at) {
    const box = element("div", "", "crop");
    box.setAttribute("aria-hidden", "true"); // what it shows is said beside it
    if (at >= 0) {
      const across = this.result.sheet_columns;
      box.style.backgroundImage = `url("${this.sheet}")`;
      box.style.backgroundSize = `${across * SHOWN_PX}px auto`;
      box.style.backgroundPosition = `-${(at % across) * SHOWN_PX}px -${Math.floor(at / across) * SHOWN_PX}px`;
    }
    return box;
  }

  pressed(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    const doings = {
      "+": () => viewers.zoom("in"),
      "=": () => viewers.zoom("in"),
      "-": () => viewers.zoom("out"),
      0: () => viewers.zoom("whole"),
      j: () => this.step(1),
      k: () => this.step(-1),
    };
    const doing = doings[event.key.toLowerCase()];
    if (!doing) return;
    event.preventDefault();
    doing();
  }

  step(by) {
    if (this.order.length === 0) return;
    const now = this.order.indexOf(this.chosen);
    const next = now < 0 ? 0 : (now + by + this.order.length) % this.order.length;
    this.choose(this.order[next], true);
  }
}

function step(score) {
  return STEPS.reduce((found, [from], i) => (score >= from ? i : found), 0);
}

function element(name, text, className = "") {
  const made = document.createElement(name);
  made.textContent = text;
  if (className) made.className = className;
  return made;
}

async function fetchJson(address) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
  return answer.json();
}

function say(words) {
  const note = element("p", words, "failed");
  note.setAttribute("role", "alert");
  document.getElementById("viewer-overlay").append(note);
}
