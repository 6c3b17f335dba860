// Which outlines of two readings are the same nucleus: those that share more than half of their union.
// Outlines run along pixel borders, so counting the pixels of each row is exact. Nuclei of one reading do
// not overlap, so above one half no outline can have two partners.

const HALF = 0.5;
const CELL = 128;

export function agreement(first, second) {
  const shapes = second.map((points) => new Shape(points));
  const grid = new Map();
  shapes.forEach((shape, j) => {
    for (const key of shape.cells()) grid.set(key, [...(grid.get(key) ?? []), j]);
  });
  const both = [];
  const onlyFirst = [];
  const found = new Set();
  first.forEach((points, i) => {
    const shape = new Shape(points);
    const near = new Set(shape.cells().flatMap((key) => grid.get(key) ?? []));
    const partner = [...near].find((j) => shape.shares(shapes[j]) > HALF);
    if (partner === undefined) onlyFirst.push(i);
    else {
      both.push([i, partner]);
      found.add(partner);
    }
  });
  return { both, onlyFirst, onlySecond: second.map((_, j) => j).filter((j) => !found.has(j)) };
}

class Shape {
  constructor(points) {
    this.rows = new Map(); // row of pixels -> borders [from, to, from, to, …]
    for (let k = 0, last = points.length - 2; k < points.length; last = k, k += 2) {
      const [x1, y1, x2, y2] = [points[last], points[last + 1], points[k], points[k + 1]];
      for (let y = Math.ceil(Math.min(y1, y2) - 0.5); y + 0.5 < Math.max(y1, y2); y += 1) {
        const x = x1 + ((y + 0.5 - y1) / (y2 - y1)) * (x2 - x1);
        if (!this.rows.has(y)) this.rows.set(y, []);
        this.rows.get(y).push(x);
      }
    }
    this.area = 0;
    this.box = [Infinity, Infinity, -Infinity, -Infinity];
    for (const [y, borders] of this.rows) {
      borders.sort((a, b) => a - b);
      for (let k = 0; k < borders.length; k += 2) this.area += borders[k + 1] - borders[k];
      const [left, top, right, bottom] = this.box;
      this.box = [Math.min(left, borders[0]), Math.min(top, y), Math.max(right, borders.at(-1)), Math.max(bottom, y)];
    }
  }

  cells() {
    const [left, top, right, bottom] = this.box.map((value) => Math.floor(value / CELL));
    const keys = [];
    for (let x = left; x <= right; x += 1) for (let y = top; y <= bottom; y += 1) keys.push(`${x} ${y}`);
    return keys;
  }

  // The shared area as a part of the area that both cover together.
  shares(other) {
    let shared = 0;
    for (const [y, borders] of this.rows) {
      const others = other.rows.get(y);
      if (!others) continue;
      for (let k = 0; k < borders.length; k += 2) {
        for (let m = 0; m < others.length; m += 2) {
          shared += Math.max(0, Math.min(borders[k + 1], others[m + 1]) - Math.max(borders[k], others[m]));
        }
      }
    }
    return shared / (this.area + other.area - shared || 1);
  }
}
