// The table of nuclei: sorted by any column, a hundred rows at a time, each row leading into the picture.

import { LOCALE } from "./language.js";

const A_PAGE = 100;
const DECIMALS = { confidence: 0, area: 1, equivalent_diameter: 1, perimeter: 1, circularity: 2, eccentricity: 2, solidity: 2, mean_intensity: 0 };
const POWERS = { area: 2, equivalent_diameter: 1, perimeter: 1 };
const PER_CENT = "confidence";

export class Table {
  constructor(element, nuclei, scale, choose) {
    Object.assign(this, { element, nuclei, choose, scale: scale ?? 1 });
    this.order = Array.from({ length: nuclei.count }, (_, i) => i);
    this.first = 0;
    this.selected = -1;
    this.sorted = { column: "id", down: false };
    this.shown = document.getElementById("shown");
    // Pixels are counted whole.
    const decimals = { ...DECIMALS, area: scale ? DECIMALS.area : 0 };
    // Only some networks say how sure they are: then the page has the column's head.
    if (!element.tHead.querySelector(`[data-column=${PER_CENT}]`)) delete decimals[PER_CENT];
    this.formats = Object.fromEntries(Object.entries(decimals).map(([name, digits]) => [
      name, new Intl.NumberFormat(LOCALE, { minimumFractionDigits: digits, maximumFractionDigits: digits }),
    ]));
    for (const head of element.tHead.rows[0].cells) {
      head.querySelector("button").addEventListener("click", () => this.sort(head.dataset.column));
    }
    element.tBodies[0].addEventListener("click", (event) => {
      const row = event.target.closest("tr");
      if (row) choose(Number(row.dataset.nucleus));
    });
    document.getElementById("page-back").addEventListener("click", () => this.turn(-A_PAGE));
    document.getElementById("page-on").addEventListener("click", () => this.turn(A_PAGE));
    this.draw();
  }

  value(i, column) {
    const value = this.nuclei.columns[column][i];
    // Never rounded up to certainty.
    if (column === PER_CENT && value !== null) return Math.floor(100 * Number(value));
    return value === null ? null : Number(value) * this.scale ** (POWERS[column] ?? 0);
  }

  sort(column) {
    const down = this.sorted.column === column ? !this.sorted.down : column !== "id";
    this.sorted = { column, down };
    const values = this.nuclei.columns[column];
    const sign = down ? -1 : 1;
    // What has no value stands last, whichever way it is sorted.
    this.order.sort((a, b) => {
      if (values[a] === null || values[b] === null) return (values[a] === null) - (values[b] === null);
      return sign * (values[a] - values[b]) || a - b;
    });
    for (const head of this.element.tHead.rows[0].cells) {
      if (head.dataset.column === column) head.setAttribute("aria-sort", down ? "descending" : "ascending");
      else head.removeAttribute("aria-sort");
    }
    this.first = 0;
    this.draw();
  }

  turn(by) {
    this.first = Math.max(0, Math.min(this.first + by, (Math.ceil(this.order.length / A_PAGE) - 1) * A_PAGE));
    this.draw();
    this.element.parentElement.scrollTop = 0;
  }

  // The nucleus after or before the selected one, in the table's order.
  beside(by) {
    const at = this.order.indexOf(this.selected);
    if (at < 0) return this.order[0] ?? -1;
    return this.order[Math.max(0, Math.min(at + by, this.order.length - 1))];
  }

  select(i) {
    this.selected = i;
    const at = this.order.indexOf(i);
    if (at >= 0 && (at < this.first || at >= this.first + A_PAGE)) this.first = Math.floor(at / A_PAGE) * A_PAGE;
    this.draw();
    const row = this.element.querySelector("tr[aria-selected=true]");
    const box = this.element.parentElement;
    if (row) box.scrollTop = row.offsetTop - box.clientHeight / 2;
  }

  draw() {
    const rows = this.order.slice(this.first, this.first + A_PAGE).map((i) => this.row(i));
    this.element.tBodies[0].replaceChildren(...rows);
    const whole = new Intl.NumberFormat(LOCALE);
    this.shown.textContent = this.shown.dataset.text
      .replace("{from}", whole.format(Math.min(this.first + 1, this.order.length)))
      .replace("{to}", whole.format(Math.min(this.first + A_PAGE, this.order.length)))
      .replace("{all}", whole.format(this.order.length));
    document.getElementById("page-back").disabled = this.first === 0;
    document.getElementById("page-on").disabled = this.first + A_PAGE >= this.order.length;
  }

  row(i) {
    const row = document.createElement("tr");
    row.dataset.nucleus = i;
    if (i === this.selected) row.setAttribute("aria-selected", "true");
    const number = document.createElement("td");
    number.className = "n";
    const go = document.createElement("button");
    go.textContent = this.nuclei.columns.id[i];
    go.setAttribute("aria-label", this.element.dataset.go.replace("{id}", this.nuclei.columns.id[i]));
    number.append(go);
    row.append(number);
    for (const [name, format] of Object.entries(this.formats)) {
      const cell = row.insertCell();
      cell.className = "n";
      const value = this.value(i, name);
      cell.textContent = value === null ? "—" : format.format(value);
    }
    row.insertCell().textContent = this.nuclei.columns.touches_edge[i] ? this.element.dataset.edge : "";
    return row;
  }
}
