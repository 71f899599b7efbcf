// The frame that was zoomed to, and what it is part of.

import type { Stack } from "../state/stack";
import { h, replace } from "./dom";

/** Frames named at either end of a long trail. */
const OUTER = 2;
const INNER = 5;

export class FlameTrail {
  readonly element = h("nav", { class: "breadcrumb", "aria-label": "Zoomed frame", hidden: true });
  private shown: { stack: Stack; focus: number } | null = null;

  constructor(private readonly focusOn: (frame: number) => void) {}

  update(stack: Stack, focus: number): void {
    if (this.shown?.stack === stack && this.shown.focus === focus) return;
    this.shown = { stack, focus };
    this.element.hidden = focus === 0;
    if (focus === 0) return;
    const trail = [0, ...stack.trail(focus)];
    const left = trail.length - OUTER - INNER;
    const parts: (HTMLElement | false)[] = [];
    trail.forEach((frame, i) => {
      if (left > 1 && i >= OUTER && i < trail.length - INNER) {
        if (i === OUTER) parts.push(separator(), h("span", { title: `${left} frames` }, "…"));
        return;
      }
      parts.push(i > 0 && separator(), this.part(stack, frame, frame === focus));
    });
    replace(this.element, ...parts);
  }

  private part(stack: Stack, frame: number, isHere: boolean): HTMLElement {
    const label = stack.labels[frame]!;
    if (isHere) return h("span", { class: "here", "aria-current": "true", title: label }, label);
    return h("button", { type: "button", class: "link", title: label, onclick: () => this.focusOn(frame) }, label);
  }
}

const separator = (): HTMLElement => h("span", { "aria-hidden": "true" }, "›");
