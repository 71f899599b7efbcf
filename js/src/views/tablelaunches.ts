// Under a line of the kernel table: its single calls.

import { NONE } from "../data/contract";
import type { Events } from "../data/events";
import { formatCount, formatNs, plainName } from "../data/format";
import { delayOf } from "../state/eventsums";
import { shapesOf, shapeText } from "../state/inputshapes";
import type { LineChoice } from "../state/linechoice";
import type { Lines } from "../state/lines";
import { firstOf } from "../state/ranking";
import type { Store } from "../state/store";
import { freshId, h, replace } from "./dom";

const FEW = 20;
const MORE = 100;

type Order = "start" | "took";

interface LaunchColumn {
  label: string;
  title?: string;
  isText?: boolean;
  /** Empty where nothing is known. */
  text(event: number): string;
}

export class LaunchList {
  readonly id = freshId("launches");
  private readonly cell = h("td", {});
  readonly element = h("tr", { class: "launches", id: this.id }, this.cell);
  private sort: { key: Order; descending: boolean } = { key: "took", descending: true };
  private count = FEW;
  private span = 1;

  constructor(
    private readonly store: Store,
    private readonly lines: Lines,
    private readonly choice: LineChoice,
    private readonly group: number,
  ) {}

  /** Over this many columns. */
  update(columns: number): void {
    this.span = columns;
    this.cell.colSpan = columns;
    const line = this.lines.line(this.group);
    replace(this.cell, h("div", { class: "launches-body" }, this.calls(plainName(line.name, 120))));
  }

  private calls(name: string): HTMLElement {
    const { store, lines, group } = this;
    const { events } = store;
    const found = lines.eventsOf(group);
    if (!events || !found) {
      return h("p", { class: "muted", role: "status" }, store.missing || "Loading single events …");
    }
    const total = lines.line(group).calls;
    const shown = this.first(found.all, found.passes);
    const left = total - shown.length;
    const columns = this.columns(events, shown);
    return h(
      "div",
      {},
      h(
        "table",
        { class: "small-table launch-table" },
        h("caption", { class: "visually-hidden" }, `Single calls of ${name}`),
        h("thead", {}, this.head(columns)),
        h("tbody", {}, ...shown.map((event) => this.row(events, event, columns))),
      ),
      left > 0 &&
        h(
          "button",
          {
            type: "button",
            class: "more",
            "data-key": `more-${group}`,
            onclick: () => this.showMore(),
          },
          `Show ${formatCount(Math.min(MORE, left))} more of ${formatCount(left)}`,
        ),
    );
  }

  /** The first ones in the order that is asked for. By duration they are sorted already. */
  private first(all: Int32Array, passes: (event: number) => boolean): number[] {
    const { key, descending } = this.sort;
    const { start_ns } = this.store.events!;
    if (key === "start") {
      const sign = descending ? -1 : 1;
      return firstOf(all.filter(passes), this.count, (a, b) => sign * (start_ns[a] - start_ns[b]) || a - b);
    }
    const found: number[] = [];
    for (let i = 0; i < all.length && found.length < this.count; i++) {
      const event = all[descending ? all.length - 1 - i : i];
      if (passes(event)) found.push(event);
    }
    return found;
  }

  /** What is known of any of the calls. */
  private columns(events: Events, shown: readonly number[]): LaunchColumn[] {
    const { data } = this.store;
    const { layer, step, phase, stream, rank } = data.facts;
    const code = (label: string, column: ArrayLike<number>): LaunchColumn => ({
      label,
      text: (event) => (column[events.fact[event]]! < 0 ? "" : `${column[events.fact[event]]}`),
    });
    const all: LaunchColumn[] = [
      code("layer", layer),
      code("step", step),
      { label: "phase", isText: true, text: (event) => data.meta.phases[phase[events.fact[event]]] ?? "" },
      code("stream", stream),
      ...(data.meta.ranks.length > 1 ? [code("rank", rank)] : []),
      {
        label: "launch delay",
        title: "From the start of the launching call to the start of the work",
        text: (event) => {
          const delay = delayOf(events, event);
          return delay ? formatNs(delay.launch_ns) : "";
        },
      },
      {
        label: "input shapes",
        isText: true,
        text: (event) => {
          const shapes = shapesOf(events).of(event);
          return shapes === NONE ? "" : plainName(shapeText(events.meta.shapes[shapes] ?? ""), 160);
        },
      },
    ];
    return all.filter(({ text }) => shown.some((event) => text(event) !== ""));
  }

  private head(columns: readonly LaunchColumn[]): HTMLElement {
    const { onDevice } = this.lines;
    const sorted = (key: Order, label: string, title: string) => {
      const isSorted = this.sort.key === key;
      const arrow = isSorted ? (this.sort.descending ? "↓" : "↑") : "";
      return h(
        "th",
        {
          scope: "col",
          class: "number",
          title: title || undefined,
          "aria-sort": isSorted ? (this.sort.descending ? "descending" : "ascending") : undefined,
        },
        h(
          "button",
          { type: "button", "data-key": `${key}-${this.group}`, onclick: () => this.sortBy(key) },
          label,
          h("span", { class: "arrow", "aria-hidden": "true" }, arrow),
        ),
      );
    };
    return h(
      "tr",
      {},
      sorted("start", "start", "On the clock that all ranks share"),
      sorted("took", onDevice ? "duration" : "self time", onDevice ? "" : "Without what it called"),
      ...columns.map(({ label, title, isText }) =>
        h("th", { scope: "col", class: isText ? undefined : "number", title }, label),
      ),
    );
  }

  private row(events: Events, event: number, columns: readonly LaunchColumn[]): HTMLElement {
    const row = events.row[event];
    const isChosen = this.store.clauses.row?.includes(row) ?? false;
    const start = h(
      "button",
      {
        type: "button",
        class: "launch",
        "aria-pressed": String(isChosen),
        "data-key": `row-${row}`,
        title: `Select this call: row ${row}`,
      },
      inUnit(events.start_ns[event] / 1e6, 6, "ms"),
    );
    return h(
      "tr",
      { class: isChosen ? "chosen" : undefined, onclick: (click: MouseEvent) => this.choose(row, click) },
      h("td", { class: "number", role: "rowheader" }, start),
      h("td", { class: "number" }, inUnit(this.took(events, event) / 1e3, 3, "µs")),
      ...columns.map(({ text, isText }) => h("td", { class: isText ? "text" : "number" }, text(event) || "–")),
    );
  }

  private took(events: Events, event: number): number {
    return (this.lines.onDevice ? events.dur_ns : events.host_ns)[event];
  }

  private choose(row: number, click: MouseEvent): void {
    click.stopPropagation();
    this.choice.chooseEvent(row, click.ctrlKey || click.metaKey || click.shiftKey);
  }

  private sortBy(key: Order): void {
    const { sort } = this;
    this.sort = { key, descending: sort.key === key ? !sort.descending : key === "took" };
    this.count = FEW;
    this.redraw(`${key}-${this.group}`);
  }

  private showMore(): void {
    const next = this.count;
    this.count += MORE;
    this.update(this.span);
    this.cell.querySelectorAll<HTMLElement>(".launch")[next]?.focus({ preventScroll: true });
  }

  private redraw(key: string): void {
    this.update(this.span);
    this.cell.querySelector<HTMLElement>(`[data-key="${key}"]`)?.focus({ preventScroll: true });
  }
}

/** Every nanosecond, points below each other. */
function inUnit(value: number, decimals: number, unit: string): string {
  const text = value.toLocaleString("en-US", { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
  return `${text}\u202f${unit}`;
}
