// The selected range of time, or the one that is being drawn: in words, and as keys extend it.

import { formatNs } from "../data/format";
import type { Window } from "../draw/window";
import type { Store } from "../state/store";
import { h, replace } from "./dom";
import type { TimelineStage } from "./timelinestage";

/** How far a key extends a range, in shares of what is shown: zooming makes it finer. */
const STEP_FRAC = 0.02;

export class TimeRange {
  readonly element = h("span", { class: "time-range" });
  private readonly shown = h("span", { class: "muted" });
  private readonly words = h("span");
  private readonly remove = h(
    "button",
    {
      type: "button",
      class: "link",
      title: "Remove the range (Delete)",
      onclick: () => {
        this.clear();
        this.stage.canvas.focus({ preventScroll: true }); // the button is gone, and keys would go nowhere
      },
    },
    "clear",
  );
  private drawn: Window | null = null;
  /** What keys extend: an event, a range, or a point of time. */
  private origin: Window | null = null;
  /** How far, to the left where negative. */
  private reach_ns = 0;
  /** What keys have selected: only there they go on. */
  private selected = "";

  constructor(
    private readonly store: Store,
    private readonly stage: TimelineStage,
  ) {}

  /** What all ranges share; null for none, and where Python asked for such that share nothing, or lie elsewhere. */
  get window(): Window | null {
    if (this.drawn) return this.drawn;
    const ranges = this.store.clauses.time_ns ?? [];
    const from = Math.max(this.stage.whole.from, ...ranges.map(([start]) => start));
    const to = Math.min(this.stage.whole.to, ...ranges.map(([, stop]) => stop));
    return ranges.length > 0 && from < to ? { from, to } : null;
  }

  draw(): void {
    const { window, shown, words, remove } = this;
    if (!window && !this.store.clauses.time_ns) {
      const text = `${formatNs(this.stage.view.to - this.stage.view.from)} shown`;
      if (shown.textContent !== text) shown.textContent = text;
      if (shown.parentNode !== this.element) replace(this.element, shown);
      return;
    }
    words.textContent = window ? `range ${formatNs(window.to - window.from)}` : "empty range";
    if (remove.parentNode !== this.element) replace(this.element, words, remove);
  }

  /** By pointer: while it is drawn, and when it is done. */
  set(range: Window, isDone: boolean): void {
    this.origin = null;
    this.put(range, isDone);
  }

  private put(range: Window, isDone: boolean): void {
    this.drawn = isDone ? null : range;
    const clause: [number, number] = [Math.max(0, Math.floor(range.from)), Math.ceil(range.to)];
    if (isDone && clause[1] > clause[0]) this.store.set("time_ns", [clause]);
    else this.draw();
    this.stage.repaint();
  }

  clear(): void {
    this.drop();
    this.store.clear("time_ns");
  }

  /** Let go of what is drawn and not selected yet. */
  drop(): void {
    this.origin = null;
    if (!this.drawn) return;
    this.drawn = null;
    this.draw();
    this.stage.repaint();
  }

  /** Draw a range from an event, else from what is selected or from the middle; told in words. */
  extend(steps: number, event: Window | null): string {
    const { view, whole } = this.stage;
    const { from, to } = this.goOn() ?? this.begin(event);
    const width = view.to - view.from;
    const reach = this.reach_ns + steps * STEP_FRAC * width;
    this.reach_ns = Math.max(whole.from - from, Math.min(whole.to - to, reach));
    const range = { from: from + Math.min(0, this.reach_ns), to: to + Math.max(0, this.reach_ns) };
    const end = this.reach_ns < 0 ? range.from : range.to;
    const past = Math.min(0, end - view.from) + Math.max(0, end - view.to);
    if (past !== 0) this.stage.setView({ from: view.from + past, to: view.to + past });
    this.put(range, false);
    return `range ${formatNs(range.to - range.from)}, from ${formatNs(range.from)} to ${formatNs(range.to)}`;
  }

  /** Select what keys have drawn; false where there is nothing. */
  finish(): boolean {
    const { drawn } = this;
    if (!drawn || !this.origin) return false;
    this.put(drawn, true);
    this.selected = String(this.store.clauses.time_ns);
    return true;
  }

  private goOn(): Window | null {
    return this.drawn || String(this.store.clauses.time_ns) === this.selected ? this.origin : null;
  }

  private begin(event: Window | null): Window {
    const { view } = this.stage;
    const middle = Math.round((view.from + view.to) / 2);
    const at = event ?? this.window;
    this.reach_ns = event || !at ? 0 : at.to - at.from;
    this.origin = event ?? { from: at?.from ?? middle, to: at?.from ?? middle };
    return this.origin;
  }
}
