// What is selected and how much that is, on one line: for parts that stand alone, and for filters scrolled out of sight.

import { sentence } from "../state/chips";
import type { Store } from "../state/store";
import { h, onFrame, replace } from "./dom";
import { remainderWords } from "./remainder";

export class Summary {
  readonly element: HTMLElement;
  private readonly words = h("span", { class: "summary-words" });
  private readonly left = h("span", { class: "summary-left" });
  private readonly reset: HTMLButtonElement;

  constructor(private readonly store: Store) {
    this.reset = h("button", { type: "button", class: "link", onclick: () => store.clear() }, "Reset");
    this.element = h("div", { class: "summary" }, this.words, this.left, this.reset);
    this.update();
  }

  update(): void {
    const { store } = this;
    const said = sentence(store.clauses);
    this.words.textContent = said || "Nothing is filtered";
    this.words.title = said;
    this.words.classList.toggle("muted", !said);
    replace(this.left, ...remainderWords(store));
    this.reset.hidden = !store.isFiltered;
  }
}

/** The summary at the top of what can be seen of the explorer, while the filters themselves cannot be seen. */
export class StickySummary {
  readonly element: HTMLElement;
  private readonly summary: Summary;
  private readonly follow: () => void;

  constructor(
    store: Store,
    private readonly root: HTMLElement,
    /** What it stands in for. */
    private readonly original: HTMLElement,
    signal: AbortSignal,
  ) {
    this.summary = new Summary(store);
    // The words have been read out by the filters.
    this.element = h("div", { class: "sticky", hidden: true, "aria-hidden": "true" }, this.summary.element);
    for (const button of this.element.querySelectorAll("button")) button.tabIndex = -1;
    this.follow = onFrame(() => this.place(), signal);
    // Scrolling does not bubble; a notebook's panel or the page may scroll.
    document.addEventListener("scroll", this.follow, { capture: true, passive: true, signal });
    addEventListener("resize", this.follow, { signal });
  }

  update(): void {
    this.summary.update();
    this.follow();
  }

  private place(): void {
    const { element, root, original } = this;
    const top = visibleTop(root);
    const own = root.getBoundingClientRect();
    const isNeeded = original.getBoundingClientRect().bottom < top && own.bottom > top + 60 && own.top < top;
    element.hidden = !isNeeded;
    if (isNeeded) element.style.transform = `translateY(${Math.round(top - own.top)}px)`;
  }
}

/** Where the part of the page that shows an element begins: below the toolbars of the panels that scroll it. */
function visibleTop(element: HTMLElement): number {
  let top = 0;
  for (let node: Node | null = element; node; ) {
    const parent: Node | null = node instanceof ShadowRoot ? node.host : node.parentNode;
    if (parent instanceof HTMLElement && parent !== document.body && parent !== document.documentElement) {
      if (parent.scrollHeight > parent.clientHeight && /auto|scroll|hidden/.test(getComputedStyle(parent).overflowY)) {
        top = Math.max(top, parent.getBoundingClientRect().top + parent.clientTop);
      }
    }
    node = parent;
  }
  return top;
}
