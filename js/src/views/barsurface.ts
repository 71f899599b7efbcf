// The surface over the bars that takes pointer and keys: one column for each bar, a brush over several. Where there are
// rows of bars, one band for each of them.

import { NONE } from "../data/contract";
import { type BarPlace, barsBetween } from "../draw/barpositions";
import { h, patch } from "./dom";
import { type Note, spoken, type Tooltip } from "./tooltip";

export interface BarGestures {
  noteOf(bar: number, band: number): Note;
  /** Which bars a brush over several would select. */
  meant(bars: readonly number[]): number[];
  /** What it would select, in words. */
  nameOf(bars: readonly number[]): string;
  /** `adds`: to what is selected already; `toggles`: or takes away what is. */
  select(bars: number[], adds: boolean, toggles: boolean): void;
  clear(): void;
}

/** A bar that stands out. */
export interface BarSign {
  bar: number;
  /** Where the bar ends, in shares of the height from the bottom. */
  top: number;
  isMore: boolean;
}

/** In bars: a shorter drag is a click. */
const BRUSH = 0.6;
const AXIS_PX = 24;
const PAGE = 10;
const STEPS: Record<string, number> = {
  ArrowLeft: -1,
  ArrowRight: 1,
  PageUp: -PAGE,
  PageDown: PAGE,
  Home: -Infinity,
  End: Infinity,
};

export class BarSurface {
  private readonly brush = h("div", { class: "brush", hidden: true });
  private readonly mark = h("div", { class: "bar-cursor", hidden: true });
  private readonly live = h("div", { class: "visually-hidden", role: "status", "aria-live": "polite" });
  private readonly signs = h("div", { class: "bar-signs", "aria-hidden": "true" });
  private readonly labels = h("div", { class: "facet-labels", "aria-hidden": "true" });
  readonly element = h(
    "div",
    {
      class: "plot-overlay",
      tabindex: "0",
      role: "application",
      "aria-roledescription": "bar chart",
      "aria-label":
        "Time of each layer by backend. Left and right move, with Shift they select a range, Enter selects a layer.",
    },
    this.labels,
    this.signs,
    this.mark,
    this.brush,
    this.live,
  );
  private cursor = NONE;
  private band = 0;
  private bands = 1;
  /** The bar that a range of the keyboard begins at. */
  private anchor = NONE;
  private hasBrushed = false;
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
      this.anchor = NONE;
      this.element.setPointerCapture(event.pointerId);
    });
    on("pointermove", (event) => this.move(event));
    on("pointerup", (event) => this.release(event));
    on("pointercancel", () => this.drop());
    on("pointerleave", () => this.leave());
    on("blur", () => {
      this.drop();
      this.leave();
    });
    on("keydown", (event) => this.press(event));
    on("keyup", (event) => {
      if (event.key === "Shift" && this.hasBrushed) this.finish();
    });
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

  /** Signs over bars that stand out, and what the rows of bars are. */
  annotate(signs: readonly BarSign[], labels: readonly string[]): void {
    this.bands = Math.max(1, labels.length);
    this.band = Math.min(this.band, this.bands - 1);
    patch(
      this.signs,
      ...signs.map(({ bar, top, isMore }) =>
        h(
          "span",
          { style: { left: `${this.shareOf(this.places[bar]!.x)}%`, top: `calc(var(--frame-height) * ${1 - top})` } },
          isMore ? "▲" : "▼",
        ),
      ),
    );
    patch(
      this.labels,
      ...labels.map((label, band) =>
        h("span", { style: { top: `calc(var(--frame-height) * ${band / this.bands} + 3px)` } }, label),
      ),
    );
  }

  private xAt(event: PointerEvent): number {
    const box = this.element.getBoundingClientRect();
    const share = Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
    return this.range.start + share * (this.range.end - this.range.start);
  }

  private bandAt(event: PointerEvent): number {
    const box = this.element.getBoundingClientRect();
    const share = (event.clientY - box.top) / (box.height - AXIS_PX);
    return Math.min(this.bands - 1, Math.max(0, Math.floor(share * this.bands)));
  }

  private move(event: PointerEvent): void {
    const x = this.xAt(event);
    const bar = barsBetween(this.places, x, x)[0] ?? NONE;
    this.band = this.bandAt(event);
    this.moveTo(bar);
    const from = this.pressedAt;
    if (from !== null) {
      this.brush.hidden = Math.abs(x - from) <= BRUSH;
      this.drawBrush(barsBetween(this.places, from, x), Math.min(from, x), Math.max(from, x));
    }
    if (bar >= 0) this.tooltip.show(this.gestures.noteOf(bar, this.band), event.clientX, event.clientY);
    else this.tooltip.hide();
  }

  private release(event: PointerEvent): void {
    const from = this.pressedAt;
    if (from === null) return;
    this.drop();
    const to = this.xAt(event);
    const isBrush = Math.abs(to - from) > BRUSH;
    const bars = isBrush ? barsBetween(this.places, from, to) : barsBetween(this.places, to, to).slice(0, 1);
    const adds = event.shiftKey || event.ctrlKey || event.metaKey;
    if (bars.length > 0) this.gestures.select(bars, adds, !isBrush);
    else if (!adds) this.gestures.clear();
  }

  private drop(): void {
    this.pressedAt = null;
    this.anchor = NONE;
    this.hasBrushed = false;
    this.brush.hidden = true;
  }

  private leave(): void {
    this.tooltip.hide();
    if (this.pressedAt === null) this.moveTo(NONE);
  }

  private press(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const step = STEPS[event.key];
    const up = event.key === "ArrowUp" ? -1 : event.key === "ArrowDown" ? 1 : 0;
    if (step !== undefined) this.step(step, event.shiftKey);
    else if (up !== 0 && this.bands > 1) this.climb(up);
    else if ((event.key === "Enter" || event.key === " ") && this.cursor >= 0) this.choose(event.shiftKey);
    else return;
    event.preventDefault();
  }

  private step(step: number, brushes: boolean): void {
    if (brushes && this.anchor === NONE) this.anchor = Math.max(0, this.cursor);
    if (!brushes) this.drop();
    const start = this.cursor < 0 && step < 0 ? this.places.length : this.cursor;
    this.moveTo(Math.min(this.places.length - 1, Math.max(0, start + step)));
    this.hasBrushed = brushes;
    const bars = this.brushed();
    if (bars.length > 1) {
      this.brush.hidden = false;
      this.drawBrush(bars);
      this.live.textContent = this.gestures.nameOf(bars);
    } else {
      this.brush.hidden = true;
      this.live.textContent = spoken(this.gestures.noteOf(this.cursor, this.band));
    }
  }

  private climb(up: number): void {
    this.band = Math.min(this.bands - 1, Math.max(0, this.band + up));
    if (this.cursor >= 0) this.live.textContent = spoken(this.gestures.noteOf(this.cursor, this.band));
  }

  /** Bars from where the range of the keyboard began to the cursor. */
  private brushed(): number[] {
    if (this.anchor === NONE) return this.cursor < 0 ? [] : [this.cursor];
    const [low, high] = [Math.min(this.anchor, this.cursor), Math.max(this.anchor, this.cursor)];
    return Array.from({ length: high - low + 1 }, (_, i) => low + i);
  }

  /** Select the range of the keyboard; with Shift again it goes on from where it began. */
  private finish(): void {
    this.hasBrushed = false;
    this.brush.hidden = true;
    this.gestures.select(this.brushed(), false, false);
  }

  private choose(adds: boolean): void {
    const bars = this.brushed();
    const isRange = this.anchor !== NONE;
    this.drop();
    if (bars.length > 0) this.gestures.select(bars, adds && !isRange, !isRange);
  }

  private moveTo(bar: number): void {
    this.cursor = bar;
    this.mark.hidden = bar < 0;
    if (bar >= 0) this.spread(this.mark, edge(this.places[bar]!, -1), edge(this.places[bar]!, 1));
  }

  /** Over what of these bars would be selected, and no further than from one point to another. */
  private drawBrush(bars: readonly number[], from = -Infinity, to = Infinity): void {
    const meant = this.gestures.meant(bars).map((bar) => this.places[bar]!);
    if (meant.length === 0) this.spread(this.brush, from, to);
    else this.spread(this.brush, Math.max(from, edge(meant[0]!, -1)), Math.min(to, edge(meant.at(-1)!, 1)));
  }

  private spread(element: HTMLElement, from: number, to: number): void {
    element.style.left = `${this.shareOf(from)}%`;
    element.style.width = `${this.shareOf(to) - this.shareOf(from)}%`;
  }

  private shareOf(x: number): number {
    return (100 * (x - this.range.start)) / (this.range.end - this.range.start);
  }
}

const edge = ({ x, size }: BarPlace, side: -1 | 1): number => x + (side * size) / 2;
