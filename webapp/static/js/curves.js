// The curves of a training: accuracy, loss and validation AP, an epoch a point; asked for anew while it runs.
/* global uPlot */

import { LOCALE } from "./language.js";

const POLL_MS = 2500;
const HEIGHT_PX = 220;
const box = document.querySelector("#curves");
const charts = [];

if (box) refresh();

async function refresh() {
  let again = true;
  try {
    const answer = await fetch(box.dataset.url, { headers: { Accept: "application/json" } });
    if (answer.ok) {
      const data = await answer.json();
      again = data.live;
      draw(data);
    } else {
      again = answer.status >= 500;
    }
  } catch {
    // The connection may come back; the page says how the training stands by itself.
  }
  if (again) setTimeout(refresh, POLL_MS);
}

function draw(data) {
  box.dataset.epochs = String(data.epoch.length);
  box.classList.toggle("waits", data.epoch.length === 0);
  if (!data.epoch.length) return;
  if (!charts.length) make();
  for (const { plot, names } of charts) {
    plot.setData([data.epoch, ...names.map((name) => data[name])]);
  }
}

function make() {
  for (const figure of box.querySelectorAll("figure")) {
    const names = figure.dataset.series.split(" ");
    const labels = figure.dataset.labels.split("|");
    const plot = new uPlot(options(figure, names, labels), [[], ...names.map(() => [])], figure);
    charts.push({ plot, names });
    new ResizeObserver(() => {
      plot.setSize({ width: width(figure), height: HEIGHT_PX });
    }).observe(figure);
  }
  // Light and dark: the axes are drawn, so they must be told.
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    for (const { plot } of charts) plot.redraw();
  });
}

function options(figure, names, labels) {
  const number = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 3 });
  const axis = {
    stroke: () => colour("--quiet"),
    grid: { stroke: () => colour("--line"), width: 1 },
    ticks: { stroke: () => colour("--line"), width: 1 },
  };
  return {
    width: width(figure),
    height: HEIGHT_PX,
    scales: {
      x: { time: false, range: (_, low, high) => [Math.min(low, 1), Math.max(high, 2)] },
      // Figures that do not differ yet would be spread over a hundred.
      y: { range: (_, low, high) => (high - low < 0.01 ? [Math.max(0, low - 0.05), high + 0.05] : pad(low, high)) },
    },
    cursor: { drag: { x: false, y: false } },
    axes: [
      { ...axis, incrs: [1, 2, 5, 10, 20, 50, 100], label: box.dataset.epoch, labelSize: 22, size: 34 },
      { ...axis, size: 52, values: (_, ticks) => ticks.map((tick) => number.format(tick)) },
    ],
    series: [
      { label: box.dataset.epoch, value: (_, value) => value ?? "—" },
      ...names.map((name, i) => ({
        label: labels[i],
        // Told apart by the dash as well: a colour alone does not reach everyone.
        stroke: () => colour(i ? "--bad" : "--accent"),
        dash: i ? [6, 4] : [],
        width: 2,
        points: { size: 5 },
        value: (_, value) => (value == null ? "—" : number.format(value)),
      })),
    ],
  };
}

function pad(low, high) {
  const room = (high - low) * 0.08;
  return [Math.max(0, low - room), high + room];
}

function width(figure) {
  return Math.max(200, figure.clientWidth);
}

function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}
