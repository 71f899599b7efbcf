// Choosing among the values of a dimension: a list with how much each would give, and numbers written as ranges.

import { formatCount, formatShare } from "../data/format";
import { inkOf } from "../draw/palette";
import { type Choice, type Choosable, choicesOf, switched } from "../state/choices";
import type { Clauses } from "../state/clauses";
import type { Store } from "../state/store";
import { readNumbers } from "../state/written";
import { freshId, h, replace } from "./dom";
import { swatchOf } from "./swatch";

const LONG = 8;
const MOST_LISTED = 200;
const WRITTEN_AS_RANGES: readonly Choosable[] = ["layer", "step"];

export class FilterList {
  readonly element = h("div", { class: "filter-list" });
  private readonly list = h("ul", { class: "choices" });
  private readonly more = h("p", { class: "muted" });
  private readonly problem = h("p", { class: "problem", role: "alert" });
  private readonly sought: HTMLInputElement;
  private readonly written: HTMLInputElement;
  private choices: Choice[] = [];

  constructor(
    private readonly store: Store,
    private readonly dimension: Choosable,
  ) {
    const problemId = freshId("problem");
    this.problem.id = problemId;
    this.sought = h("input", {
      type: "search",
      class: "box",
      placeholder: "Find",
      "aria-label": `Find among the ${dimension} values`,
      "data-item": true,
      spellcheck: "false",
      oninput: () => this.update(),
    });
    this.written = h("input", {
      type: "text",
      class: "box",
      placeholder: "0-5, 9",
      "aria-label": `${dimension}s as numbers and ranges, for example 0-5, 9`,
      "aria-describedby": problemId,
      "data-item": true,
      spellcheck: "false",
      onchange: () => this.readWritten(),
      onkeydown: (event: KeyboardEvent) => event.key === "Enter" && this.readWritten(),
    });
    this.choices = choicesOf(store, dimension);
    const isRange = WRITTEN_AS_RANGES.includes(dimension);
    this.written.hidden = !isRange;
    this.sought.hidden = isRange || this.choices.length <= LONG;
    this.element.append(
      this.written,
      this.sought,
      this.problem,
      h(
        "div",
        { class: "choice-actions" },
        h("button", { type: "button", class: "link", onclick: () => this.choose(undefined) }, "All"),
        h("button", { type: "button", class: "link", onclick: () => this.choose([]) }, "None"),
      ),
      this.list,
      this.more,
    );
    this.update();
  }

  update(): void {
    const { store, dimension } = this;
    this.choices = choicesOf(store, dimension);
    const chosen = store.clauses[dimension] as (string | number)[] | undefined;
    const wanted = this.sought.value.trim().toLowerCase();
    const fits = this.choices.filter(
      (choice) => (choice.whole > 0 || chosen?.includes(choice.key)) && choice.label.toLowerCase().includes(wanted),
    );
    const total = this.choices.reduce((sum, choice) => sum + choice.weight, 0);
    const root = this.list.getRootNode() as ShadowRoot | Document;
    const focused = root.activeElement?.getAttribute("data-focus");
    replace(this.list, ...fits.slice(0, MOST_LISTED).map((choice) => this.line(choice, chosen, total)));
    if (focused) this.list.querySelector<HTMLElement>(`[data-focus="${CSS.escape(focused)}"]`)?.focus();
    this.more.textContent =
      fits.length > MOST_LISTED
        ? `and ${formatCount(fits.length - MOST_LISTED)} more`
        : fits.length === 0
          ? "There is none of that name."
          : "";
    if (root.activeElement !== this.written) this.written.value = runsOf(chosen);
  }

  private line(choice: Choice, chosen: (string | number)[] | undefined, total: number): HTMLElement {
    const id = freshId("choice");
    const ink = this.dimension === "backend" ? inkOf(String(choice.key)) : null;
    const box = h("input", {
      type: "checkbox",
      id,
      "data-item": true,
      "data-focus": `box ${choice.key}`,
      onchange: () => {
        const every = this.choices.map(({ key }) => key);
        this.choose(switched(this.store.clauses[this.dimension] as (string | number)[] | undefined, choice.key, every));
      },
    });
    box.checked = chosen === undefined || chosen.includes(choice.key);
    return h(
      "li",
      { class: choice.weight > 0 ? "choice" : "choice nothing", "data-key": String(choice.key) },
      box,
      h("label", { for: id }, ink && swatchOf(ink), h("span", { class: "choice-name" }, choice.label)),
      h(
        "button",
        {
          type: "button",
          class: "link only",
          "aria-label": `Only ${choice.label}`,
          "data-focus": `only ${choice.key}`,
          onclick: () => this.choose([choice.key]),
        },
        "only",
      ),
      h("span", { class: "number muted" }, `${formatCount(choice.calls)}×`),
      h("span", { class: "number" }, choice.weight > 0 ? formatShare(choice.weight, total) : "–"),
    );
  }

  private choose(value: (string | number)[] | undefined): void {
    this.say("");
    this.store.set(this.dimension, value as Clauses[Choosable]);
  }

  private readWritten(): void {
    const text = this.written.value.trim();
    const chosen = this.store.clauses[this.dimension] as (string | number)[] | undefined;
    if (text === runsOf(chosen)) {
      this.say("");
      return;
    }
    const known = this.choices
      .map(({ key }) => key)
      .filter((key): key is number => typeof key === "number" && key >= 0);
    const read = readNumbers(text, known);
    if ("problem" in read) {
      this.say(read.problem);
      return;
    }
    // What has no number, such as "outside layers", cannot be written: it stays as it is.
    const next = [...read.value, ...(chosen ?? []).filter((value) => Number(value) < 0)];
    this.choose(next.length > 0 ? next : undefined);
  }

  private say(problem: string): void {
    this.problem.textContent = problem;
    this.written.setAttribute("aria-invalid", String(problem !== ""));
  }
}

/** Numbers as they can be written again. */
function runsOf(values: readonly (string | number)[] | undefined): string {
  const numbers = (values ?? []).filter((value): value is number => typeof value === "number" && value >= 0);
  const runs: string[] = [];
  numbers
    .sort((a, b) => a - b)
    .forEach((number, i, all) => {
      if (i > 0 && all[i - 1] === number - 1) return;
      let end = i;
      while (all[end + 1] === all[end]! + 1) end++;
      runs.push(end === i ? `${number}` : `${number}-${all[end]}`);
    });
  return runs.join(", ");
}
