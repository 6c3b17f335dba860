// OpenSeadragon viewers, three where a page does not name fewer, that pan and zoom as one.

/* global OpenSeadragon */

const NAMES = ["picture", "mask", "overlay"];

export class Viewers {
  constructor(facts, whenFailed, names = NAMES) {
    this.all = {};
    this.leader = null;
    for (const name of names) {
      const source = name === "mask" ? facts.mask : facts.picture;
      const viewer = this.make(name, source);
      viewer.addHandler("open-failed", () => whenFailed(viewer));
      this.follow(viewer);
      this.all[name] = viewer;
    }
    this.leader = this.all.overlay;
  }

  make(name, source) {
    return OpenSeadragon({
      element: document.getElementById(`viewer-${name}`),
      tileSources: {
        width: source.width,
        height: source.height,
        tileSize: source.tile,
        tileOverlap: 0,
        minLevel: 0,
        maxLevel: source.levels - 1,
        getTileUrl: (level, x, y) => `${source.base}${level}/${x}_${y}.${source.format}`,
      },
      drawer: "canvas",
      showNavigationControl: false,
      imageSmoothingEnabled: name === "picture" || name === "overlay",
      minZoomImageRatio: 0.8,
      maxZoomPixelRatio: 12,
      visibilityRatio: 0.6,
      animationTime: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 0.3,
      gestureSettingsMouse: { clickToZoom: false, dblClickToZoom: true },
      gestureSettingsTouch: { clickToZoom: false, dblClickToZoom: true },
    });
  }

  // Whoever the hand is on leads; the others copy its view, frame by frame.
  follow(viewer) {
    const lead = () => {
      this.leader = viewer;
    };
    for (const event of ["canvas-press", "canvas-scroll", "canvas-drag", "canvas-pinch", "canvas-double-click", "canvas-key"]) {
      viewer.addHandler(event, lead);
    }
    // Arrows pan; the other keys are the page's own (OpenSeadragon would also turn and mirror one picture).
    viewer.addHandler("canvas-key", (event) => {
      event.preventDefaultAction = !event.originalEvent.key.startsWith("Arrow");
    });
    viewer.addHandler("viewport-change", () => {
      if (viewer === this.leader) this.spread();
    });
    viewer.addHandler("open", () => {
      if (viewer !== this.leader) this.spread();
    });
  }

  spread() {
    const bounds = this.leader.viewport?.getBounds(true);
    if (!bounds) return;
    for (const viewer of Object.values(this.all)) {
      if (viewer === this.leader || !viewer.isOpen() || !isShown(viewer)) continue;
      viewer.viewport.fitBounds(bounds, true);
    }
  }

  // A panel that was hidden has no size of its own until it is shown again.
  shown() {
    if (!isShown(this.leader)) this.leader = Object.values(this.all).find(isShown) ?? this.leader;
    requestAnimationFrame(() => {
      for (const viewer of Object.values(this.all)) if (isShown(viewer)) viewer.forceResize();
      this.spread();
    });
  }

  zoom(way) {
    const { viewport } = this.leader;
    if (way === "whole") viewport.goHome();
    else viewport.zoomBy(way === "in" ? 1.4 : 1 / 1.4);
    viewport.applyConstraints();
  }

  // Brings a box of the picture [left, top, right, bottom] into view, with room around it.
  show([left, top, right, bottom]) {
    const item = this.leader.world.getItemAt(0);
    if (!item) return;
    const room = 4 * Math.max(right - left, bottom - top, 8);
    const view = this.leader.viewport.getBounds();
    const box = item.imageToViewportRectangle(
      (left + right - room) / 2, (top + bottom - room) / 2, room, room,
    );
    // Near enough already: only move, so that stepping from nucleus to nucleus keeps the zoom.
    if (view.width < box.width * 3) this.leader.viewport.panTo(box.getCenter());
    else this.leader.viewport.fitBounds(box);
  }
}

export function isShown(viewer) {
  return viewer.element.offsetParent !== null;
}
