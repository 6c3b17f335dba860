// A bar of a round length, so that sizes can be judged by eye.

const LENGTHS_UM = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000];
const WIDEST_PX = 120;

export class ScaleBar {
  constructor(viewer, element, umPerPx) {
    this.element = element;
    this.umPerPx = umPerPx;
    for (const event of ["open", "animation", "resize"]) viewer.addHandler(event, () => this.draw(viewer));
  }

  draw(viewer) {
    const item = viewer.world.getItemAt(0);
    if (!item) return;
    const onePixel = item.viewportToImageZoom(viewer.viewport.getZoom(true)); // screen pixels a picture pixel
    const umOnScreen = onePixel / this.umPerPx;
    const length = LENGTHS_UM.findLast((um) => um * umOnScreen <= WIDEST_PX);
    this.element.hidden = length === undefined;
    if (length === undefined) return;
    this.element.style.width = `${length * umOnScreen}px`;
    this.element.querySelector("span").textContent = length < 1000 ? `${length} µm` : `${length / 1000} mm`;
  }
}
