// What is compared, what has to be known first, totals side by side, what is selected.

import { formatNs, plainName } from "../data/format";
import { h, replace } from "../views/dom";
import { brief, DIMENSIONS, nameOf, type PhaseRow, rowsOf, sums, wholeOf } from "./payload";
import { interval, MARKS, signedNs, signedShare, tone } from "./signs";
import type { ComparisonStore } from "./store";

export function mountHeader(root: HTMLElement, store: ComparisonStore): void {
  store.listen(() => {
    const { pair } = store;
    replace(root, notes(store), heading(store), totals(store), phases(store), selected(store));
    root.title = pair.compared;
  });
}

function notes(store: ComparisonStore): HTMLElement | null {
  const { notes: found } = store.pair;
  if (!found.length) return null;
  const loud = found.filter((one) => one.severity !== "info");
  const item = ({ severity, message }: { severity: string; message: string }) =>
    h("li", { class: severity }, `${severity === "info" ? "" : `${severity}: `}${plainName(message, 600)}`);
  const quiet = found.filter((one) => one.severity === "info");
  return h(
    "div",
    { class: "notes", role: "note" },
    loud.length ? h("ul", {}, ...loud.map(item)) : null,
    quiet.length
      ? h("details", {}, h("summary", {}, `${quiet.length} more to know`), h("ul", {}, ...quiet.map(item)))
      : null,
  );
}

function heading(store: ComparisonStore): HTMLElement {
  const { pair, payload } = store;
  const side = (name: string, at: 0 | 1) =>
    h(
      "div",
      { class: "side" },
      h("b", {}, name),
      h("span", { class: "title" }, plainName(pair.sides[at].title, 80)),
      h("span", { class: "muted" }, `${plainName(pair.sides[at].device, 60)}, ${pair.sides[at].steps} steps`),
    );
  const choice =
    payload.pairs.length > 1
      ? h(
          "select",
          {
            "aria-label": "Which runs to compare",
            onchange: (event: Event) => store.choosePair(Number((event.target as HTMLSelectElement).value)),
          },
          ...payload.pairs.map((one, at) =>
            h("option", { value: String(at), selected: at === store.number }, plainName(one.title, 90)),
          ),
        )
      : null;
  return h("div", { class: "heading" }, side("A", 0), h("span", { class: "arrow" }, "→"), side("B", 1), choice);
}

function totals(store: ComparisonStore): HTMLElement {
  const { pair } = store;
  const cards = pair.totals.map((row) => {
    const widest = Math.max(row.a, row.b, 1);
    const bar = (name: string, ns: number) =>
      h(
        "div",
        { class: "pairbar" },
        h("b", {}, name),
        h("span", { class: "track" }, h("i", { class: name, style: { width: `${(100 * ns) / widest}%` } })),
        h("span", { class: "number" }, formatNs(ns)),
      );
    const delta = row.b - row.a;
    return h(
      "div",
      { class: "total" },
      h("h4", {}, `${row.label[0]!.toUpperCase()}${row.label.slice(1)} time per ${pair.per}`),
      bar("A", row.a),
      bar("B", row.b),
      h(
        "p",
        {},
        h(
          "strong",
          { class: tone(row) },
          `${MARKS[row.verdict]} ${signedNs(delta)} (${signedShare(row.a, delta)}) ${row.verdict}`,
        ),
      ),
      row.low === null ? null : h("p", { class: "muted" }, `interval ${interval(row)}`),
      row.detectable === null
        ? null
        : h("p", { class: "muted" }, `${formatNs(row.detectable)} would have been found 4 times out of 5`),
    );
  });
  const folded = pair.folded ? h("p", { class: "muted compared" }, pair.folded) : null;
  return h("div", { class: "totals" }, ...cards, h("p", { class: "muted compared" }, pair.compared), folded);
}

/** Each phase's part of the time, which can be selected; and those that are not compared. */
function phases(store: ComparisonStore): HTMLElement | null {
  const { pair, selection } = store;
  if (pair.phase.length < 2) return null;
  const steps = ({ steps: [a, b] }: PhaseRow) => (a || b ? `${a} and ${b} steps` : "");
  const items = pair.phase.map((row) => {
    const delta = row.b - row.a;
    const name = h("b", {}, row.label);
    if (!row.a && !row.b) return h("span", { class: "muted" }, name, `${steps(row) && ` ${steps(row)}`}, not compared`);
    const { share } = row;
    const change =
      row.a && row.b
        ? `${MARKS[row.verdict]} ${signedNs(delta)} (${signedShare(row.a, delta)})`
        : `${signedNs(delta)} ${row.verdict}`;
    const own = share && share < 1 ? `own step ${formatNs(row.a / share)} → ${formatNs(row.b / share)}` : "";
    return h(
      "button",
      {
        "aria-pressed": String(selection.phase === row.key),
        title: `${row.label}, ${steps(row)}: its part of the time per ${pair.per}; interval ${interval(row)}, ${row.verdict}`,
        onclick: () => store.toggle("phase", row.key),
      },
      name,
      ` ${formatNs(row.a)} → ${formatNs(row.b)} `,
      h("strong", { class: tone(row) }, change),
      own && h("span", { class: "muted" }, ` ${own}`),
    );
  });
  const remark = pair.within.length > 0 && h("span", { class: "muted" }, `parts of the time per ${pair.per}`);
  return h(
    "div",
    { class: "bar phases", role: "group", "aria-label": "Phases" },
    h("h4", {}, "Phases"),
    remark,
    ...items,
  );
}

function selected(store: ComparisonStore): HTMLElement {
  const { pair, selection } = store;
  const chosen = DIMENSIONS.filter((one) => selection[one] !== undefined);
  if (!chosen.length) return h("div", { class: "chips muted" }, "Click anything to follow it through all views.");
  const { a, b } = sums(pair, "backend", selection);
  let [ofA, ofB] = [0, 0];
  a.forEach((ns, at) => {
    if (selection.backend !== undefined && selection.backend !== at) return;
    ofA += ns;
    ofB += b[at]!;
  });
  const chips = chosen.map((one) => {
    const value = selection[one]!;
    const text = `${nameOf(one)}: ${plainName(brief(pair[one][value]!.label), 60)} ×`;
    return h("button", { class: "chip", onclick: () => store.toggle(one, value) }, text);
  });
  return h(
    "div",
    { class: "chips", "aria-live": "polite" },
    ...chips,
    h("button", { class: "chip reset", onclick: () => store.reset() }, "reset"),
    h(
      "span",
      { class: "picked" },
      `${formatNs(ofA)} → ${formatNs(ofB)}, ${signedNs(ofB - ofA)} of the selected (${known(store)})`,
    ),
  );
}

/** One thing, within a phase or not, is a row of the tables and has an interval; what several have in common has none. */
function known({ pair, selection }: ComparisonStore): string {
  const [first, ...more] = DIMENSIONS.filter((one) => one !== "phase" && selection[one] !== undefined);
  const row = first ? rowsOf(pair, first, selection.phase)[selection[first]!]! : wholeOf(pair, selection.phase);
  return more.length || row.low === null ? "no interval" : `interval ${interval(row)}, ${row.verdict}`;
}
