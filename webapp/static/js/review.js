// The review of samples by keyboard: arrows move, space chooses, A approves, R rejects, Z takes back.
// Every tile is a checkbox with a name, so a screen reader and a browser without scripts find it too.

import { drawWhenSeen } from "./outlines.js";
import { LOCALE } from "./language.js";
import { isTyping } from "./page.js";

const grid = document.getElementById("grid");
const form = document.getElementById("review");
const live = document.getElementById("said");
const keys = document.getElementById("keys");
const undo = document.getElementById("undo");
const boxes = [...grid.querySelectorAll("input[type=checkbox]")];
const words = grid.dataset;
const past = [];
let at = 0;
let anchor = 0;
let isSending = false;

drawWhenSeen(grid.querySelectorAll(".view"));
roving();
count();

grid.addEventListener("focusin", (event) => {
  const found = boxes.indexOf(event.target);
  if (found >= 0) at = found;
  roving();
});
grid.addEventListener("click", (event) => {
  const tile = event.target.closest(".tile");
  if (!tile || event.target.closest("a")) return;
  const box = tile.querySelector("input");
  const here = boxes.indexOf(box);
  if (event.shiftKey) {
    event.preventDefault();
    span(anchor, here);
  } else anchor = here;
  box.focus();
});
grid.addEventListener("change", count);
for (const button of form.querySelectorAll("button[name=review]")) {
  button.addEventListener("click", (event) => {
    event.preventDefault();
    decide(button.value);
  });
}
undo.addEventListener("click", takeBack);
document.getElementById("all").addEventListener("click", chooseAll);
document.getElementById("keys-open").addEventListener("click", () => keys.showModal());
document.getElementById("outlines-on").addEventListener("change", (event) => {
  grid.classList.toggle("bare", !event.target.checked);
});
addEventListener("keydown", pressed);
if (boxes.length > 0 && location.hash !== "#stay") boxes[0].focus({ preventScroll: true });

function pressed(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || keys.open) return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const inGrid = grid.contains(document.activeElement) || document.activeElement === document.body;
  const general = {
    "?": () => keys.showModal(),
    a: () => decide("approved"),
    r: () => decide("rejected"),
    z: takeBack,
    o: () => document.getElementById("outlines-on").click(),
    "*": chooseAll,
  };
  const moving = {
    ArrowRight: () => move(1, event.shiftKey),
    ArrowLeft: () => move(-1, event.shiftKey),
    ArrowDown: () => move(columns(), event.shiftKey),
    ArrowUp: () => move(-columns(), event.shiftKey),
    Home: () => move(-boxes.length, event.shiftKey),
    End: () => move(boxes.length, event.shiftKey),
    Enter: () => boxes[at]?.closest(".tile").querySelector("a").click(),
    Escape: () => all(false),
  };
  const act = general[key] ?? (inGrid && !document.activeElement.matches("a") ? moving[key] : undefined);
  if (!act) return;
  event.preventDefault();
  act();
}

// One stop for the Tab key; the arrows go on from there.
function roving() {
  boxes.forEach((box, i) => {
    box.tabIndex = i === at ? 0 : -1;
  });
}

function move(by, extends_) {
  if (boxes.length === 0) return;
  const from = at;
  at = Math.max(0, Math.min(boxes.length - 1, at + by));
  if (extends_) span(from, at);
  else anchor = at;
  boxes[at].focus();
  boxes[at].closest(".tile").scrollIntoView({ block: "nearest" });
}

function columns() {
  const tiles = grid.children;
  let n = 1;
  while (n < tiles.length && tiles[n].offsetTop === tiles[0].offsetTop) n += 1;
  return n;
}

function span(from, to) {
  for (let i = Math.min(from, to); i <= Math.max(from, to); i += 1) boxes[i].checked = true;
  count();
}

function all(on) {
  for (const box of boxes) box.checked = on;
  count();
}

// Those that could be approved now; where there is none, every one.
function chooseAll() {
  const ready = boxes.filter((box) => box.closest(".tile").matches("[data-review=waiting][data-mask=yes]"));
  for (const box of boxes) box.checked = ready.length === 0 || ready.includes(box);
  count();
}

function count() {
  const n = boxes.filter((box) => box.checked).length;
  document.getElementById("chosen").textContent = n === 0 ? "" : words.chosen.replace("{n}", n);
}

// The chosen ones, or the one in focus, after which the next waiting one is in focus.
async function decide(review) {
  const chosen = boxes.filter((box) => box.checked);
  const those = chosen.length > 0 ? chosen : boxes.slice(at, at + 1);
  if (those.length === 0 || isSending) return;
  const before = those.map((box) => [box.value, box.closest(".tile").dataset.review]);
  if (!(await post(those.map((box) => box.value), review))) return;
  past.push(before);
  undo.disabled = false;
  all(false);
  if (chosen.length === 0) onward();
}

function onward() {
  const next = boxes.findIndex((box, i) => i > at && box.closest(".tile").dataset.review === "waiting");
  if (next >= 0) at = anchor = next;
  else if (at < boxes.length - 1) at = anchor = at + 1;
  boxes[at].focus();
  boxes[at].closest(".tile").scrollIntoView({ block: "nearest" });
}

async function takeBack() {
  const last = past.pop();
  if (!last || isSending) return;
  for (const review of new Set(last.map(([, was]) => was))) {
    const ids = last.filter(([, was]) => was === review).map(([id]) => id);
    if (!(await post(ids, review))) return;
  }
  undo.disabled = past.length === 0;
  const first = boxes.findIndex((box) => box.value === last[0][0]);
  if (first >= 0) {
    at = anchor = first;
    boxes[at].focus();
  }
}

async function post(ids, review) {
  isSending = true;
  const body = new URLSearchParams({ review, csrfmiddlewaretoken: form.elements.csrfmiddlewaretoken.value });
  for (const id of ids) body.append("ids", id);
  let answer = {};
  try {
    const got = await fetch(form.action, { method: "POST", body, headers: { Accept: "application/json" } });
    answer = got.redirected ? { sentence: words.signedOut } : await got.json();
  } catch {
    answer = { sentence: words.lost };
  }
  isSending = false;
  for (const [id, now] of Object.entries(answer.samples ?? {})) show(id, now);
  if (answer.counts) left(answer.counts);
  say(answer.sentence || words[review].replace("{n}", ids.length), Boolean(answer.sentence));
  return !answer.sentence;
}

function show(id, review) {
  const box = boxes.find((one) => one.value === id);
  if (!box) return;
  const tile = box.closest(".tile");
  tile.dataset.review = review;
  tile.querySelector(".is").textContent = words[`is${review[0].toUpperCase()}${review.slice(1)}`];
  const mark = tile.querySelector(".mark");
  mark.className = `mark ${{ waiting: "wait", approved: "good", rejected: "bad" }[review]}`;
}

function left(counts) {
  document.getElementById("left").textContent = counts.waiting.toLocaleString(LOCALE);
  for (const [name, n] of Object.entries(counts)) {
    const place = document.querySelector(`[data-count="${name}"]`);
    if (place) place.textContent = n.toLocaleString(LOCALE);
  }
  const here = boxes.some((box) => box.closest(".tile").dataset.review === "waiting");
  const more = document.getElementById("more");
  if (more) more.hidden = here || counts.waiting === 0;
  const finished = document.getElementById("finished");
  if (finished) finished.hidden = counts.waiting > 0;
}

function say(sentence, isProblem) {
  live.textContent = sentence;
  live.classList.toggle("problem", isProblem);
}
