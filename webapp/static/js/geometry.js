// Nuclei as numbers: their outlines cut into cells of the picture, so that drawing and finding stay fast
// with tens of thousands of them. Coordinates are pixels of the picture; polygons run along pixel borders.

const CELL = 1024;

export class Nuclei {
  constructor(columns, outlines) {
    this.columns = columns;
    this.outlines = outlines;
    this.count = columns.id.length;
    this.boxes = outlines.map(box);
    this.usualSide = middle(this.boxes.map(([left, , right]) => right - left));
    this.cells = new Map();
    for (let i = 0; i < this.count; i += 1) {
      const [left, top, right, bottom] = this.boxes[i];
      const key = cellKey((left + right) / 2, (top + bottom) / 2);
      if (!this.cells.has(key)) this.cells.set(key, new Cell());
      this.cells.get(key).add(i, this.boxes[i], outlines[i]);
    }
  }

  // The nucleus under a point of the picture, or -1.
  at(x, y) {
    let found = -1;
    for (const cell of this.cells.values()) {
      if (!cell.holds(x, y)) continue;
      for (const i of cell.members) {
        const [left, top, right, bottom] = this.boxes[i];
        if (x >= left && x <= right && y >= top && y <= bottom && inside(this.outlines[i], x, y)) found = i;
      }
    }
    return found;
  }

  // The paths of the cells that a view [left, top, right, bottom] shows.
  *seen([left, top, right, bottom], coarse) {
    for (const cell of this.cells.values()) {
      const [l, t, r, b] = cell.box;
      if (l <= right && r >= left && t <= bottom && b >= top) yield cell.path(coarse, this.outlines);
    }
  }
}

class Cell {
  constructor() {
    this.members = [];
    this.box = [Infinity, Infinity, -Infinity, -Infinity];
    this.paths = {};
  }

  add(i, [left, top, right, bottom]) {
    this.members.push(i);
    const b = this.box;
    this.box = [Math.min(b[0], left), Math.min(b[1], top), Math.max(b[2], right), Math.max(b[3], bottom)];
  }

  holds(x, y) {
    return x >= this.box[0] && y >= this.box[1] && x <= this.box[2] && y <= this.box[3];
  }

  // Seen from afar, every second or fourth corner is enough.
  path(coarse, outlines) {
    if (!this.paths[coarse]) {
      const path = new Path2D();
      for (const i of this.members) trace(path, outlines[i], coarse);
      this.paths[coarse] = path;
    }
    return this.paths[coarse];
  }
}

export function trace(path, points, coarse = 1) {
  const step = points.length >= 8 * coarse ? 2 * coarse : 2;
  path.moveTo(points[0], points[1]);
  for (let k = step; k < points.length; k += step) path.lineTo(points[k], points[k + 1]);
  path.closePath();
}

function middle(values) {
  return values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

function cellKey(x, y) {
  return `${Math.floor(x / CELL)} ${Math.floor(y / CELL)}`;
}

function box(points) {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (let k = 0; k < points.length; k += 2) {
    left = Math.min(left, points[k]);
    right = Math.max(right, points[k]);
    top = Math.min(top, points[k + 1]);
    bottom = Math.max(bottom, points[k + 1]);
  }
  return [left, top, right, bottom];
}

// Even-odd rule: how many edges a ray to the right crosses.
function inside(points, x, y) {
  let odd = false;
  for (let k = 0, last = points.length - 2; k < points.length; last = k, k += 2) {
    const [x1, y1, x2, y2] = [points[k], points[k + 1], points[last], points[last + 1]];
    if (y1 > y !== y2 > y && x < ((x2 - x1) * (y - y1)) / (y2 - y1) + x1) odd = !odd;
  }
  return odd;
}
