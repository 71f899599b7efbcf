// Taking the kernel table along: as text to the clipboard, as a file.

import { formatCount, formatRuns } from "../data/format";
import type { Lines, SortKey } from "../state/lines";
import { commaSeparated, fileName, tabSeparated } from "../state/separated";
import type { Store } from "../state/store";
import { copyText } from "./copybutton";
import { h } from "./dom";

const SAID_MS = 4000;
const ALL = "All lines under the filters";

export class TableTools {
  private readonly said = h("span", { class: "muted said", role: "status" });
  private readonly copying = h(
    "button",
    { type: "button", class: "toggle", title: `${ALL}, as text`, onclick: () => void this.copy() },
    "Copy",
  );
  private readonly saving = h(
    "button",
    { type: "button", class: "toggle", title: ALL, onclick: () => this.save() },
    "Save CSV",
  );
  readonly element = h("div", { class: "table-tools" }, this.said, this.copying, this.saving);
  private silence = 0;

  constructor(
    private readonly store: Store,
    private readonly lines: Lines,
    private readonly sort: () => { key: SortKey; descending: boolean },
  ) {}

  update(): void {
    const isNothing = this.lines.shown.length === 0;
    this.copying.disabled = isNothing;
    this.saving.disabled = isNothing;
  }

  private ordered(): number[] {
    const { key, descending } = this.sort();
    return this.lines.sorted(key, descending);
  }

  private async copy(): Promise<void> {
    const groups = this.ordered();
    const isDone = await copyText(tabSeparated(this.table(groups)), this.copying);
    this.say(isDone ? `${linesText(groups.length)} copied` : "This page may not use the clipboard: save a CSV instead");
  }

  private save(): void {
    const groups = this.ordered();
    const { meta } = this.store.data;
    const what = this.lines.onDevice ? "kernels" : "operators";
    const blob = new Blob([commaSeparated(this.table(groups))], { type: "text/csv;charset=utf-8" });
    const url = URL.createObjectURL(blob);
    h("a", { href: url, download: fileName(meta.title, `-${what}.csv`) }).click();
    // The browser reads it some time after the click.
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
    this.say(`${linesText(groups.length)} saved`);
  }

  /** Exact numbers, with their units in the names of the columns. */
  private table(groups: readonly number[]): (string | number)[][] {
    const { store, lines } = this;
    const { meta } = store.data;
    const isCount = store.options.weight === "count";
    const times = isCount ? [] : ["total_ns", "mean_ns"];
    const name = lines.onDevice ? "kernel" : "operator";
    const header = [name, "backend", "category", "calls", ...times, "share_percent", "p50_ns", "p95_ns", "layers"];
    const rows = groups.map((group) => {
      const line = lines.line(group);
      const percentiles = lines.percentilesOf(group);
      return [
        line.name,
        meta.roles[line.role]?.label ?? "",
        meta.categories[line.category] ?? "",
        line.calls,
        ...(isCount ? [] : [line.total, Math.round(line.mean)]),
        Number(((100 * line.total) / lines.total).toPrecision(8)),
        percentiles?.p50 ?? "",
        percentiles?.p95 ?? "",
        formatRuns(line.layers, Number.POSITIVE_INFINITY),
      ];
    });
    return [header, ...rows];
  }

  private say(words: string): void {
    this.said.textContent = words;
    clearTimeout(this.silence);
    this.silence = window.setTimeout(() => {
      this.said.textContent = "";
    }, SAID_MS);
  }
}

const linesText = (count: number): string => (count === 1 ? "1 line" : `${formatCount(count)} lines`);
