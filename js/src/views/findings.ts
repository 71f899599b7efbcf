// Findings, worst first: what is wrong or worth doing, what it costs and why. A click selects its evidence everywhere.

import type { FindingNote } from "../data/contract";
import { plainName } from "../data/format";
import { parseClauses, sameClauses } from "../state/clauses";
import type { Store } from "../state/store";
import { freshId, h, replace } from "./dom";
import { pieces } from "./findingpieces";

const MARKS: Record<string, string> = { error: "✖", warning: "⚠", info: "·" };
const MOST_SHOWN = 5;

interface Entry {
  item: FindingNote;
  row: HTMLElement;
  button: HTMLButtonElement;
  body: HTMLElement;
}

export class FindingsView {
  readonly element = h("section", { class: "panel findings", "aria-label": "Findings" });
  private readonly list = h("ol", { class: "finding-list" });
  private readonly more = h("button", { type: "button", class: "toggle", onclick: () => this.showAll() });
  private readonly entries: Entry[];
  private open = "";

  constructor(private readonly store: Store) {
    const { summary = "No findings", items = [] } = store.data.meta.findings ?? {};
    this.entries = items.map((item) => this.entry(item));
    this.element.append(
      h("div", { class: "panel-head" }, h("h3", {}, "Findings"), h("span", { class: "muted" }, summary)),
      items.length > 0
        ? this.list
        : h("p", { class: "empty" }, "Nothing was found that is wrong with this run, as far as xpubreak looks."),
    );
    replace(this.list, ...this.entries.slice(0, MOST_SHOWN).map(({ row }) => row));
    if (items.length > MOST_SHOWN) {
      this.more.textContent = `Show ${items.length - MOST_SHOWN} more`;
      this.element.append(this.more);
    }
    this.list.addEventListener("keydown", (event) => this.move(event));
    this.update();
  }

  update(): void {
    for (const { item, row, button, body } of this.entries) {
      const isOpen = item.key === this.open;
      button.setAttribute("aria-expanded", String(isOpen));
      row.classList.toggle("chosen", this.isChosen(item));
      body.hidden = !isOpen;
    }
  }

  private isChosen({ evidence }: FindingNote): boolean {
    return Object.keys(evidence).length > 0 && sameClauses(parseClauses(evidence), this.store.clauses);
  }

  private entry(item: FindingNote): Entry {
    const id = freshId("finding");
    const button = h(
      "button",
      { type: "button", class: "finding", "aria-controls": id, onclick: () => this.choose(item) },
      h("span", { class: "finding-mark", "aria-hidden": "true" }, MARKS[item.severity] ?? "·"),
      h("span", { class: "visually-hidden" }, `${item.severity}: `),
      h("span", { class: "finding-title" }, plainName(item.title, 300)),
      h("span", { class: "stake" }, item.stake),
    );
    const body = h(
      "div",
      { class: "finding-body", id, hidden: true },
      told("Arithmetic", item.arithmetic),
      pieces(item.columns),
      told("What to do", item.advice),
      told("Beware", item.caveat),
      told("Source", item.source),
      h("p", { class: "muted" }, this.evidenceText(item)),
    );
    return { item, button, body, row: h("li", { class: item.severity }, button, body) };
  }

  private evidenceText({ evidence, folded = "" }: FindingNote): string {
    const names = Object.keys(evidence);
    if (names.length === 0) return folded || "It is about the profile as a whole: nothing is selected.";
    const by = names.map((name) => (name === "node" ? "call path" : name)).join(" and ");
    return `Evidence: selected in all views by ${by}. ${folded}`.trim();
  }

  /** The first click opens it and selects its evidence; the next one takes both back. */
  private choose(item: FindingNote): void {
    const wasOpen = this.open === item.key;
    const wasChosen = this.isChosen(item);
    this.open = wasOpen && (wasChosen || Object.keys(item.evidence).length === 0) ? "" : item.key;
    if (Object.keys(item.evidence).length > 0) {
      if (wasOpen && wasChosen) this.store.clear();
      else this.store.replace(item.evidence);
    }
    this.update();
  }

  private showAll(): void {
    replace(this.list, ...this.entries.map(({ row }) => row));
    this.more.remove();
    this.entries[MOST_SHOWN]?.button.focus();
  }

  private move(event: KeyboardEvent): void {
    const steps: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, Home: -1e9, End: 1e9 };
    const step = steps[event.key];
    const buttons = [...this.list.querySelectorAll<HTMLButtonElement>(".finding")];
    const at = buttons.indexOf(event.target as HTMLButtonElement);
    if (step === undefined || at < 0) return;
    event.preventDefault();
    buttons[Math.min(buttons.length - 1, Math.max(0, at + step))]!.focus();
  }
}

function told(name: string, text: string): HTMLElement | null {
  return text ? h("p", {}, h("strong", {}, name), ` ${plainName(text, 1500)}`) : null;
}
