// One line of the kernel table.

import { formatCount, formatNs, formatRuns, formatShare, plainName } from "../data/format";
import { inked } from "../draw/hatch";
import { type Ink, inkOf } from "../draw/palette";
import { isText, type Line, type Lines, type SortKey } from "../state/lines";
import type { Store } from "../state/store";
import { h } from "./dom";
import { iconOf } from "./icons";
import { swatchOf } from "./swatch";

export interface Column {
  key: SortKey;
  label: string;
  title: string;
}

export interface RowState {
  isChosen: boolean;
  isDimmed: boolean;
  isOpen: boolean;
  /** Id of the list of launches. */
  launches: string | undefined;
  percentiles: readonly [p50: string, p95: string];
  choose(adds: boolean): void;
  open(): void;
}

const NEAREST = "of single calls, by nearest rank";

/** Where only some columns are in sight before scrolling, these come first. */
const NARROW: readonly SortKey[] = ["name", "total", "share", "calls"];

export function columnsOf(store: Store, onDevice: boolean, isNarrow: boolean): Column[] {
  const isCount = store.options.weight === "count";
  const time = onDevice ? "device time" : "self time: without what was called";
  const all: Column[] = [
    { key: "name", label: onDevice ? "kernel" : "operator", title: "" },
    { key: "backend", label: "backend", title: "" },
    { key: "category", label: "category", title: "" },
    { key: "calls", label: "calls", title: "" },
    { key: "total", label: isCount ? "calls" : "total", title: isCount ? "" : `Sum of ${time}` },
    { key: "share", label: "share", title: "Of what this table shows" },
    { key: "mean", label: "mean", title: `Mean ${time} of a call` },
    { key: "p50", label: "p50", title: `Median ${time} ${NEAREST}` },
    { key: "p95", label: "p95", title: `95th percentile of ${time}, ${NEAREST}` },
  ];
  if (store.data.meta.layer_count > 0) all.push({ key: "layers", label: "layers", title: "Sorted by their number" });
  const shown = isCount ? all.filter(({ key }) => key !== "calls" && key !== "mean") : all;
  if (!isNarrow) return shown;
  const place = ({ key }: Column) => (NARROW.includes(key) ? NARROW.indexOf(key) : isText(key) ? 9 : 8);
  return [...shown].sort((a, b) => place(a) - place(b));
}

export function percentileTexts(store: Store, lines: Lines, group: number): [p50: string, p95: string] {
  const found = lines.percentilesOf(group);
  if (found) return [formatNs(found.p50), formatNs(found.p95)];
  return store.missing ? ["–", "–"] : ["…", "…"];
}

export function drawRow(
  store: Store,
  lines: Lines,
  group: number,
  columns: readonly Column[],
  state: RowState,
): HTMLElement {
  const line = lines.line(group);
  const name = plainName(line.name);
  const texts = textsOf(store, lines, line);
  texts.p50 = state.percentiles[0];
  texts.p95 = state.percentiles[1];
  const cells: Partial<Record<SortKey, () => HTMLElement>> = {
    name: () => nameCell(name, group, state),
    backend: () => h("td", { class: "backend" }, swatchOf(inkOfLine(store, line)), texts.backend),
    category: () => h("td", { class: "category" }, texts.category),
    share: () => shareCell(store, lines, line, texts.share),
    layers: () => h("td", { class: "number in-layers", title: texts.layers }, h("span", {}, texts.layers)),
  };
  return h(
    "tr",
    {
      class: state.isChosen ? "chosen" : state.isDimmed ? "dimmed" : undefined,
      "data-group": group,
      onclick: (event: MouseEvent) => state.choose(event.ctrlKey || event.metaKey || event.shiftKey),
    },
    ...columns.map(({ key }) => cells[key]?.() ?? h("td", { class: `number ${key}` }, texts[key])),
  );
}

/** What a line says, by column; percentiles are left out. */
export function textsOf(store: Store, lines: Lines, line: Line): Record<SortKey, string> {
  const { meta } = store.data;
  const show = store.options.weight === "count" ? formatCount : formatNs;
  return {
    name: line.name,
    backend: meta.roles[line.role]?.label ?? "?",
    category: meta.categories[line.category] ?? "",
    calls: formatCount(line.calls),
    total: show(line.total),
    share: formatShare(line.total, lines.total),
    mean: formatNs(line.mean),
    p50: "",
    p95: "",
    layers: formatRuns(line.layers, 4) || "–",
  };
}

const inkOfLine = (store: Store, line: Line): Ink => inkOf(store.data.meta.roles[line.role]?.key ?? "");

function nameCell(name: string, group: number, state: RowState): HTMLElement {
  return h(
    "td",
    { class: "name", role: "rowheader" },
    h(
      "div",
      {},
      h(
        "button",
        {
          type: "button",
          class: "expander",
          "aria-expanded": String(state.isOpen),
          "aria-controls": state.launches,
          "aria-label": `Single calls of ${name}`,
          "data-key": `open-${group}`,
          onclick: (event: Event) => {
            event.stopPropagation();
            state.open();
          },
        },
        iconOf("open"),
      ),
      h(
        "button",
        {
          type: "button",
          class: "line-name",
          title: name,
          "aria-pressed": String(state.isChosen),
          "data-key": `name-${group}`,
        },
        h("bdi", {}, name),
      ),
    ),
  );
}

function shareCell(store: Store, lines: Lines, line: Line, text: string): HTMLElement {
  const width = `${(100 * line.total) / lines.largest}%`;
  return h(
    "td",
    { class: "number share" },
    h(
      "span",
      { class: "share-bar", "aria-hidden": "true" },
      h("span", { style: { width, ...inked(inkOfLine(store, line)) } }),
    ),
    h("span", { class: "share-text" }, text),
  );
}
