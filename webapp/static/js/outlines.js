// Outlines of nuclei over a picture, as SVG in the picture's own pixels: sharp at every size.

const SVG = "http://www.w3.org/2000/svg";
const kept = new Map();

// Draws the outlines of `holder.dataset.outlines` into its <svg>; asked twice, it draws once.
export async function drawOutlines(holder) {
  const svg = holder.querySelector("svg");
  const address = holder.dataset.outlines;
  if (!svg || !address || svg.childElementCount > 0) return;
  const d = await pathOf(address);
  if (svg.childElementCount > 0) return;
  // The dark halo first, so that the line shows on any stain.
  for (const name of ["halo", "line"]) {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("class", name);
    path.setAttribute("d", d);
    svg.append(path);
  }
}

function pathOf(address) {
  if (!kept.has(address)) {
    kept.set(address, fetch(address).then((answer) => answer.json()).then(({ outlines }) => outlines.map(written).join("")));
  }
  return kept.get(address);
}

function written(points) {
  let d = "";
  for (let k = 0; k < points.length; k += 2) d += `${k === 0 ? "M" : "L"}${points[k]} ${points[k + 1]}`;
  return `${d}Z`;
}

// Draws those that come into view, a little before they do.
export function drawWhenSeen(holders) {
  const seen = new IntersectionObserver(
    (entries) => {
      for (const entry of entries) {
        if (!entry.isIntersecting) continue;
        seen.unobserve(entry.target);
        drawOutlines(entry.target);
      }
    },
    { rootMargin: "400px" },
  );
  for (const holder of holders) seen.observe(holder);
}
