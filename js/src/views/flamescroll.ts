// The lanes' room: as high as the reader drags it, scrolled where there are more lanes than fit.

import { LANE_HEIGHT } from "../draw/flamepainter";
import { h } from "./dom";

const USUAL_PX = 440;
const LOWEST_PX = 120;
/** Browsers cut elements off somewhere beyond; deeper stacks are scrolled in larger steps. */
const HIGHEST_PX = 8_000_000;
const STEP_PX = LANE_HEIGHT * 2;

export class FlameScroll {
  readonly element: HTMLElement;
  private readonly space = h("div", { class: "flame-space" });
  private readonly scroller = h("div", { class: "flame-scroll" }, this.space);
  private readonly handle = h("div", {
    class: "flame-handle",
    role: "separator",
    tabindex: "0",
    "aria-orientation": "horizontal",
    "aria-label": "Height of the flame graph",
    title: "Drag to change the height",
  });
  /** Scroll bars may be hidden; what lies below is said. */
  private readonly below = h("span", { class: "flame-below" });
  private whole = 0;
  private chosen = USUAL_PX;

  constructor(
    private readonly canvas: HTMLCanvasElement,
    private readonly changed: () => void,
    signal: AbortSignal,
  ) {
    this.space.append(canvas);
    this.handle.append(this.below);
    this.element = h("div", { class: "flame-lanes" }, this.scroller, this.handle);
    this.scroller.addEventListener(
      "scroll",
      () => {
        this.count();
        changed();
      },
      { signal },
    );
    this.listen(signal);
  }

  get width(): number {
    return this.scroller.clientWidth;
  }

  get height(): number {
    return Math.min(this.whole, Math.max(this.chosen, LOWEST_PX));
  }

  /** How far the lanes are scrolled. */
  get top(): number {
    const room = this.spaceHeight - this.height;
    return room > 0 ? (this.scroller.scrollTop / room) * (this.whole - this.height) : 0;
  }

  set top(value: number) {
    const most = this.whole - this.height;
    const share = most > 0 ? Math.min(1, Math.max(0, value / most)) : 0;
    this.scroller.scrollTop = share * (this.spaceHeight - this.height);
  }

  /** Lanes that fit. */
  get page(): number {
    return Math.max(1, Math.floor(this.height / LANE_HEIGHT) - 1);
  }

  show(laneCount: number): void {
    this.whole = laneCount * LANE_HEIGHT;
    this.arrange();
  }

  reveal(lane: number): void {
    const top = lane * LANE_HEIGHT;
    if (top < this.top) this.top = top;
    else if (top + LANE_HEIGHT > this.top + this.height) this.top = top + LANE_HEIGHT - this.height;
  }

  private get spaceHeight(): number {
    return Math.min(this.whole, HIGHEST_PX);
  }

  private arrange(): void {
    const { height, handle } = this;
    this.space.style.height = `${this.spaceHeight}px`;
    this.scroller.style.height = `${height}px`;
    this.canvas.style.height = `${height}px`;
    handle.hidden = this.whole <= LOWEST_PX;
    handle.setAttribute("aria-valuemin", `${LOWEST_PX}`);
    handle.setAttribute("aria-valuemax", `${this.whole}`);
    handle.setAttribute("aria-valuenow", `${Math.round(height)}`);
    this.count();
  }

  private count(): void {
    const lanes = Math.floor((this.whole - this.height - this.top) / LANE_HEIGHT);
    const text = lanes > 0 ? `${lanes.toLocaleString("en-US")} more ${lanes === 1 ? "lane" : "lanes"} below` : "";
    if (this.below.textContent !== text) this.below.textContent = text;
  }

  private choose(height: number): void {
    this.chosen = Math.min(Math.max(LOWEST_PX, height), this.whole);
    this.arrange();
    this.changed();
  }

  private listen(signal: AbortSignal): void {
    const { handle } = this;
    let pressed: { y: number; height: number } | null = null;
    handle.addEventListener(
      "pointerdown",
      (event) => {
        if (event.button !== 0) return;
        pressed = { y: event.clientY, height: this.height };
        handle.setPointerCapture(event.pointerId);
      },
      { signal },
    );
    handle.addEventListener(
      "pointermove",
      (event) => pressed && this.choose(pressed.height + event.clientY - pressed.y),
      {
        signal,
      },
    );
    for (const type of ["pointerup", "pointercancel"] as const) {
      handle.addEventListener(type, () => (pressed = null), { signal });
    }
    handle.addEventListener(
      "keydown",
      (event) => {
        const heights: Record<string, number> = {
          ArrowUp: this.height - STEP_PX,
          ArrowDown: this.height + STEP_PX,
          Home: LOWEST_PX,
          End: this.whole,
        };
        const height = heights[event.key];
        if (height === undefined) return;
        event.preventDefault();
        this.choose(height);
      },
      { signal },
    );
  }
}
