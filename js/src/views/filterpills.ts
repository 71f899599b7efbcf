// The two filters that are used most, always in sight: a pill for each backend and each phase.

import { formatShare } from "../data/format";
import { inkOf } from "../draw/palette";
import { type Choice, choicesOf } from "../state/choices";
import { toggled } from "../state/clauses";
import type { Store } from "../state/store";
import { h, patch } from "./dom";
import { swatchOf } from "./swatch";

export class FilterPills {
  readonly element: HTMLElement;

  constructor(
    private readonly store: Store,
    private readonly dimension: "backend" | "phase",
  ) {
    this.element = h("div", { class: "pills", role: "group", "aria-label": dimension });
  }

  update(): void {
    const { store, dimension, element } = this;
    const chosen = store.clauses[dimension];
    const choices = choicesOf(store, dimension);
    const total = choices.reduce((sum, choice) => sum + choice.weight, 0);
    // Backends keep the order that they have everywhere.
    const order = store.data.meta.roles.map((role) => role.key);
    if (dimension === "backend") choices.sort((a, b) => order.indexOf(String(a.key)) - order.indexOf(String(b.key)));
    element.hidden = dimension === "phase" && !choices.some((choice) => choice.key !== "" && choice.whole > 0);
    patch(
      element,
      h("span", { class: "group-label" }, dimension),
      ...choices
        .filter((choice) => choice.whole > 0 || chosen?.includes(String(choice.key)))
        .map((choice) => this.pill(choice, chosen, total)),
    );
  }

  private pill(choice: Choice, chosen: string[] | undefined, total: number): HTMLElement {
    const { store, dimension } = this;
    const key = String(choice.key);
    const ink = dimension === "backend" ? inkOf(key) : null;
    return h(
      "button",
      {
        type: "button",
        class: choice.weight > 0 ? "pill" : "pill nothing",
        "data-key": key,
        "aria-pressed": chosen ? String(chosen.includes(key)) : "false",
        title: chosen ? `Click to add or remove, double-click for ${choice.label} only` : `Only ${choice.label}`,
        onclick: (event: MouseEvent) =>
          store.set(dimension, event.detail === 2 ? [key] : toggled(store.clauses[dimension], key)),
      },
      ink && swatchOf(ink),
      h("span", {}, choice.label),
      h("span", { class: "pill-share" }, choice.weight > 0 ? formatShare(choice.weight, total) : "–"),
    );
  }
}
