// The kernel table: the same numbers as the canvas, as text that can be read aloud, sorted and copied.

import { formatCount, formatNs, formatShare, plainName } from "../data/format";
import { inkOf } from "../draw/palette";
import { toggled } from "../state/clauses";
import { type KernelLine, kernelLines, type SortKey, sortLines } from "../state/kernels";
import type { Store } from "../state/store";
import { h, replace } from "./dom";

const PAGE = 15;
const NUMERIC: readonly SortKey[] = ["calls", "total", "mean"];

export class TableView {
  readonly element = h("section", { class: "panel kernels", "aria-label": "Kernels" });
  private readonly title = h("h3", {});
  private readonly count = h("span", { class: "muted" });
  private readonly head = h("tr");
  private readonly body = h("tbody");
  private readonly more = h("button", { type: "button", class: "more", onclick: () => this.showMore() });
  private readonly empty = h("p", { class: "empty" }, "Nothing is left under these filters.");
  private lines: KernelLine[] = [];
  private sort: { key: SortKey; descending: boolean } = { key: "total", descending: true };
  private shown = PAGE;

  constructor(private readonly store: Store) {
    this.element.append(
      h("div", { class: "panel-head" }, this.title, this.count),
      h("div", { class: "table-scroll" }, h("table", {}, h("thead", {}, this.head), this.body)),
      this.empty,
      this.more,
    );
    this.update();
  }

  update(): void {
    const { store } = this;
    const onHost = store.data.meta.weight === "host" || store.options.weight === "host";
    this.title.textContent = onHost ? "Operators" : "Kernels";
    const passing = store.passing("kernel");
    this.lines = sortLines(
      store.data,
      kernelLines(store.data, store.kernelGroups, store.weights, passing),
      this.sort.key,
      this.sort.descending,
    );
    this.count.textContent = `${formatCount(this.lines.length)} distinct`;
    this.shown = PAGE;
    this.drawHead(onHost ? "operator" : "kernel");
    this.drawBody();
  }

  private drawHead(noun: string): void {
    const columns: [SortKey | null, string][] = [
      ["name", noun],
      ["backend", "backend"],
      ["category", "category"],
      ["calls", "calls"],
      ["total", this.store.options.weight === "count" ? "calls, all" : "total"],
      [null, "share"],
      ["mean", "mean"],
    ];
    const shownColumns =
      this.store.options.weight === "count" ? columns.filter(([key]) => key !== "mean" && key !== "calls") : columns;
    replace(
      this.head,
      ...shownColumns.map(([key, label]) => {
        const isSorted = key === this.sort.key;
        const isNumber = key === null || NUMERIC.includes(key);
        const props = {
          scope: "col",
          class: isNumber ? `number ${label}` : label,
          "aria-sort": isSorted ? (this.sort.descending ? "descending" : "ascending") : undefined,
        };
        if (key === null) return h("th", props, label);
        const arrow = isSorted ? (this.sort.descending ? "↓" : "↑") : "";
        return h(
          "th",
          props,
          h(
            "button",
            { type: "button", onclick: () => this.sortBy(key) },
            label,
            h("span", { class: "arrow", "aria-hidden": "true" }, arrow),
          ),
        );
      }),
    );
  }

  private drawBody(): void {
    const { store, lines } = this;
    const total = lines.reduce((sum, line) => sum + line.total, 0);
    const largest = lines.reduce((most, line) => Math.max(most, line.total), 0);
    const chosen = new Set(store.clauses.kernel ?? []);
    const isCount = store.options.weight === "count";
    const show = isCount ? formatCount : formatNs;
    replace(
      this.body,
      ...lines.slice(0, this.shown).map((line) => {
        const role = store.data.meta.roles[line.role];
        const ink = inkOf(role?.key ?? "");
        const name = plainName(line.name);
        const isChosen = chosen.has(line.name);
        return h(
          "tr",
          {
            class: chosen.size > 0 && !isChosen ? "dimmed" : isChosen ? "chosen" : undefined,
            onclick: (event: MouseEvent) => this.choose(line, event),
          },
          h(
            "td",
            { class: "name" },
            h("button", { type: "button", title: name, "aria-pressed": String(isChosen) }, name),
          ),
          h(
            "td",
            { class: "backend" },
            h("span", { class: ink.hatched ? "swatch hatched" : "swatch", style: { "background-color": ink.fill } }),
            role?.label ?? "?",
          ),
          h("td", { class: "category" }, store.data.meta.categories[line.category] ?? ""),
          !isCount && h("td", { class: "number" }, formatCount(line.calls)),
          h("td", { class: "number" }, show(line.total)),
          h(
            "td",
            { class: "number share" },
            h(
              "span",
              { class: "share-bar", "aria-hidden": "true" },
              h("span", { style: { width: `${(100 * line.total) / largest}%`, "background-color": ink.fill } }),
            ),
            h("span", { class: "share-text" }, formatShare(line.total, total)),
          ),
          !isCount && h("td", { class: "number" }, formatNs(line.mean)),
        );
      }),
    );
    this.empty.hidden = lines.length > 0;
    const hidden = lines.length - Math.min(this.shown, lines.length);
    this.more.hidden = hidden === 0;
    this.more.textContent = `Show ${Math.min(hidden, PAGE * 4)} more of ${formatCount(hidden)}`;
  }

  private showMore(): void {
    this.shown += PAGE * 4;
    this.drawBody();
  }

  private sortBy(key: SortKey): void {
    this.sort = { key, descending: this.sort.key === key ? !this.sort.descending : NUMERIC.includes(key) };
    const label = (this.head.getRootNode() as ShadowRoot).activeElement?.textContent;
    this.update();
    for (const button of this.head.querySelectorAll("button")) {
      if (label && button.firstChild?.textContent && label.startsWith(button.firstChild.textContent)) button.focus();
    }
  }

  /** A plain click chooses one kernel; with Ctrl, ⌘ or Shift it is added or taken away. */
  private choose(line: KernelLine, event: MouseEvent): void {
    const current = this.store.clauses.kernel;
    const adds = event.ctrlKey || event.metaKey || event.shiftKey;
    const alone = current?.length === 1 && current[0] === line.name;
    const shown = this.shown;
    const top = [...this.body.children].indexOf(event.currentTarget as Element);
    const hadFocus = (this.body.getRootNode() as ShadowRoot).activeElement !== null;
    this.store.set("kernel", adds ? toggled(current, line.name) : alone ? undefined : [line.name]);
    if (shown > PAGE) {
      this.shown = shown;
      this.drawBody();
    }
    if (hadFocus) this.body.children[top]?.querySelector("button")?.focus({ preventScroll: true });
  }
}
