// A small dialog beside a button. In the page's top layer, where no notebook cell cuts it off.

import { freshId, h, replace } from "./dom";

const GAP = 4;
const EDGE = 8;

export class Popup {
  readonly element: HTMLElement;
  private readonly title = h("h4", { id: freshId("popup") });
  private readonly content = h("div", { class: "popup-content" });
  private readonly back: HTMLButtonElement;
  private anchor: HTMLElement | null = null;
  private opened: AbortController | null = null;
  private goBack: (() => void) | null = null;
  private closed: () => void = () => {};

  constructor(private readonly signal: AbortSignal) {
    this.back = h(
      "button",
      { type: "button", class: "icon", "aria-label": "Back", onclick: () => this.goBack?.() },
      "‹",
    );
    this.element = h(
      "div",
      {
        class: "popup",
        popover: "manual",
        role: "dialog",
        "aria-labelledby": this.title.id,
        hidden: true,
        onkeydown: (event: KeyboardEvent) => this.onKey(event),
      },
      h(
        "div",
        { class: "popup-head" },
        this.back,
        this.title,
        h("button", { type: "button", class: "icon", "aria-label": "Close", onclick: () => this.close() }, "×"),
      ),
      this.content,
    );
  }

  get isOpen(): boolean {
    return this.opened !== null;
  }

  /** Open at a button, or show something else where it is open. `closed` is called when it goes. */
  open(anchor: HTMLElement, title: string, content: readonly HTMLElement[], options: PopupOptions = {}): void {
    this.goBack = options.back ?? null;
    this.back.hidden = !options.back;
    this.title.textContent = title;
    replace(this.content, ...content);
    if (this.anchor !== anchor || !this.opened) {
      this.close(false);
      this.anchor = anchor;
      this.show(anchor);
    }
    this.closed = options.closed ?? (() => {});
    this.place();
    this.focusFirst();
  }

  /** The button was rebuilt: the popup belongs to its successor. */
  moveTo(anchor: HTMLElement): void {
    if (!this.opened) return;
    this.anchor = anchor;
    anchor.setAttribute("aria-expanded", "true");
    this.place();
  }

  close(focusAnchor = true): void {
    if (!this.opened) return;
    this.opened.abort();
    this.opened = null;
    const { anchor } = this;
    anchor?.setAttribute("aria-expanded", "false");
    if (this.element.hidePopover && this.element.matches(":popover-open")) this.element.hidePopover();
    this.element.hidden = true;
    if (focusAnchor) anchor?.focus();
    this.closed();
  }

  private show(anchor: HTMLElement): void {
    this.opened = new AbortController();
    const { signal } = this.opened;
    this.signal.addEventListener("abort", () => this.opened?.abort(), { signal });
    anchor.setAttribute("aria-expanded", "true");
    this.element.hidden = false;
    this.element.showPopover?.();
    const outside = (event: Event) => {
      const path = event.composedPath();
      if (!path.includes(this.element) && !(this.anchor && path.includes(this.anchor))) this.close(false);
    };
    document.addEventListener("pointerdown", outside, { capture: true, signal });
    const follow = (event: Event) => {
      if (!event.composedPath().includes(this.element)) this.place();
    };
    document.addEventListener("scroll", follow, { capture: true, passive: true, signal });
    addEventListener("resize", follow, { signal });
    this.element.addEventListener(
      "focusout",
      (event) => {
        const next = event.relatedTarget as Node | null;
        if (next && !this.element.contains(next) && next !== this.anchor) this.close(false);
      },
      { signal },
    );
  }

  /** Below the button where there is room, else above it; never out of the window. */
  private place(): void {
    const { element, anchor } = this;
    if (!anchor?.isConnected || !element.showPopover) return;
    const button = anchor.getBoundingClientRect();
    const below = innerHeight - button.bottom - GAP - EDGE;
    const above = button.top - GAP - EDGE;
    element.style.maxHeight = `${Math.max(160, Math.max(below, above))}px`;
    const { offsetWidth, offsetHeight } = element;
    const left = Math.max(EDGE, Math.min(button.left, innerWidth - offsetWidth - EDGE));
    const isBelow = offsetHeight <= below || below >= above;
    const top = isBelow ? button.bottom + GAP : button.top - GAP - offsetHeight;
    element.style.left = `${Math.round(left)}px`;
    element.style.top = `${Math.round(Math.max(EDGE, top))}px`;
  }

  private focusFirst(): void {
    const visible = (selector: string) =>
      [...this.element.querySelectorAll<HTMLElement>(selector)].find((one) => one.offsetParent !== null);
    (visible("[data-item]:not(:disabled)") ?? visible("button"))?.focus();
  }

  private onKey(event: KeyboardEvent): void {
    if (event.key === "Escape") {
      event.stopPropagation();
      event.preventDefault();
      this.close();
      return;
    }
    const target = event.target as HTMLElement;
    const isText = target instanceof HTMLInputElement && target.type !== "checkbox";
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const items = [...this.content.querySelectorAll<HTMLElement>("[data-item]")].filter((item) => item.offsetParent);
    const at = items.indexOf(target);
    const next = step
      ? at + step
      : event.key === "Home" && !isText
        ? 0
        : event.key === "End" && !isText
          ? -1
          : Number.NaN;
    if (Number.isNaN(next) || items.length === 0) return;
    event.preventDefault();
    (next < -1 ? items.at(-1) : items.at(next % items.length))?.focus();
  }
}

export interface PopupOptions {
  back?: () => void;
  closed?: () => void;
}
