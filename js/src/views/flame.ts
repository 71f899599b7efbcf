// The flame graph: frames by the way they are stacked, zoomed and panned without losing what is selected.

import { NONE } from "../data/contract";
import { FlamePainter } from "../draw/flamepainter";
import { FrameInks, keyInks } from "../draw/frameinks";
import { panned, type Window, zoomed } from "../draw/window";
import type { Store } from "../state/store";
import { WEIGHT_LABELS } from "../state/weight";
import { h, onFrame } from "./dom";
import { FlameAim } from "./flameaim";
import { FlameControls } from "./flamecontrols";
import { FlameFind } from "./flamefind";
import { destination, keyAction } from "./flamekeys";
import { FlameLegend } from "./flamelegend";
import { frameNote } from "./flamenote";
import { listenToPointer } from "./flamepointer";
import { FlameScroll } from "./flamescroll";
import { FlameState } from "./flamestate";
import { FlameTrail } from "./flametrail";
import { Glide } from "./glide";
import type { Theme } from "./theme";
import { spoken, type Tooltip } from "./tooltip";

/** Narrower than this on the screen, a frame that was found is zoomed in to. */
const VISIBLE_PX = 24;
const ZOOM_KEY = 0.7;

export class FlameView {
  readonly element = h("section", { class: "panel flame", "aria-label": "Flame graph" });
  private readonly canvas = h("canvas", {
    tabindex: "0",
    role: "application",
    "aria-roledescription": "flame graph",
    "aria-label":
      "Flame graph. Arrow keys, Home, End, Page Up and Page Down move, Enter selects, Z zooms, 0 shows all, U unfolds " +
      "layers, slash finds. The kernel table has the same numbers.",
  });
  private readonly live = h("div", { class: "visually-hidden", role: "status", "aria-live": "polite" });
  private readonly empty = h("p", { class: "empty", hidden: true });
  private readonly painter = new FlamePainter(this.canvas);
  private readonly state: FlameState;
  private readonly controls: FlameControls;
  private readonly find: FlameFind;
  private readonly trail = new FlameTrail((frame) => {
    this.focusOn(frame);
    this.canvas.focus({ preventScroll: true }); // what was pressed is gone, and keys would go nowhere
  });
  private readonly legend: FlameLegend;
  private readonly scroll: FlameScroll;
  private readonly repaint: () => void;
  private inks!: FrameInks;
  private width = 0;
  private readonly aim: FlameAim;
  private readonly glide: Glide;

  constructor(
    private readonly store: Store,
    private theme: Theme,
    private readonly tooltip: Tooltip,
    signal: AbortSignal,
  ) {
    this.repaint = onFrame(() => this.paint(), signal);
    this.state = new FlameState(store);
    this.controls = new FlameControls(store, {
      zoom: (factor) => this.zoomMiddle(factor),
      showAll: () => this.focusOn(0),
      colourBy: (colour) => this.look({ colour }),
      hideBelow: (least) => this.look({ least }),
    });
    this.find = new FlameFind({
      search: (text) => this.search(text),
      step: (by) => this.step(by),
      leave: () => this.canvas.focus(),
    });
    this.legend = new FlameLegend(store.data);
    this.scroll = new FlameScroll(this.canvas, () => this.repaint(), signal);
    const tools = h("div", { class: "flame-tools" }, this.find.element, this.controls.looks);
    this.element.append(this.controls.element, tools, this.trail.element, this.scroll.element);
    this.element.append(this.empty, this.legend.element, this.live);
    this.aim = new FlameAim(this.canvas, this.scroll, this.state);
    this.glide = new Glide((view) => this.setView(view), signal);
    this.listen(signal);
    const observer = new ResizeObserver(() => {
      if (this.scroll.width !== this.width) this.repaint();
    });
    observer.observe(this.scroll.element);
    signal.addEventListener("abort", () => observer.disconnect());
    this.show();
  }

  useTheme(theme: Theme): void {
    this.theme = theme;
    this.makeInks();
    this.repaint();
  }

  update(): void {
    if (this.state.update()) this.show();
    else this.repaint();
  }

  /** Frames moved, or look otherwise. */
  private show(): void {
    const { state } = this;
    this.glide.stop();
    const lanes = state.layout.laneCount;
    this.empty.hidden = lanes > 0;
    this.empty.textContent = `Nothing is left under these filters that has any ${WEIGHT_LABELS[this.store.options.weight]}.`;
    this.scroll.element.hidden = this.legend.element.hidden = lanes === 0;
    this.scroll.show(lanes);
    this.controls.update(state);
    this.legend.update(state);
    this.find.update(state.found, state.at, state.sums.value[0]!);
    this.makeInks();
    this.setView(state.view);
  }

  private makeInks(): void {
    const { stack, sums, colour } = this.state;
    const { roles, categories } = this.store.data.meta;
    const keys = keyInks(colour, roles, categories);
    this.inks = new FrameInks(stack, sums, keys, colour, this.theme.ink, this.theme.surface);
  }

  private paint(): void {
    const { state, theme } = this;
    this.width = this.scroll.width;
    if (this.width === 0) return;
    const { layout, view, least, hovered, cursor, selected } = state;
    const { standingOf, standingOfMany, isFound, markOf } = state;
    const marks = { standingOf, standingOfMany, isFound, markOf, hovered, cursor, selected };
    const frames = { layout, view, least, inks: this.inks, labels: state.stack.labels, top: this.scroll.top };
    this.painter.paint({ ...frames, ...marks, ...theme }, this.width, this.scroll.height);
  }

  // What a reader does ------------------------------------------------------------------------------------------------

  /** Filter everything by a frame; zoom in to a block, which stands for no rows of its own. */
  private choose(frame: number): void {
    const { state } = this;
    if (state.blockAt(frame)) {
      this.focusOn(frame);
      return;
    }
    const frames = state.stack.pathOf(frame);
    const same = frame === state.selected || frames.length === 0;
    this.store.set("path", same ? undefined : { ...state.stack.way, frames });
  }

  focusOn(frame: number): void {
    const { state } = this;
    const block = state.blockAt(frame);
    state.focus = block ? state.layout.parent[frame]! : frame;
    this.glide.to(state.view, block ? { from: block.start, to: block.start + block.size } : state.windowOf(frame));
    this.live.textContent = frame === 0 ? "All frames" : `Zoomed to ${frameNote(this.store, state, frame).title}`;
  }

  private zoomTo(view: Window): void {
    this.glide.stop();
    this.state.focus = 0;
    this.setView(view);
  }

  private zoomMiddle(factor: number): void {
    const { view } = this.state;
    this.zoomTo(zoomed(view, factor, (view.from + view.to) / 2));
  }

  private setView(view: Window): void {
    const { state } = this;
    state.view = view;
    this.controls.updateView(state);
    this.trail.update(state.stack, state.focus);
    this.canvas.classList.toggle("zoomed", !state.isWhole);
    this.repaint();
  }

  private look(change: Partial<Pick<FlameState, "colour" | "least">>): void {
    Object.assign(this.state, change);
    this.state.update();
    this.show();
  }

  private search(text: string): void {
    if (text === (this.state.found?.text ?? "")) return;
    this.state.search(text);
    this.find.update(this.state.found, this.state.at, this.state.sums.value[0]!);
    this.repaint();
  }

  private step(by: 1 | -1): void {
    const frame = this.state.step(by);
    this.find.update(this.state.found, this.state.at, this.state.sums.value[0]!);
    if (frame >= 0) this.moveCursor(frame);
  }

  /** Show the layers of a frame apart, or together again. */
  private toggleFold(frame: number): void {
    const { state, store } = this;
    const mark = frame < 0 ? null : state.markOf(frame);
    if (!mark) return;
    const layers = state.stack.equalLayers(frame)!;
    const others = store.options.unfolded.filter((layer) => !layers.includes(layer));
    store.show({ unfolded: mark === "unfold" ? [...others, layers[0]!] : others });
    const now = layers.length > 1 && mark === "unfold" ? "stand apart" : "stand together";
    this.live.textContent = `${layers.length} equal layers ${now}`;
  }

  // Pointer and keys --------------------------------------------------------------------------------------------------

  private listen(signal: AbortSignal): void {
    const { canvas, state } = this;
    listenToPointer(
      canvas,
      {
        hover: (event) => this.hover(event),
        click: (event) => this.click(event),
        doubleClick: (event) => {
          const frame = this.aim.frameAt(event);
          if (frame >= 0 && !this.aim.isOnMark(event, frame)) this.focusOn(frame);
        },
        view: () => state.view,
        isWhole: () => state.isWhole,
        pan: (view, by) => this.zoomTo(panned(view, by)),
        zoom: (view, factor, around) => this.zoomTo(zoomed(view, factor, around)),
        scroll: (by) => {
          this.scroll.top += by;
        },
      },
      signal,
    );
    canvas.addEventListener("keydown", (event) => this.press(event), { signal });
    canvas.addEventListener("blur", () => this.moveCursor(NONE), { signal });
  }

  private click(event: MouseEvent): void {
    const frame = this.aim.frameAt(event);
    if (frame < 0) return;
    if (this.aim.isOnMark(event, frame)) this.toggleFold(frame);
    else this.choose(frame);
    // A finger does not hover: what it taps is described.
    if ((event as PointerEvent).pointerType === "touch") this.describe(frame, event);
  }

  private hover(event: PointerEvent | null): void {
    const frame = event ? this.aim.frameAt(event) : NONE;
    if (frame !== this.state.hovered) {
      this.state.hovered = frame;
      this.repaint();
    }
    this.canvas.style.cursor = frame >= 0 ? "pointer" : "default";
    if (event && frame >= 0) this.describe(frame, event);
    else this.tooltip.hide();
  }

  private describe(frame: number, event: MouseEvent): void {
    const { state } = this;
    const mark = state.markOf(frame);
    const click = state.blockAt(frame) ? "click: zoom in to them" : "click: filter · double-click: zoom";
    const hint = mark ? `${click} · U: ${mark === "unfold" ? "show layers apart" : "fold equal layers"}` : click;
    this.tooltip.show({ ...frameNote(this.store, state, frame), hint }, event.clientX, event.clientY);
  }

  private moveCursor(frame: number): void {
    this.state.cursor = frame;
    if (frame >= 0) {
      this.reveal(frame);
      this.live.textContent = spoken(frameNote(this.store, this.state, frame));
    }
    this.repaint();
  }

  private press(event: KeyboardEvent): void {
    const action = keyAction(event);
    if (!action) return;
    event.preventDefault();
    const { cursor } = this.state;
    if (action === "in" || action === "out") this.zoomMiddle(action === "in" ? ZOOM_KEY : 1 / ZOOM_KEY);
    else if (action === "all") this.focusOn(0);
    else if (action === "find") this.find.focus();
    else if (action === "next" || action === "previous") this.step(action === "next" ? 1 : -1);
    else if (action === "select") cursor >= 0 && this.choose(cursor);
    else if (action === "focus") cursor >= 0 && this.focusOn(cursor);
    else if (action === "fold") this.toggleFold(cursor);
    else {
      const { layout, focus, leastSize } = this.state;
      const around = { home: focus, page: this.scroll.page, least: leastSize };
      this.moveCursor(destination(layout, cursor, action, around));
    }
  }

  /** Bring a frame into sight. */
  private reveal(frame: number): void {
    const { state } = this;
    this.scroll.reveal(state.layout.depth[frame]!);
    if (state.isOutside(frame)) this.focusOn(state.stack.parent[frame]!);
    const closer = state.closerTo(frame, VISIBLE_PX / Math.max(1, this.width));
    if (closer) this.zoomTo(closer);
  }
}
