// The flame graph: frames by the way they are stacked, zoomed and panned without losing what is selected.

import { NONE } from "../data/contract";
import { FlamePainter, LANE_HEIGHT } from "../draw/flamepainter";
import { FrameInks } from "../draw/frameinks";
import { hit, type Layout, layOut, panned, type Window, zoomed } from "../draw/layout";
import { type FrameSums, sumByFrame } from "../state/aggregate";
import type { Stack } from "../state/stack";
import type { Store } from "../state/store";
import { h, onFrame } from "./dom";
import { FlameControls } from "./flamecontrols";
import { keyAction, neighbour } from "./flamekeys";
import { frameNote } from "./flamenote";
import { listenToPointer } from "./flamepointer";
import { prefersStillness, type Theme } from "./theme";
import { type Note, spoken, type Tooltip } from "./tooltip";

const TALLEST = 440;
const HIT_TOLERANCE_PX = 1.5;
const ZOOM_MS = 160;
const HINT = "click: filter · double-click: zoom";

export class FlameView {
  readonly element = h("section", { class: "panel flame", "aria-label": "Flame graph" });
  private readonly canvas = h("canvas", {
    tabindex: "0",
    role: "application",
    "aria-roledescription": "flame graph",
    "aria-label":
      "Flame graph. Arrow keys move, Enter selects, Z zooms, 0 shows all. The kernel table below has the same numbers.",
  });
  private readonly space = h("div", { class: "flame-space" }, this.canvas);
  private readonly scroller = h("div", { class: "flame-scroll" }, this.space);
  private readonly live = h("div", { class: "visually-hidden", role: "status", "aria-live": "polite" });
  private readonly empty = h("p", { class: "empty", hidden: true }, "Nothing is left under these filters.");
  private readonly painter = new FlamePainter(this.canvas);
  private readonly controls: FlameControls;
  private readonly repaint: () => void;
  private stack!: Stack;
  private sums!: FrameSums;
  private layout!: Layout;
  private inks!: FrameInks;
  private view: Window = { from: 0, to: 1 };
  private focus = 0;
  private hovered = NONE;
  private cursor = NONE;
  private selected = NONE;
  private width = 0;

  constructor(
    private readonly store: Store,
    private theme: Theme,
    private readonly tooltip: Tooltip,
    private readonly signal: AbortSignal,
  ) {
    this.controls = new FlameControls(store, {
      zoom: (factor) => this.zoom(factor, (this.view.from + this.view.to) / 2),
      focusOn: (frame) => this.focusOn(frame),
    });
    this.element.append(this.controls.element, this.controls.breadcrumb, this.scroller, this.empty, this.live);
    this.repaint = onFrame(() => this.paint(), signal);
    this.listen();
    const observer = new ResizeObserver(() => {
      if (this.scroller.clientWidth !== this.width) this.repaint();
    });
    observer.observe(this.scroller);
    signal.addEventListener("abort", () => observer.disconnect());
    this.update();
  }

  useTheme(theme: Theme): void {
    this.theme = theme;
    this.makeInks();
    this.repaint();
  }

  update(): void {
    const { store } = this;
    const stack = store.stack;
    if (stack !== this.stack) {
      this.focus = 0;
      this.cursor = NONE;
      this.hovered = NONE;
    }
    this.stack = stack;
    this.sums = sumByFrame(store.data, stack, store.weights, store.passing("path"));
    this.layout = layOut(stack, this.sums);
    if (!(this.layout.size[this.focus]! > 0)) this.focus = 0;
    this.view = this.windowOf(this.focus);
    const path = store.clauses.path;
    this.selected = path && path.stack === stack.kind ? stack.find(path.frames) : NONE;
    const lanes = this.layout.lanes.length;
    this.empty.hidden = lanes > 0;
    this.scroller.hidden = lanes === 0;
    this.space.style.height = `${lanes * LANE_HEIGHT}px`;
    const visible = Math.min(TALLEST, lanes * LANE_HEIGHT);
    this.scroller.style.height = `${visible}px`;
    this.canvas.style.height = `${visible}px`;
    this.controls.update(stack, this.focus, this.view);
    this.makeInks();
    this.repaint();
  }

  private makeInks(): void {
    const roleKeys = this.store.data.meta.roles.map((role) => role.key);
    this.inks = new FrameInks(this.stack, this.sums, roleKeys, this.theme.ink, this.theme.surface);
  }

  private windowOf(frame: number): Window {
    const size = this.layout.size[frame] ?? 0;
    if (frame === 0 || !(size > 0)) return { from: 0, to: 1 };
    return { from: this.layout.start[frame]!, to: this.layout.start[frame]! + size };
  }

  private paint(): void {
    this.width = this.scroller.clientWidth;
    if (this.width === 0) return;
    const { selected, stack } = this;
    this.painter.paint(
      {
        layout: this.layout,
        view: this.view,
        inks: this.inks,
        labels: stack.labels,
        isDimmed: (frame) =>
          selected >= 0 && (frame < selected ? stack.end[frame]! < selected : frame > stack.end[selected]!),
        depthOf: (frame) => stack.depth[frame]!,
        hovered: this.hovered,
        cursor: this.cursor,
        selected,
        scrollTop: this.scroller.scrollTop,
        surface: this.theme.surface,
        accent: this.theme.accent,
        ink: this.theme.ink,
        font: this.theme.font,
      },
      this.width,
      Math.min(TALLEST, this.layout.lanes.length * LANE_HEIGHT),
    );
  }

  // What a reader does ------------------------------------------------------------------------------------------------

  private select(frame: number): void {
    const path = this.stack.pathOf(frame);
    const same = frame === this.selected || path.length === 0;
    this.store.set("path", same ? undefined : { stack: this.stack.kind, frames: path });
  }

  focusOn(frame: number): void {
    this.focus = frame;
    this.animateTo(this.windowOf(frame));
  }

  private zoom(factor: number, around: number): void {
    this.focus = 0;
    this.setView(zoomed(this.view, factor, around));
  }

  private setView(view: Window): void {
    this.view = view;
    this.controls.update(this.stack, this.focus, view);
    this.repaint();
  }

  private animateTo(target: Window): void {
    if (prefersStillness()) {
      this.setView(target);
      return;
    }
    const source = this.view;
    const began = performance.now();
    const step = () => {
      const share = Math.min(1, (performance.now() - began) / ZOOM_MS);
      const eased = 1 - (1 - share) ** 3;
      this.setView({
        from: source.from + (target.from - source.from) * eased,
        to: source.to + (target.to - source.to) * eased,
      });
      if (share < 1 && !this.signal.aborted) requestAnimationFrame(step);
    };
    step();
  }

  private frameAt(event: PointerEvent | MouseEvent): number {
    const box = this.canvas.getBoundingClientRect();
    const width = this.view.to - this.view.from;
    const x = this.view.from + ((event.clientX - box.left) / box.width) * width;
    const depth = Math.floor((event.clientY - box.top + this.scroller.scrollTop) / LANE_HEIGHT);
    return hit(this.layout, depth, x, (HIT_TOLERANCE_PX / box.width) * width);
  }

  private noteOf(frame: number): Note {
    return frameNote(this.store, this.stack, this.sums, frame);
  }

  // Pointer and keys --------------------------------------------------------------------------------------------------

  private listen(): void {
    const { canvas, signal } = this;
    listenToPointer(
      canvas,
      {
        frameAt: (event) => this.frameAt(event),
        hover: (frame, event) => this.hover(frame, event),
        select: (frame) => this.select(frame),
        focusOn: (frame) => this.focusOn(frame),
        view: () => this.view,
        pan: (view, by) => this.setView(panned(view, by)),
        zoom: (factor, around) => this.zoom(factor, around),
      },
      signal,
    );
    canvas.addEventListener("keydown", (event) => this.press(event), { signal });
    canvas.addEventListener("blur", () => this.moveCursor(NONE), { signal });
    this.scroller.addEventListener("scroll", () => this.repaint(), { signal });
  }

  private hover(frame: number, event: PointerEvent | null): void {
    if (frame !== this.hovered) {
      this.hovered = frame;
      this.repaint();
    }
    this.canvas.style.cursor = frame >= 0 ? "pointer" : "default";
    if (frame < 0 || !event) this.tooltip.hide();
    else this.tooltip.show({ ...this.noteOf(frame), hint: HINT }, event.clientX, event.clientY);
  }

  private moveCursor(frame: number): void {
    this.cursor = frame;
    if (frame >= 0) {
      this.reveal(frame);
      this.live.textContent = spoken(this.noteOf(frame));
    }
    this.repaint();
  }

  private press(event: KeyboardEvent): void {
    const action = keyAction(event);
    if (!action) return;
    event.preventDefault();
    const middle = (this.view.from + this.view.to) / 2;
    if (action === "in" || action === "out") this.zoom(action === "in" ? 0.7 : 1 / 0.7, middle);
    else if (action === "all") this.focusOn(0);
    else if (action === "select" && this.cursor >= 0) this.select(this.cursor);
    else if (action === "focus" && this.cursor >= 0) this.focusOn(this.cursor);
    else if (action === "up" || action === "down" || action === "left" || action === "right") {
      this.moveCursor(this.cursor < 0 ? this.focus : neighbour(this.stack, this.layout, this.cursor, action));
    }
  }

  private reveal(frame: number): void {
    const top = this.stack.depth[frame]! * LANE_HEIGHT;
    const { scroller } = this;
    if (top < scroller.scrollTop) scroller.scrollTop = top;
    else if (top + LANE_HEIGHT > scroller.scrollTop + scroller.clientHeight) {
      scroller.scrollTop = top + LANE_HEIGHT - scroller.clientHeight;
    }
    const left = this.layout.start[frame]!;
    if (left >= this.view.to || left + this.layout.size[frame]! <= this.view.from)
      this.focusOn(this.stack.parent[frame]!);
  }
}
