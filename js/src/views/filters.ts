// Filters, chips, and how much is left: always visible, because a filtered number without its filter is a wrong number.

import { chipsOf, nameOf } from "../state/chips";
import { CHOOSABLE, type Choosable, choicesOf } from "../state/choices";
import type { Dimension } from "../state/clauses";
import { historyOf } from "../state/history";
import type { Store } from "../state/store";
import { h, patch } from "./dom";
import { FilterChips } from "./filterchips";
import { FilterPills } from "./filterpills";
import { FilterSearch } from "./filtersearch";
import { iconOf } from "./icons";
import type { Part, Surroundings } from "./parts";
import { Popup } from "./popup";
import { remainderWords } from "./remainder";

const MENU: readonly Dimension[] = [...CHOOSABLE, "duration_ns", "text"];

export class FiltersView {
  readonly element = h("section", { class: "filters", "aria-label": "Filters" });
  private readonly pills: FilterPills[];
  private readonly search: FilterSearch;
  private readonly chips: FilterChips;
  private readonly popup: Popup;
  private readonly left = h("output", { class: "left", "aria-live": "polite" });
  private readonly add: HTMLButtonElement;
  private readonly undo: HTMLButtonElement;
  private readonly redo: HTMLButtonElement;
  private readonly reset: HTMLButtonElement;
  private editor: { dimension: Dimension; editor: Part; fromChip: boolean } | null = null;

  constructor(
    private readonly store: Store,
    signal: AbortSignal,
    private readonly editorOf: Surroundings["editorOf"],
  ) {
    const history = historyOf(store);
    this.pills = [new FilterPills(store, "backend"), new FilterPills(store, "phase")];
    this.search = new FilterSearch(store, signal);
    this.popup = new Popup(signal);
    this.chips = new FilterChips(store, {
      canEdit: (dimension) => MENU.includes(dimension),
      edit: (dimension, anchor) => this.edit(dimension, anchor, true),
      remove: (dimension) => {
        if (dimension === "text") this.search.empty();
        store.clear(dimension);
      },
    });
    this.add = h(
      "button",
      {
        type: "button",
        class: "add",
        "aria-haspopup": "dialog",
        "aria-expanded": "false",
        onclick: () => (this.popup.isOpen ? this.popup.close() : this.menu()),
      },
      "+ Filter",
    );
    this.undo = tool("undo", "Undo the last change of the selection (Ctrl+Z)", () => history.undo());
    this.redo = tool("redo", "Redo (Ctrl+Shift+Z)", () => history.redo());
    this.reset = h(
      "button",
      {
        type: "button",
        class: "link reset",
        onclick: () => {
          this.search.empty();
          store.clear();
          this.add.focus();
        },
      },
      "Reset",
    );
    this.element.append(
      h("div", { class: "filter-row" }, ...this.pills.map((pills) => pills.element)),
      h(
        "div",
        { class: "filter-row" },
        h(
          "div",
          { class: "filter-tools" },
          h("div", { class: "search-field" }, this.search.element, this.search.problem),
          this.add,
          this.undo,
          this.redo,
        ),
        h("div", { class: "chip-row" }, this.chips.element, this.reset),
        this.left,
      ),
      this.popup.element,
    );
    this.update();
  }

  update(): void {
    const { store } = this;
    const history = historyOf(store);
    for (const pills of this.pills) pills.update();
    this.search.update();
    patch(this.left, ...remainderWords(store));
    this.chips.update();
    this.reset.hidden = !store.isFiltered;
    // A disabled button would lose the focus, and with it the keyboard's place.
    setUsable(this.undo, history.canUndo);
    setUsable(this.redo, history.canRedo);
    this.followEditor();
  }

  private followEditor(): void {
    const { editor, popup } = this;
    if (!editor || !popup.isOpen) return;
    editor.editor.update("clauses");
    if (editor.fromChip) popup.moveTo(this.chips.find(editor.dimension) ?? this.add);
  }

  private menu(): void {
    this.editor = null;
    const { store, popup } = this;
    const items = MENU.filter(
      (dimension) => dimension === "duration_ns" || dimension === "text" || this.varies(dimension),
    );
    popup.open(this.add, "Filter by", [
      h(
        "ul",
        { class: "menu" },
        ...items.map((dimension) => {
          const chip = chipsOf(store.clauses).find((one) => one.dimension === dimension);
          return h(
            "li",
            {},
            h(
              "button",
              {
                type: "button",
                class: "menu-item",
                "data-item": true,
                "data-dimension": dimension,
                onclick: () => this.edit(dimension, this.add, false),
              },
              h("span", {}, dimension === "text" ? "text or /pattern/" : nameOf(dimension)),
              h("span", { class: "muted menu-value" }, chip?.text ?? ""),
              h("span", { class: "muted", "aria-hidden": "true" }, "›"),
            ),
          );
        }),
      ),
      h("p", { class: "muted hint" }, "Modules, operators and kernels are chosen by a click in any view."),
    ]);
  }

  /** Whether there is anything to choose between. */
  private varies(dimension: Dimension): boolean {
    const { store } = this;
    if (store.clauses[dimension]) return true;
    return choicesOf(store, dimension as Choosable).filter((choice) => choice.whole > 0).length > 1;
  }

  private edit(dimension: Dimension, anchor: HTMLElement, fromChip: boolean): void {
    if (dimension === "text") {
      this.popup.close(false);
      this.search.focus();
      return;
    }
    const editor = this.editorOf(dimension, () => {
      if (this.editor?.editor === editor) show();
    });
    const show = () => {
      this.popup.open(anchor, nameOf(dimension), [editor.element], {
        back: fromChip ? undefined : () => this.menu(),
        closed: () => {
          this.editor = null;
        },
      });
      this.editor = { dimension, editor, fromChip };
    };
    show();
  }
}

function tool(icon: "undo" | "redo", title: string, onclick: () => void): HTMLButtonElement {
  return h("button", { type: "button", class: `icon ${icon}`, title, "aria-label": title, onclick }, iconOf(icon));
}

function setUsable(button: HTMLButtonElement, isUsable: boolean): void {
  button.setAttribute("aria-disabled", String(!isUsable));
}
