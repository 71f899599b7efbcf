// The tracks on the page: window of time, layout, painting, and where the pointer is. Knows nothing of selections.

import { NONE } from "../data/contract";
import type { Events } from "../data/events";
import { loadOf, OverviewPainter } from "../draw/overview";
import { axisHeight, paintAxis } from "../draw/timeaxis";
import { within, zoomedTime } from "../draw/timescale";
import { BackendInks, type Look, TrackPainter } from "../draw/trackpainter";
import { eventAt, type Fold, laneOfEvent, layTracks, ROW_HEIGHT, rowAt, rowOfEvent, type Tracks } from "../draw/tracks";
import { type TrackSource, trackSource } from "../draw/trackstrip";
import type { Window } from "../draw/window";
import type { Store } from "../state/store";
import { h, onFrame } from "./dom";
import { prefersStillness, type Theme } from "./theme";
import { LaneNames } from "./timelinelanes";
import { eventName } from "./timelinenote";
import { Unhurried } from "./unhurried";

const TALLEST = 420;
const HIT_PX = 2;
const ZOOM_MS = 160;
/** How often words are written while the picture moves. */
const WORDS_MS = 200;

/** What changes with the selection and the pointer. */
export interface Marks {
  selected: readonly number[];
  hovered: number;
  cursor: number;
  arrows: readonly [call: number, activity: number][];
  brush: Window | null;
}

export class TimelineStage {
  readonly canvas = h("canvas", {
    class: "tracks",
    tabindex: "0",
    role: "application",
    "aria-roledescription": "timeline",
    "aria-label":
      "Timeline. Arrow keys move between events, Enter selects, Shift with left, right, Home and End selects a range of time, F zooms to one, W and S zoom, A and D pan, 0 shows all, Delete removes the time range.",
  });
  readonly overview = h("canvas", { class: "time-overview", "aria-hidden": "true" });
  private readonly axis = h("canvas", { class: "time-axis", "aria-hidden": "true" });
  private readonly space = h("div", { class: "track-space" });
  private readonly scroller = h("div", { class: "track-scroll" }, this.space);
  readonly head = h("div", { class: "time-head" }, h("div", {}), h("div", {}, this.overview, this.axis));
  readonly body = this.scroller;
  readonly repaint: () => void;
  readonly whole: Window = { from: 0, to: 1 };
  view: Window = { from: 0, to: 1 };
  tracks: Tracks = { rows: [], lanes: [], height: 0 };
  source: TrackSource | null = null;
  hidesRest = false;
  /** How much time is shown, and how busy the streams are in it. */
  readonly words: Unhurried;
  private readonly painter = new TrackPainter(this.canvas);
  private readonly overviewPainter = new OverviewPainter(this.overview);
  private readonly folds = new Map<number, Fold>();
  private names: LaneNames | null = null;
  private inks: BackendInks;
  private look: Look;
  private load: { width: number; values: Float64Array } | null = null;

  constructor(
    private readonly store: Store,
    private theme: Theme,
    private readonly marks: () => Marks,
    moved: () => void,
    private readonly signal: AbortSignal,
  ) {
    this.inks = this.makeInks();
    this.look = lookOf(theme);
    this.words = new Unhurried(
      () => {
        moved();
        if (this.source) this.names?.measure(this.source, this.view);
      },
      WORDS_MS,
      signal,
    );
    this.repaint = onFrame(() => this.paint(), signal);
    this.scroller.addEventListener("scroll", () => this.repaint(), { signal });
    this.listenToOverview();
    const observer = new ResizeObserver(() => this.repaint());
    observer.observe(this.scroller);
    signal.addEventListener("abort", () => observer.disconnect());
  }

  useTheme(theme: Theme): void {
    this.theme = theme;
    this.inks = this.makeInks();
    this.look = lookOf(theme);
    this.repaint();
  }

  begin(events: Events): void {
    const { lanes } = events.meta;
    this.source = trackSource(events, this.store.data.facts.role);
    let from = Infinity;
    let to = -Infinity;
    for (let event = 0; event < events.count; event++) {
      from = Math.min(from, events.start_ns[event]);
      to = Math.max(to, events.start_ns[event] + events.dur_ns[event]);
    }
    if (!(to > from)) to = from + 1;
    const margin = (to - from) * 0.005;
    Object.assign(this.whole, { from: from - margin, to: to + margin });
    this.view = { ...this.whole };
    this.names = new LaneNames(lanes, this.store.data.meta.ranks.length, (lane, fold) => this.fold(lane, fold));
    this.space.replaceChildren(this.names.element, this.canvas);
    this.axis.style.height = `${axisHeight(events.meta.steps)}px`;
    this.layOut();
  }

  private layOut(): void {
    if (!this.source) return;
    this.tracks = layTracks(this.source.events.meta.lanes, this.folds);
    this.names?.draw(this.tracks);
    const visible = Math.min(TALLEST, this.tracks.height);
    this.space.style.height = `${this.tracks.height}px`;
    this.scroller.style.height = `${visible}px`;
    this.canvas.style.height = `${visible}px`;
    this.words.now();
    this.repaint();
  }

  private fold(lane: number, fold: Fold): void {
    this.folds.set(lane, fold);
    this.layOut();
  }

  private makeInks(): BackendInks {
    return new BackendInks(
      this.store.data.meta.roles.map((role) => role.key),
      this.theme.surface,
    );
  }

  private paint(): void {
    const { source, look, view, whole } = this;
    const width = this.canvas.clientWidth;
    if (!source || width === 0) return;
    source.hidesRest = this.hidesRest;
    const { steps } = source.events.meta;
    const marks = this.marks();
    const { scrollTop } = this.scroller;
    const nameOf = (event: number) => eventName(this.store, source.events, event, 120);
    const scene = { tracks: this.tracks, view, source, steps, ...marks, scrollTop, nameOf, look };
    this.painter.paint(scene, this.inks, width, Math.min(TALLEST, this.tracks.height));
    if (this.load?.width !== width) this.load = { width, values: loadOf(source, whole, width) };
    this.overviewPainter.paint(this.load.values, whole, view, marks.brush, look, width);
    paintAxis(this.axis, view, steps, look, width);
  }

  /** `moves`: one of many steps, after which comes another one, or `words.now()`. */
  setView(view: Window, moves = false): void {
    this.view = within(view, this.whole);
    if (moves) this.words.soon();
    else this.words.now();
    this.repaint();
  }

  zoom(factor: number, around = (this.view.from + this.view.to) / 2, moves = false): void {
    this.setView(zoomedTime(this.view, factor, around, this.whole), moves);
  }

  zoomToEvent(event: number): void {
    const { events } = this.source!;
    const start = events.start_ns[event]!;
    const length = Math.max(100, events.dur_ns[event]!);
    this.animateTo(within({ from: start - length, to: start + 2 * length }, this.whole));
  }

  animateTo(target: Window): void {
    if (prefersStillness()) {
      this.setView(target);
      return;
    }
    const source = this.view;
    const began = performance.now();
    const step = () => {
      const share = Math.min(1, (performance.now() - began) / ZOOM_MS);
      const eased = 1 - (1 - share) ** 3;
      const between = (a: number, b: number) => a + (b - a) * eased;
      this.setView({ from: between(source.from, target.from), to: between(source.to, target.to) }, share < 1);
      if (share < 1 && !this.signal.aborted) requestAnimationFrame(step);
    };
    step();
  }

  /** Bring an event into sight: unfold its lane, scroll to its row, move or widen the window. */
  reveal(event: number): void {
    const { source } = this;
    if (!source) return;
    const { events } = source;
    if (rowOfEvent(this.tracks, event) < 0) {
      const lane = laneOfEvent(events.meta.lanes, event);
      if (lane < 0) return;
      this.fold(lane, "open");
    }
    const row = this.tracks.rows[rowOfEvent(this.tracks, event)];
    if (!row) return;
    const { scroller } = this;
    if (row.top < scroller.scrollTop) scroller.scrollTop = row.top;
    else if (row.top + ROW_HEIGHT > scroller.scrollTop + scroller.clientHeight) {
      scroller.scrollTop = row.top + ROW_HEIGHT - scroller.clientHeight;
    }
    const start = events.start_ns[event]!;
    const end = start + events.dur_ns[event]!;
    const width = this.view.to - this.view.from;
    if (start > this.view.to || end < this.view.from) {
      const middle = (start + end) / 2;
      this.setView({ from: middle - width / 2, to: middle + width / 2 });
    }
  }

  timeAt(event: { clientX: number }): number {
    const box = this.canvas.getBoundingClientRect();
    const share = Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
    return this.view.from + share * (this.view.to - this.view.from);
  }

  eventUnder(event: MouseEvent): number {
    const { source } = this;
    if (!source) return NONE;
    const box = this.canvas.getBoundingClientRect();
    const row = this.tracks.rows[rowAt(this.tracks, event.clientY - box.top + this.scroller.scrollTop)];
    if (!row) return NONE;
    const tolerance = (HIT_PX / box.width) * (this.view.to - this.view.from);
    const found = eventAt(source.events, row, this.timeAt(event), tolerance);
    return found >= 0 && source.hidesRest && source.selected?.[found] === 0 ? NONE : found;
  }

  /** In the overview a press moves the window there, and a drag takes it along. */
  private listenToOverview(): void {
    const { overview, signal } = this;
    const move = (event: PointerEvent) => {
      const box = overview.getBoundingClientRect();
      const middle = this.whole.from + ((event.clientX - box.left) / box.width) * (this.whole.to - this.whole.from);
      const width = this.view.to - this.view.from;
      this.setView({ from: middle - width / 2, to: middle + width / 2 }, event.type === "pointermove");
    };
    overview.addEventListener(
      "pointerdown",
      (event) => {
        overview.setPointerCapture(event.pointerId);
        move(event);
      },
      { signal },
    );
    overview.addEventListener(
      "pointermove",
      (event) => {
        if (event.buttons === 1) move(event);
      },
      { signal },
    );
    overview.addEventListener("pointerup", () => this.words.now(), { signal });
  }
}

function lookOf({ ink, surface, accent, font }: Theme): Look {
  return { ink, surface, accent, font };
}
