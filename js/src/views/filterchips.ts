// What is filtered: one chip for each dimension, and for each text, to change or to remove.

import { singleChips } from "../state/chips";
import type { Dimension } from "../state/clauses";
import type { Store } from "../state/store";
import { h, replace } from "./dom";

export interface ChipActions {
  /** Open what the dimension is chosen with; false where it comes from clicks alone. */
  canEdit(dimension: Dimension): boolean;
  edit(dimension: Dimension, anchor: HTMLElement, only?: string): void;
  /** All of a dimension, or one text. */
  remove(dimension: Dimension, only?: string): void;
}

export class FilterChips {
  readonly element = h("div", { class: "chips", role: "group", "aria-label": "Active filters" });

  constructor(
    private readonly store: Store,
    private readonly actions: ChipActions,
  ) {}

  update(): void {
    const { element } = this;
    const active = (element.getRootNode() as ShadowRoot).activeElement;
    const before = [...element.querySelectorAll("button")].indexOf(active as HTMLButtonElement);
    const chips = singleChips(this.store.clauses);
    replace(
      element,
      ...(chips.length === 0
        ? [h("span", { class: "muted" }, "Nothing is filtered. Click a frame, a bar or a kernel to filter every view.")]
        : chips.map((chip) => this.chip(chip))),
    );
    // Who removes one chip after another with the keyboard stays among them.
    if (before >= 0) {
      const buttons = [...element.querySelectorAll("button")];
      buttons[Math.min(before, buttons.length - 1)]?.focus();
    }
  }

  /** The button of a dimension's chip. */
  find(dimension: Dimension): HTMLElement | null {
    return this.element.querySelector(`[data-dimension="${dimension}"] .chip-edit`);
  }

  private chip({ dimension, name, text, only }: ReturnType<typeof singleChips>[number]): HTMLElement {
    const { actions } = this;
    const words = [h("span", { class: "chip-name" }, name), h("span", { class: "chip-text" }, text)];
    const canEdit = actions.canEdit(dimension);
    return h(
      "span",
      {
        class: "chip",
        "data-dimension": dimension,
        title: `${name} ${text}`,
        onkeydown: (event: KeyboardEvent) => {
          if (event.key !== "Delete" && event.key !== "Backspace") return;
          event.preventDefault();
          actions.remove(dimension, only);
        },
      },
      canEdit
        ? h(
            "button",
            {
              type: "button",
              class: "chip-edit",
              "aria-label": `Change ${name} ${text}`,
              "aria-haspopup": dimension === "text" ? undefined : "dialog",
              onclick: (event: Event) => actions.edit(dimension, event.currentTarget as HTMLElement, only),
            },
            ...words,
          )
        : h("span", { class: "chip-edit" }, ...words),
      h(
        "button",
        {
          type: "button",
          class: "chip-close",
          "aria-label": `Remove ${name} ${text}`,
          onclick: () => actions.remove(dimension, only),
        },
        "×",
      ),
    );
  }
}
