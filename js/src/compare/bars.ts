// Two charts of the same parts: the waterfall from A to B, and the difference of every layer with its interval.
// SVG, not Bokeh: some twenty bars, each of which can be focused, and no megabyte of library in every saved comparison.

import { formatNs, plainName } from "../data/format";
import { h, replace } from "../views/dom";
import { singles } from "./flametree";
import { brief, type Dimension, nameOf, type Row, rowsOf, touched, wholeOf } from "./payload";
import { interval, isSure, MARKS, signedNs, signedShare, tone } from "./signs";
import type { ComparisonStore } from "./store";

const SVG = "http://www.w3.org/2000/svg";
const NOISE = "within noise";

function s(tag: string, attributes: Record<string, string | number>, text = ""): SVGElement {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  if (text) element.textContent = text;
  return element;
}

interface Bar {
  label: string;
  from: number;
  to: number;
  tone: string;
  title: string;
  value?: number;
  low?: number;
  high?: number;
}

export function mountWaterfall(root: HTMLElement, store: ComparisonStore): void {
  let dimension: Dimension = "category";
  const draw = () => {
    const { pair } = store;
    const phase = dimension === "phase" ? undefined : store.selection.phase;
    const parts: Dimension[] = ["category", "backend"];
    if (singles(pair).size < pair.op.length) parts.push("op");
    if (pair.within.length) parts.push("phase");
    if (!parts.includes(dimension)) dimension = "category";
    const rows = [...rowsOf(pair, dimension, phase)].sort((x, y) => Math.abs(y.b - y.a) - Math.abs(x.b - x.a));
    const sure = rows.filter((row) => isSure(row) && row.b !== row.a).slice(0, 12);
    const rest = rows.filter((row) => !sure.includes(row));
    const { a, b } = wholeOf(pair, phase);
    const bars: Bar[] = [{ label: "A", from: 0, to: a, tone: "base", title: `A: ${formatNs(a)}` }];
    let at = a;
    for (const row of sure) {
      const delta = row.b - row.a;
      bars.push({ label: row.label, from: at, to: at + delta, tone: tone(row), title: describe(row), value: row.key });
      at += delta;
    }
    const left = b - at;
    const name = pair.testable ? NOISE : "everything else";
    if (rest.length)
      bars.push({
        label: name,
        from: at,
        to: b,
        tone: "even",
        title: `${rest.length} parts, together ${signedNs(left)}`,
      });
    bars.push({ label: "B", from: 0, to: b, tone: "base", title: `B: ${formatNs(b)}` });
    const choice = h(
      "select",
      {
        "aria-label": "Parts of the waterfall",
        onchange: (event: Event) => {
          dimension = (event.target as HTMLSelectElement).value as Dimension;
          draw();
        },
      },
      ...parts.map((one) => h("option", { value: one, selected: one === dimension }, nameOf(one))),
    );
    const low = Math.min(...bars.slice(1, -1).flatMap((bar) => [bar.from, bar.to]), a, b);
    // From nothing, the steps would be too small to see; the axis says where it begins.
    const most = Math.max(...bars.flatMap((bar) => [bar.from, bar.to]));
    const floor = low > 0.5 * most && low < most ? low - 0.25 * (most - low) : 0;
    replace(
      root,
      h("div", { class: "bar" }, h("h3", {}, `What changed${inPhase(store, phase)}`), h("label", {}, "by ", choice)),
      chart(bars, store, dimension, floor, floor > 0 ? `axis begins at ${formatNs(floor)}` : ""),
    );
  };
  store.listen(draw);
}

export function mountLayers(root: HTMLElement, store: ComparisonStore): void {
  store.listen(() => {
    const { pair } = store;
    if (pair.layer.length < 2) {
      replace(root, h("h3", {}, "Layers"), h("p", { class: "muted" }, "No layers were found in both runs."));
      return;
    }
    const { phase } = store.selection;
    const bars = rowsOf(pair, "layer", phase).map((row) => ({
      label: row.label,
      from: 0,
      to: row.b - row.a,
      tone: tone(row),
      title: describe(row),
      value: row.key,
      low: row.low ?? undefined,
      high: row.high ?? undefined,
    }));
    replace(
      root,
      h(
        "div",
        { class: "bar" },
        h("h3", {}, `Difference of each layer${inPhase(store, phase)}`),
        h("span", { class: "muted" }, "whiskers: interval of the difference"),
      ),
      chart(bars, store, "layer", null, ""),
    );
  });
}

const inPhase = (store: ComparisonStore, phase?: number): string =>
  phase === undefined ? "" : ` in ${store.pair.phase[phase]!.label}`;

function describe(row: Row): string {
  const delta = row.b - row.a;
  return `${plainName(row.label, 120)}: ${formatNs(row.a)} → ${formatNs(row.b)}, ${signedNs(delta)} (${signedShare(row.a, delta)}), interval ${interval(row)}, ${row.verdict}`;
}

function chart(
  bars: readonly Bar[],
  store: ComparisonStore,
  dimension: Dimension,
  floor: number | null,
  remark: string,
): SVGElement {
  const wide = Math.max(bars.length * 30 + 80, 640);
  const [top, left, right] = [18, 76, 8];
  const pitch = (wide - left - right) / bars.length;
  const names = bars.map(({ label }) => plainName(brief(label).replace(/^\w+::/, ""), 200));
  // Names that do not fit beside each other stand on two lines in turn, and so do values.
  const isTight = names.some((name) => name.length > pitch / 7);
  const letters = Math.max(Math.floor(((isTight ? 2 : 1) * pitch) / 7) - 1, 2);
  const valuesAt = isTight ? 44 : 30;
  const [bottom, tall] = [valuesAt + 28, valuesAt + 170];
  const ends = bars.flatMap((bar) => [bar.from, bar.to, bar.low ?? bar.to, bar.high ?? bar.to]);
  const low = floor ?? Math.min(0, ...ends);
  const high = Math.max(0, ...ends) || 1;
  const y = (ns: number) => top + ((tall - top - bottom) * (high - Math.max(ns, low))) / (high - low || 1);
  const svg = s("svg", { viewBox: `0 0 ${wide} ${tall}`, role: "group", "aria-label": "Bars; each can be selected" });
  svg.append(hatching());
  // An end that all but meets the zero would be written over it.
  const isApart = (ns: number) => Math.abs(ns) > (high - low) / 12;
  const ticks = floor === null ? [0, ...[low, high].filter(isApart)] : [low, (low + high) / 2, high];
  for (const ns of new Set(ticks)) {
    svg.append(s("line", { x1: left, x2: wide, y1: y(ns), y2: y(ns), class: "grid" }));
    svg.append(
      s("text", { x: left - 6, y: y(ns) + 4, "text-anchor": "end" }, floor === null ? signedNs(ns) : formatNs(ns)),
    );
  }
  const { selection } = store;
  const alive = touched(store.pair, dimension, { ...selection, [dimension]: undefined });
  bars.forEach((bar, at) => {
    const [x, width] = [left + pitch * (at + 0.14), pitch * 0.72];
    const [upper, lower] = [Math.min(y(bar.from), y(bar.to)), Math.max(y(bar.from), y(bar.to))];
    const isChosen = bar.value !== undefined && selection[dimension] === bar.value;
    const isFaint = bar.value !== undefined && (selection[dimension] !== undefined ? !isChosen : !alive.has(bar.value));
    const group = s("g", { class: `${bar.tone}${isChosen ? " chosen" : ""}${isFaint ? " faint" : ""}` });
    group.append(s("title", {}, bar.title));
    // Bars may be thinner than a pointer: all of their column can be clicked.
    group.append(s("rect", { class: "hit", x: left + pitch * at, y: 0, width: pitch, height: tall }));
    group.append(s("rect", { x, y: upper, width, height: Math.max(lower - upper, 1.5) }));
    if (bar.low !== undefined && bar.high !== undefined) {
      const middle = x + width / 2;
      group.append(
        s("path", {
          class: "whisker",
          d: `M${middle} ${y(bar.low)}V${y(bar.high)}M${middle - 4} ${y(bar.low)}h8M${middle - 4} ${y(bar.high)}h8`,
        }),
      );
    }
    const name = names[at]!;
    const below = tall - bottom + 16 + (isTight && at % 2 ? 13 : 0);
    const label = name.length > letters + 1 ? `${name.slice(0, letters)}…` : name;
    group.append(s("text", { x: x + width / 2, y: below, "text-anchor": "middle" }, label));
    const delta = bar.tone === "base" ? formatNs(bar.to) : signedNs(bar.to - bar.from);
    const mark = bar.tone === "slow" ? MARKS.slower : bar.tone === "fast" ? MARKS.faster : "";
    group.append(
      s(
        "text",
        {
          x: x + width / 2,
          y: tall - bottom + valuesAt + (pitch < 62 && at % 2 ? 13 : 0),
          "text-anchor": "middle",
          class: "value",
        },
        `${mark}${delta}`,
      ),
    );
    if (bar.value !== undefined) {
      const choose = () => store.toggle(dimension, bar.value!);
      group.setAttribute("tabindex", "0");
      group.setAttribute("role", "button");
      group.setAttribute("aria-pressed", String(isChosen));
      group.setAttribute("aria-label", bar.title);
      group.addEventListener("click", choose);
      group.addEventListener("keydown", (event) => {
        if (["Enter", " "].includes((event as KeyboardEvent).key)) {
          event.preventDefault();
          event.stopPropagation();
          choose();
        }
      });
    }
    svg.append(group);
  });
  if (remark) svg.append(s("text", { x: wide - 4, y: 11, "text-anchor": "end" }, remark));
  return svg;
}

/** Faster is hatched: colour is never the only sign. */
function hatching(): SVGElement {
  const defs = s("defs", {});
  const pattern = s("pattern", { id: "xb-fast", width: 6, height: 6, patternUnits: "userSpaceOnUse" });
  pattern.append(s("rect", { width: 6, height: 6, class: "fastfill" }));
  pattern.append(s("path", { d: "M-1 1 L1 -1 M0 6 L6 0 M5 7 L7 5", class: "hatchline" }));
  defs.append(pattern);
  return defs;
}
