// Outlines over a viewer: the same width at every zoom, with a dark halo so that they show on any stain.

import { trace } from "./geometry.js";

/* global OpenSeadragon */

const SKY_BLUE = "#56b4e9"; // Okabe and Ito's
const LINE = 1.5;
const HALO = 3.5;

export class Drawing {
  constructor(viewer, { outlines, colour = SKY_BLUE }) {
    this.viewer = viewer;
    this.outlines = outlines;
    this.colour = colour;
    this.opacity = 0.2;
    this.visible = true;
    this.nuclei = null;
    this.selected = -1;
    this.canvas = document.createElement("canvas");
    this.canvas.className = "drawn";
    viewer.canvas.append(this.canvas);
    this.pending = false;
    for (const event of ["open", "resize", "update-viewport"]) {
      viewer.addHandler(event, () => this.draw());
    }
  }

  // Asked for as often as anything changes, done once a frame.
  later() {
    if (this.pending) return;
    this.pending = true;
    requestAnimationFrame(() => {
      this.pending = false;
      this.draw();
    });
  }

  draw() {
    const item = this.viewer.world.getItemAt(0);
    const { clientWidth: width, clientHeight: height } = this.viewer.canvas;
    if (!this.nuclei || !item || width === 0) return;
    const density = devicePixelRatio;
    if (this.canvas.width !== Math.round(width * density) || this.canvas.height !== Math.round(height * density)) {
      this.canvas.width = Math.round(width * density);
      this.canvas.height = Math.round(height * density);
    }
    const pen = this.canvas.getContext("2d");
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.clearRect(0, 0, this.canvas.width, this.canvas.height);
    const origin = this.place(item, 0, 0);
    const scale = (this.place(item, 1000, 0).x - origin.x) / 1000;
    pen.setTransform(scale * density, 0, 0, scale * density, origin.x * density, origin.y * density);
    const view = [-origin.x / scale, -origin.y / scale, (width - origin.x) / scale, (height - origin.y) / scale];
    pen.lineJoin = "round";
    if (this.visible) this.drawAll(pen, scale, view);
    if (this.selected >= 0) this.drawSelected(pen, scale);
  }

  drawAll(pen, scale, view) {
    const coarse = scale > 0.4 ? 1 : scale > 0.15 ? 2 : 4;
    const paths = [...this.nuclei.seen(view, coarse)];
    if (this.opacity > 0) {
      pen.globalAlpha = this.opacity;
      pen.fillStyle = this.colour;
      for (const path of paths) pen.fill(path);
    }
    if (this.outlines) {
      // Seen from so far that nuclei are a few points wide, full lines would bury them.
      const thin = Math.min(1, (this.nuclei.usualSide * scale) / 10);
      this.stroke(pen, paths, "#0c0c0f", (HALO * thin) / scale, 0.6 * thin);
      this.stroke(pen, paths, this.colour, (LINE * thin) / scale, 1);
    }
    pen.globalAlpha = 1;
  }

  stroke(pen, paths, colour, width, alpha) {
    pen.strokeStyle = colour;
    pen.lineWidth = width;
    pen.globalAlpha = alpha;
    for (const path of paths) pen.stroke(path);
  }

  drawSelected(pen, scale) {
    const path = new Path2D();
    trace(path, this.nuclei.outlines[this.selected]);
    const [left, top, right, bottom] = this.nuclei.boxes[this.selected];
    const radius = Math.max(right - left, bottom - top) / 2 + 8 / scale;
    path.moveTo((left + right) / 2 + radius, (top + bottom) / 2);
    path.arc((left + right) / 2, (top + bottom) / 2, radius, 0, 2 * Math.PI);
    for (const [colour, width] of [["#0c0c0f", 5], ["#ffffff", 2]]) {
      pen.strokeStyle = colour;
      pen.lineWidth = width / scale;
      pen.stroke(path);
    }
  }

  place(item, x, y) {
    return item.imageToViewerElementCoordinates(new OpenSeadragon.Point(x, y));
  }
}
