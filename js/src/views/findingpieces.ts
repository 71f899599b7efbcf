// What lies behind the number of a finding, piece by piece: one small chart per column, and the same as a table.

import { formatCount, formatNs } from "../data/format";
import { h } from "./dom";

export type Pieces = Record<string, readonly number[]>;

const SVG = "http://www.w3.org/2000/svg";
const TALL = 28;
const WIDE = 320;

export function pieces(columns: Pieces | undefined): HTMLElement | null {
  const [first, ...rest] = Object.entries(columns ?? {});
  if (!first || first[1].length < 2 || rest.length === 0) return null;
  const [name, at] = first;
  return h(
    "div",
    { class: "pieces" },
    ...rest.flatMap(([column, values]) => [
      h("span", { class: "muted" }, titleOf(column)),
      bars(column, values, (place) => `${titleOf(name)} ${cellText(name, at[place]!)}`),
      h("span", { class: "number muted" }, `up to ${cellText(column, Math.max(...values))}`),
    ]),
    h(
      "details",
      {},
      h("summary", {}, `By ${titleOf(name) === "at" ? "time" : titleOf(name)}, as a table`),
      table([first, ...rest]),
    ),
  );
}

function bars(column: string, values: readonly number[], where: (place: number) => string): SVGElement {
  const most = Math.max(...values, 1e-9);
  const wide = WIDE / values.length;
  const svg = element("svg", { viewBox: `0 0 ${WIDE} ${TALL}`, preserveAspectRatio: "none", role: "img" });
  svg.setAttribute(
    "aria-label",
    `${titleOf(column)}: from ${cellText(column, Math.min(...values))} to ${cellText(column, most)}`,
  );
  values.forEach((value, place) => {
    const tall = Math.max(value > 0 ? 1 : 0, (TALL * value) / most);
    const bar = element("rect", { x: place * wide, y: TALL - tall, width: wide * 0.85, height: tall });
    const title = element("title", {});
    title.textContent = `${where(place)}: ${cellText(column, value)}`;
    bar.append(title);
    svg.append(bar);
  });
  return svg;
}

function table(columns: readonly (readonly [string, readonly number[]])[]): HTMLElement {
  const row = (place: number) =>
    h("tr", {}, ...columns.map(([name, values]) => h("td", { class: "number" }, cellText(name, values[place]!))));
  return h(
    "table",
    {},
    h("thead", {}, h("tr", {}, ...columns.map(([name]) => h("th", { scope: "col" }, titleOf(name))))),
    h("tbody", {}, ...columns[0]![1].map((_, place) => row(place))),
  );
}

function element(tag: string, attributes: Record<string, string | number>): SVGElement {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  return made;
}

/** A column's name without its unit: `delay_ns` is a delay. */
export const titleOf = (name: string): string => name.replace(/_ns$/, "").replaceAll("_", " ");

export function cellText(name: string, value: number): string {
  if (name === "layer" && value < 0) return "outside";
  return name.endsWith("_ns") ? formatNs(value) : formatCount(value);
}
