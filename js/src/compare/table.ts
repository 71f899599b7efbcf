// Every kernel, or kernels that do the same work, with its difference and whether that is more than noise.

import { formatNs, plainName } from "../data/format";
import { h, replace } from "../views/dom";
import { type KernelRow, rowsOf, touched } from "./payload";
import { interval, isSure, MARKS, signedNs, signedShare, tone } from "./signs";
import type { ComparisonStore } from "./store";

const SHOWN = 200;

interface Column {
  name: string;
  value: (row: KernelRow) => number | string;
}

const COLUMNS: Column[] = [
  { name: "kernel", value: (row) => row.label },
  { name: "backend", value: (row) => row.backends.join(" → ") },
  { name: "A", value: (row) => row.a },
  { name: "B", value: (row) => row.b },
  { name: "B − A", value: (row) => Math.abs(row.b - row.a) },
  { name: "%", value: (row) => (row.a ? (row.b - row.a) / row.a : Number.POSITIVE_INFINITY) },
  { name: "interval", value: (row) => row.low ?? 0 },
  { name: "verdict", value: (row) => row.verdict },
];

export function mountTable(root: HTMLElement, store: ComparisonStore): void {
  let [by, isDown, text, onlySure] = [4, true, "", false];
  const body = h("tbody");
  const head = h("tr");
  const count = h("span", { class: "muted" });
  const search = h("input", {
    type: "search",
    placeholder: "filter by name",
    "aria-label": "Filter by name",
    oninput: (event: Event) => {
      text = (event.target as HTMLInputElement).value.toLowerCase();
      draw();
    },
    onkeydown: (event: Event) => event.stopPropagation(),
  });
  const sure = h("input", {
    type: "checkbox",
    onchange: (event: Event) => {
      onlySure = (event.target as HTMLInputElement).checked;
      draw();
    },
  });
  const copy = h("button", {
    onclick: () => {
      navigator.clipboard
        ?.writeText(csv(chosen()))
        .then(() => {
          copy.textContent = "copied";
        })
        .catch(() => {
          copy.textContent = "the browser does not allow it";
        });
    },
  });
  const chosen = (): KernelRow[] => {
    const alive = touched(store.pair, "kernel", store.selection);
    const { value } = COLUMNS[by]!;
    const rows = rowsOf(store.pair, "kernel", store.selection.phase).filter(
      (row) => alive.has(row.key) && (!onlySure || isSure(row)) && row.label.toLowerCase().includes(text),
    );
    const order = (x: KernelRow, y: KernelRow) => {
      const [p, q] = [value(x), value(y)];
      return typeof p === "string" ? p.localeCompare(q as string) : p - (q as number);
    };
    return rows.sort((x, y) => (isDown ? -1 : 1) * order(x, y));
  };
  const draw = () => {
    copy.textContent = "copy CSV";
    const rows = chosen();
    replace(head, ...COLUMNS.map((column, at) => heading(column, at)));
    replace(body, ...rows.slice(0, SHOWN).map((row) => line(row, store)));
    const more = rows.length > SHOWN ? `, ${SHOWN} shown` : "";
    count.textContent = `${rows.length} of ${store.pair.kernel.length}${more}`;
  };
  const heading = (column: Column, at: number) =>
    h(
      "th",
      { scope: "col", "aria-sort": at === by ? (isDown ? "descending" : "ascending") : "none" },
      h(
        "button",
        {
          onclick: () => {
            [isDown, by] = [at === by ? !isDown : at > 1 && at < 7, at];
            draw();
          },
        },
        `${column.name}${at === by ? (isDown ? " ▾" : " ▴") : ""}`,
      ),
    );
  replace(
    root,
    h("div", { class: "bar" }, h("h3", {}, "Kernels"), search, h("label", {}, sure, " changes only"), count, copy),
    h("div", { class: "scroll", tabindex: "0" }, h("table", {}, h("thead", {}, head), body)),
  );
  store.listen(draw);
}

function line(row: KernelRow, store: ComparisonStore): HTMLElement {
  const delta = row.b - row.a;
  const [from, to] = row.backends;
  const isChosen = store.selection.kernel === row.key;
  const choose = () => store.toggle("kernel", row.key);
  return h(
    "tr",
    { class: isChosen ? "chosen" : "", onclick: choose },
    h(
      "td",
      { class: "name" },
      h(
        "button",
        {
          title: `${plainName(row.label, 1200)}\nmatched by: ${row.how}`,
          "aria-pressed": String(isChosen),
          onclick: (event: Event) => {
            event.stopPropagation();
            choose();
          },
        },
        plainName(row.label, 110),
      ),
    ),
    h("td", {}, from === to || !from || !to ? from || to : `${from} → ${to}`),
    h("td", { class: "number" }, row.a ? formatNs(row.a) : "–"),
    h("td", { class: "number" }, row.b ? formatNs(row.b) : "–"),
    h("td", { class: "number" }, signedNs(delta)),
    h("td", { class: "number" }, signedShare(row.a, delta)),
    h("td", { class: "number" }, interval(row)),
    h("td", {}, h("span", { class: `verdict ${tone(row)}` }, `${MARKS[row.verdict]} ${row.verdict}`)),
  );
}

/** Spreadsheets run what begins like a formula: a name from a trace must not. */
function csv(rows: readonly KernelRow[]): string {
  const cell = (value: string | number | null) => {
    const text = String(value ?? "");
    const harmless = typeof value === "string" && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
    return /[",\n\r]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
  };
  const head = "kernel,how,a_backend,b_backend,category,a_ns,b_ns,delta_ns,low_ns,high_ns,q,verdict";
  const lines = rows.map((row) =>
    [
      row.label,
      row.how,
      ...row.backends,
      row.category,
      row.a,
      row.b,
      row.b - row.a,
      row.low,
      row.high,
      row.q,
      row.verdict,
    ]
      .map(cell)
      .join(","),
  );
  return [head, ...lines, ""].join("\n");
}
