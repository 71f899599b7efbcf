// The kernel table: the same numbers as the canvas, as text that can be read aloud, sorted, opened and copied.

import { formatCount } from "../data/format";
import { LineChoice } from "../state/linechoice";
import { isText, Lines, type SortKey } from "../state/lines";
import type { Change, Store } from "../state/store";
import { afterPaint, h, patch, replace } from "./dom";
import { LaunchList } from "./tablelaunches";
import { type Column, columnsOf, drawRow, percentileTexts } from "./tablerow";
import { TableTools } from "./tabletools";

/** Lines shown at first, and once more are asked for. */
const FEW = 15;
const PAGE = 60;
/** Narrower than this, in pixels, what matters most stands beside the name. */
const NARROW_PX = 780;
/** With more events than this, percentiles that need them sorted first come after the lines have been shown. */
const MANY = 100_000;

export class TableView {
  readonly element = h("section", { class: "panel kernels", "aria-label": "Kernels" });
  private readonly lines: Lines;
  private readonly choice: LineChoice;
  private readonly title = h("h3", {});
  private readonly count = h("span", { class: "muted", role: "status" });
  private readonly caption = h("caption", { class: "visually-hidden" });
  private readonly head = h("tr");
  private readonly body = h("tbody", { onkeydown: (event: KeyboardEvent) => this.onKey(event) });
  private readonly pager = h("div", { class: "pager" });
  private readonly empty = h("p", { class: "empty" }, "Nothing is left under these filters.");
  private readonly tools: TableTools;
  private readonly opened = new Map<number, LaunchList>();
  private sort: { key: SortKey; descending: boolean } = { key: "total", descending: true };
  private first = 0;
  private size = FEW;
  private order: number[] = [];
  private columns: Column[] = [];
  private known = "";
  private stop = () => {};
  private isNarrow = false;

  constructor(
    private readonly store: Store,
    signal: AbortSignal,
  ) {
    this.lines = new Lines(store);
    this.choice = new LineChoice(store, this.lines);
    this.tools = new TableTools(store, this.lines, () => this.sort);
    this.element.append(
      h("div", { class: "panel-head" }, this.title, this.count, h("span", { class: "spacer" }), this.tools.element),
      h("div", { class: "table-scroll" }, h("table", {}, this.caption, h("thead", {}, this.head), this.body)),
      this.empty,
      this.pager,
    );
    const observer = new ResizeObserver(([entry]) => this.fit(entry!.contentRect.width));
    observer.observe(this.element);
    signal.addEventListener("abort", () => {
      observer.disconnect();
      this.stop();
    });
    this.update("options");
  }

  update(_change: Change): void {
    const { lines, choice, store } = this;
    lines.update(choice.own, choice.outer);
    this.columns = columnsOf(store, lines.onDevice, this.isNarrow);
    if (!this.columns.some(({ key }) => key === this.sort.key)) this.sort = { key: "total", descending: true };
    const known = `${lines.shown.length} ${lines.total} ${store.options.weight}`;
    if (known !== this.known) this.first = 0;
    this.known = known;
    this.title.textContent = lines.onDevice ? "Kernels" : "Operators";
    const count = `${formatCount(lines.shown.length)} distinct`;
    if (this.count.textContent !== count) this.count.textContent = count;
    this.draw();
  }

  private fit(width: number): void {
    const isNarrow = width > 0 && width < NARROW_PX;
    if (isNarrow === this.isNarrow) return;
    this.isNarrow = isNarrow;
    this.columns = columnsOf(this.store, this.lines.onDevice, isNarrow);
    this.draw();
  }

  /** Lines, and what they show of single events as soon as there is time. */
  private draw(): void {
    this.stop();
    const { events } = this.store;
    const sortsByEvents = this.sort.key === "p50" || this.sort.key === "p95";
    const waits = events !== null && events.count > MANY && !this.lines.isSorted && !sortsByEvents;
    this.drawLines(!waits);
    if (waits) this.stop = afterPaint(() => this.drawLines(true));
  }

  private drawLines(withPercentiles: boolean): void {
    const { lines, store, choice } = this;
    const focused = this.focusedKey();
    this.drawHead();
    const last = Math.min(lines.shown.length, this.first + this.size);
    this.order = lines.sorted(this.sort.key, this.sort.descending, last).slice(this.first);
    const isChosen = choice.test();
    const rows: HTMLElement[] = [];
    for (const group of this.order) {
      const list = this.opened.get(group);
      rows.push(
        drawRow(store, lines, group, this.columns, {
          isChosen: isChosen?.(group) ?? false,
          isDimmed: isChosen !== null && !isChosen(group),
          isOpen: list !== undefined,
          launches: list?.id,
          percentiles: withPercentiles ? percentileTexts(store, lines, group) : ["…", "…"],
          choose: (adds) => choice.choose(group, adds),
          open: () => this.toggle(group),
        }),
      );
      if (list) {
        list.update(this.columns.length);
        rows.push(list.element);
      }
    }
    patch(this.body, ...rows);
    this.empty.hidden = lines.shown.length > 0;
    this.drawPager(last);
    this.tools.update();
    this.focus(focused);
  }

  private drawHead(): void {
    const { key: sorted, descending } = this.sort;
    const label = this.columns.find(({ key }) => key === sorted)?.label ?? "";
    this.caption.textContent = `${this.title.textContent} under the filters, sorted by ${label}, ${
      descending ? "largest first" : "smallest first"
    }`;
    patch(
      this.head,
      ...this.columns.map(({ key, label, title }) =>
        h(
          "th",
          {
            scope: "col",
            class: isText(key) ? key : key === "layers" ? "number in-layers" : `number ${key}`,
            title: title || undefined,
            "aria-sort": key === sorted ? (descending ? "descending" : "ascending") : undefined,
          },
          h(
            "button",
            { type: "button", "data-key": `sort-${key}`, onclick: () => this.sortBy(key) },
            label,
            h("span", { class: "arrow", "aria-hidden": "true" }, key === sorted ? (descending ? "↓" : "↑") : ""),
          ),
        ),
      ),
    );
  }

  private drawPager(last: number): void {
    const all = this.lines.shown.length;
    const go = (text: string, label: string, to: number) =>
      h(
        "button",
        {
          type: "button",
          class: "more",
          "aria-label": label,
          disabled: to === this.first,
          onclick: () => this.turn(to),
        },
        text,
      );
    if (all <= FEW || (this.size === PAGE && all <= PAGE)) replace(this.pager);
    else if (this.size === FEW) {
      const more = Math.min(PAGE, all) - FEW;
      const text = `Show ${more} more of ${formatCount(all - FEW)}`;
      replace(
        this.pager,
        h("button", { type: "button", class: "more", "data-key": "more", onclick: () => this.grow() }, text),
      );
    } else {
      replace(
        this.pager,
        go("‹", "Page before", Math.max(0, this.first - PAGE)),
        h("span", { role: "status" }, `${formatCount(this.first + 1)}–${formatCount(last)} of ${formatCount(all)}`),
        go("›", "Page after", last < all ? this.first + PAGE : this.first),
      );
    }
  }

  private grow(): void {
    this.size = PAGE;
    this.draw();
    this.focus(`name-${this.order[FEW]}`);
  }

  private turn(first: number): void {
    const label = this.active?.getAttribute("aria-label");
    this.first = first;
    this.draw();
    const same = label ? this.pager.querySelector<HTMLButtonElement>(`[aria-label="${label}"]`) : null;
    (same?.disabled ? this.pager.querySelector<HTMLButtonElement>("button:enabled") : same)?.focus();
  }

  private sortBy(key: SortKey): void {
    const { sort } = this;
    this.sort = { key, descending: sort.key === key ? !sort.descending : !isText(key) };
    this.first = 0;
    this.draw();
  }

  private toggle(group: number): void {
    if (!this.opened.delete(group)) this.opened.set(group, new LaunchList(this.store, this.lines, this.choice, group));
    this.draw();
  }

  /** Up and down move between lines, right opens, left closes. */
  private onKey(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    const row = (event.target as Element).closest<HTMLElement>("tr[data-group]");
    const group = Number(row?.dataset.group ?? Number.NaN);
    const at = this.order.indexOf(group);
    if (at < 0) return;
    const last = this.order.length - 1;
    const places: Record<string, number> = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: last };
    const to = places[event.key];
    if (to !== undefined) this.focus(`name-${this.order[Math.min(last, Math.max(0, to))]}`);
    else if (event.key === "ArrowRight" && !this.opened.has(group)) this.toggle(group);
    else if (event.key === "ArrowLeft" && this.opened.has(group)) this.toggle(group);
    else return;
    event.preventDefault();
  }

  private get active(): Element | null {
    return (this.element.getRootNode() as ShadowRoot).activeElement ?? null;
  }

  private focusedKey(): string | undefined {
    const { active } = this;
    return active && this.element.contains(active) ? (active as HTMLElement).dataset.key : undefined;
  }

  private focus(key: string | undefined): void {
    const found = key ? this.element.querySelector<HTMLElement>(`[data-key="${key}"]`) : null;
    if (found !== this.active) found?.focus({ preventScroll: key !== "more" });
  }
}
