// The surface over the bars that takes pointer and keys: one column for each bar, a brush over several.

import { NONE } from "../data/contract";
import { type BarPlace, barsBetween } from "../draw/barpositions";
import { h } from "./dom";
import { type Note, spoken, type Tooltip } from "./tooltip";

export interface BarGestures {
  noteOf(bar: number): Note;
  /** `adds`: to what is selected already. */
  select(bars: number[], adds: boolean): void;
  clear(): void;
}

/** In bars: a shorter drag is a click. */
const BRUSH = 0.6;
const AXIS_PX = 24;
const STEPS: Record<string, number> = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity };

export class BarSurface {
  private readonly brush = h("div", { class: "brush", hidden: true });
  private readonly mark = h("div", { class: "bar-cursor", hidden: true });
  private readonly live = h("div", { class: "visually-hidden", role: "status", "aria-live": "polite" });
  readonly element = h(
    "div",
    {
      class: "plot-overlay",
      tabindex: "0",
      role: "application",
      "aria-roledescription": "bar chart",
      "aria-label": "Time of each layer by backend. Left and right move, Enter selects a layer.",
    },
    this.mark,
    this.brush,
    this.live,
  );
  private cursor = NONE;
  private pressedAt: number | null = null;

  constructor(
    private readonly places: readonly BarPlace[],
    private readonly range: { start: number; end: number },
    private readonly gestures: BarGestures,
    private readonly tooltip: Tooltip,
    signal: AbortSignal,
  ) {
    const on = <K extends keyof HTMLElementEventMap>(type: K, react: (event: HTMLElementEventMap[K]) => void) =>
      this.element.addEventListener(type, react, { signal });
    on("pointerdown", (event) => {
      if (event.button !== 0) return;
      this.pressedAt = this.xAt(event);
      this.element.setPointerCapture(event.pointerId);
    });
    on("pointermove", (event) => this.move(event));
    on("pointerup", (event) => this.release(event));
    on("pointercancel", () => this.drop());
    on("pointerleave", () => this.leave());
    on("blur", () => this.leave());
    on("keydown", (event) => this.press(event));
  }

  /** Lie exactly over a box of the plot, and over the axis below it. */
  cover(box: { left: number; top: number; width: number; height: number }): void {
    const { style } = this.element;
    style.left = `${box.left}px`;
    style.top = `${box.top}px`;
    style.width = `${box.width}px`;
    style.height = `${box.height + AXIS_PX}px`;
    style.setProperty("--frame-height", `${box.height}px`);
  }

  private xAt(event: PointerEvent): number {
    const box = this.element.getBoundingClientRect();
    const share = Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
    return this.range.start + share * (this.range.end - this.range.start);
  }

  private move(event: PointerEvent): void {
    const x = this.xAt(event);
    const bar = barsBetween(this.places, x, x)[0] ?? NONE;
    this.moveTo(bar);
    const from = this.pressedAt;
    this.brush.hidden = from === null || Math.abs(x - from) <= BRUSH;
    if (from !== null) this.spread(this.brush, Math.min(from, x), Math.max(from, x));
    if (bar >= 0) this.tooltip.show(this.gestures.noteOf(bar), event.clientX, event.clientY);
    else this.tooltip.hide();
  }

  private release(event: PointerEvent): void {
    const from = this.pressedAt;
    if (from === null) return;
    this.drop();
    const to = this.xAt(event);
    const isBrush = Math.abs(to - from) > BRUSH;
    const bars = isBrush ? barsBetween(this.places, from, to) : barsBetween(this.places, to, to).slice(0, 1);
    if (bars.length > 0) this.gestures.select(bars, !isBrush && (event.shiftKey || event.ctrlKey || event.metaKey));
    else this.gestures.clear();
  }

  private drop(): void {
    this.pressedAt = null;
    this.brush.hidden = true;
  }

  private leave(): void {
    this.tooltip.hide();
    this.moveTo(NONE);
  }

  private press(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const step = STEPS[event.key];
    if (step !== undefined) {
      const start = this.cursor < 0 && step === -1 ? this.places.length : this.cursor;
      this.moveTo(Math.min(this.places.length - 1, Math.max(0, start + step)));
      this.live.textContent = spoken(this.gestures.noteOf(this.cursor));
    } else if ((event.key === "Enter" || event.key === " ") && this.cursor >= 0) {
      this.gestures.select([this.cursor], event.shiftKey);
    } else return;
    event.preventDefault();
  }

  private moveTo(bar: number): void {
    this.cursor = bar;
    this.mark.hidden = bar < 0;
    if (bar >= 0) this.spread(this.mark, this.places[bar]!.x - 0.5, this.places[bar]!.x + 0.5);
  }

  private spread(element: HTMLElement, from: number, to: number): void {
    const width = this.range.end - this.range.start;
    element.style.left = `${(100 * (from - this.range.start)) / width}%`;
    element.style.width = `${(100 * (to - from)) / width}%`;
  }
}
