// How many nuclei are how large.

import { LOCALE } from "./language.js";

const SPACE = "http://www.w3.org/2000/svg";
const [WIDEST, HEIGHT, BASE, LEFT] = [720, 118, 98, 52];

export function drawHistogram(figure, values) {
  if (values.length === 0) return;
  // Drawn for the width there is, so that the figures on it keep their size.
  let drawn = 0;
  new ResizeObserver(() => {
    const width = Math.min(WIDEST, figure.clientWidth);
    if (width === drawn || width <= LEFT) return;
    drawn = width;
    figure.querySelector("svg")?.remove();
    figure.append(histogram(figure, values, width));
  }).observe(figure);
}

function histogram(figure, values, width) {
  const sorted = [...values].sort((a, b) => a - b);
  // The last bar gathers the few giants, or one clump would flatten all the rest.
  const least = sorted[0];
  const most = Math.max(sorted[Math.ceil(sorted.length * 0.99) - 1], least + 1e-9);
  const bars = Math.max(5, Math.min(30, Math.round(Math.sqrt(values.length) * 1.5)));
  const counts = new Array(bars).fill(0);
  for (const value of values) {
    counts[Math.min(bars - 1, Math.floor(((value - least) / (most - least)) * bars))] += 1;
  }
  const digits = most - least > 20 ? 0 : 1;
  const format = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: digits });
  const whole = new Intl.NumberFormat(LOCALE);
  const highest = Math.max(...counts);
  const svg = make("svg", { width, height: HEIGHT, role: "img", "aria-label": figure.dataset.label });
  const step = (width - LEFT) / bars;
  const edge = (bar) => least + ((most - least) * bar) / bars;
  counts.forEach((count, bar) => {
    const tall = (count / highest) * (BASE - 14);
    const rect = make("rect", { x: LEFT + bar * step + 0.75, y: BASE - tall, width: step - 1.5, height: tall });
    const title = make("title", {});
    const to = bar === bars - 1 ? sorted[sorted.length - 1] : edge(bar + 1);
    title.textContent = figure.dataset.between
      .replace("{n}", whole.format(count))
      .replace("{from}", format.format(edge(bar)))
      .replace("{to}", `${format.format(to)} ${figure.dataset.unit}`);
    rect.append(title);
    svg.append(rect);
  });
  svg.append(make("line", { x1: LEFT, x2: width, y1: BASE + 0.5, y2: BASE + 0.5 }));
  label(svg, LEFT - 6, 20, "end", whole.format(highest));
  label(svg, LEFT - 6, BASE + 1, "end", "0");
  label(svg, LEFT, HEIGHT - 2, "start", format.format(least));
  label(svg, LEFT + (width - LEFT) / 2, HEIGHT - 2, "middle", format.format((least + most) / 2));
  label(svg, width, HEIGHT - 2, "end", `${sorted[sorted.length - 1] > most ? "≥ " : ""}${format.format(most)}`);
  return svg;
}

function label(svg, x, y, anchor, words) {
  const text = make("text", { x, y, "text-anchor": anchor });
  text.textContent = words;
  svg.append(text);
}

function make(name, attributes) {
  const element = document.createElementNS(SPACE, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}
