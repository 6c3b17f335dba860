// Two readings of one picture: their outlines beside each other, and where they differ.

import { agreement } from "./agreement.js";
import { Drawing } from "./drawing.js";
import { Nuclei } from "./geometry.js";
import { isTyping } from "./page.js";
import { Viewers } from "./viewers.js";

const FIRST = "#56b4e9"; // Okabe and Ito's sky blue and orange
const SECOND = "#e69f00";
const BOTH = "#c9c9d4";
const bench = document.getElementById("bench");
const facts = JSON.parse(document.getElementById("viewer-facts").textContent);
const viewers = new Viewers(facts, (viewer) => say(viewer.element, bench.dataset.noPicture));

load();
tools();

async function load() {
  try {
    const [first, second] = (await Promise.all(facts.outlines.map(fetchJson))).map((found) => found.outlines);
    const { both, onlyFirst, onlySecond } = agreement(first, second);
    draw("picture", first, FIRST);
    draw("mask", second, SECOND);
    draw("overlay", both.map(([, j]) => second[j]), BOTH);
    draw("overlay", onlyFirst.map((i) => first[i]), FIRST);
    draw("overlay", onlySecond.map((j) => second[j]), SECOND);
    document.getElementById("count-both").textContent = both.length;
    document.getElementById("count-first").textContent = onlyFirst.length;
    document.getElementById("count-second").textContent = onlySecond.length;
    bench.dataset.ready = "yes";
  } catch (problem) {
    say(document.getElementById("viewer-overlay"), bench.dataset.noNuclei);
    throw problem;
  }
}

function draw(name, outlines, colour) {
  const drawing = new Drawing(viewers.all[name], { outlines: true, colour });
  drawing.nuclei = new Nuclei({ id: outlines.map((_, i) => i + 1) }, outlines);
  drawing.later();
}

function tools() {
  for (const button of document.querySelectorAll("[data-show]")) {
    button.addEventListener("click", () => {
      bench.dataset.shown = button.dataset.show;
      for (const other of document.querySelectorAll("[data-show]")) other.removeAttribute("aria-pressed");
      button.setAttribute("aria-pressed", "true");
      viewers.shown();
    });
  }
  for (const button of document.querySelectorAll("[data-zoom]")) {
    button.addEventListener("click", () => viewers.zoom(button.dataset.zoom));
  }
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    const way = { "+": "in", "=": "in", "-": "out", 0: "whole" }[event.key];
    if (!way) return;
    event.preventDefault();
    viewers.zoom(way);
  });
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
