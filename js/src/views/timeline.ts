// The timeline: what ran when, one lane per device stream and host thread.

import { NONE } from "../data/contract";
import type { Events } from "../data/events";
import { formatCount } from "../data/format";
import { eventAt, rowOfEvent } from "../draw/tracks";
import type { Window } from "../draw/window";
import { toggled } from "../state/clauses";
import { LaunchIndex } from "../state/launches";
import type { Change, Store } from "../state/store";
import { h, replace } from "./dom";
import type { Theme } from "./theme";
import { eventBeside, rangeSteps, trackAction } from "./timelinekeys";
import { eventNote } from "./timelinenote";
import { listenToTracks } from "./timelinepointer";
import { TimeRange } from "./timelinerange";
import { TimelineStage } from "./timelinestage";
import { spoken, type Tooltip } from "./tooltip";

const MOST_ARROWS = 60;

export class TimelineView {
  readonly element = h("section", { class: "panel timeline", "aria-label": "Timeline" });
  private readonly onlySelected = h("input", { type: "checkbox", onchange: () => this.hideRest() });
  private readonly note = h("p", { class: "event-note muted" });
  private readonly live = h("div", { class: "visually-hidden", role: "status", "aria-live": "polite" });
  private readonly message = h("p", { class: "empty", role: "status" });
  private readonly stage: TimelineStage;
  private readonly range: TimeRange;
  private readonly finger: HTMLElement = h(
    "button",
    {
      type: "button",
      class: "toggle finger",
      title: "One finger draws a range of time instead of moving the picture",
      "aria-pressed": "false",
      onclick: () => {
        this.fingerBrushes = !this.fingerBrushes;
        this.finger.setAttribute("aria-pressed", String(this.fingerBrushes));
      },
    },
    "choose a range",
  );
  private fingerBrushes = false;
  private readonly body: HTMLElement;
  private launches: LaunchIndex | null = null;
  private selectedEvents: number[] = [];
  private hovered = NONE;
  private cursor = NONE;
  // The `row` clause that was brought into sight last.
  private shownRows = "";

  constructor(
    private readonly store: Store,
    theme: Theme,
    private readonly tooltip: Tooltip,
    signal: AbortSignal,
  ) {
    const marks = () => ({
      selected: this.selectedEvents,
      hovered: this.hovered,
      cursor: this.cursor,
      arrows: this.arrows(),
      brush: this.range.window,
    });
    this.stage = new TimelineStage(store, theme, marks, () => this.range.window || this.range.draw(), signal);
    const { stage } = this;
    this.range = new TimeRange(store, stage);
    const zoom = (text: string, label: string, act: () => void) =>
      h("button", { type: "button", title: label, "aria-label": label, onclick: act }, text);
    this.body = h("div", {}, stage.head, stage.body, this.note);
    this.element.append(
      h(
        "div",
        { class: "panel-head" },
        h("h3", {}, "Timeline"),
        this.range.element,
        h("span", { class: "spacer" }),
        this.finger,
        h("label", { class: "check" }, this.onlySelected, "only selected"),
        h(
          "div",
          { class: "segments zoom", role: "group", "aria-label": "Zoom" },
          zoom("−", "Zoom out (S)", () => stage.zoom(2)),
          zoom("+", "Zoom in (W), or Ctrl + wheel", () => stage.zoom(0.5)),
          zoom("fit", "Show all (0)", () => stage.animateTo(stage.whole)),
        ),
      ),
      this.body,
      this.message,
      this.live,
    );
    this.listen(signal);
    this.update("events");
  }

  useTheme = (theme: Theme): void => this.stage.useTheme(theme);

  update(change: Change): void {
    const { events, missing } = this.store;
    this.body.hidden = !events || events.count === 0;
    this.message.hidden = !this.body.hidden;
    if (!events) {
      const { activities, spans } = this.store.data.meta.totals;
      this.message.textContent = missing
        ? `There is no timeline: ${missing}`
        : `Loading ${formatCount(activities + spans)} single events …`;
      return;
    }
    if (events.count === 0) this.message.textContent = "There are no events to show.";
    if (this.stage.source?.events !== events) {
      this.stage.begin(events);
      this.launches = new LaunchIndex(events);
    }
    if (change !== "options") this.select(events);
    this.range.draw();
    this.stage.repaint();
  }

  /** Which events are selected: asked of the store once per change, not per frame. */
  private select(events: Events): void {
    const { store } = this;
    const { source } = this.stage;
    if (!source) return;
    if (!store.isFiltered) source.selected = null;
    else {
      source.selected ??= new Uint8Array(events.count);
      store.markPassing(source.selected);
    }
    const rows = store.clauses.row;
    const wanted = new Set(rows ?? []);
    this.selectedEvents = [];
    if (wanted.size > 0) {
      for (let event = 0; event < events.count; event++) {
        if (wanted.has(events.row[event])) this.selectedEvents.push(event);
      }
    }
    this.drawNote(events);
    const key = (rows ?? []).join();
    if (key !== this.shownRows) {
      this.shownRows = key;
      if (this.selectedEvents.length > 0) this.stage.reveal(this.selectedEvents[0]!);
    }
  }

  private drawNote(events: Events): void {
    const event = this.selectedEvents[0];
    const { undrawn } = events.meta;
    const deep = undrawn > 0 ? `${formatCount(undrawn)} events are nested too deeply to be drawn.` : "";
    if (event === undefined) {
      this.note.textContent = deep || "Click an event to select it, drag to select a range of time.";
      return;
    }
    const launched = this.launches?.launchedBy(event).length ?? 0;
    const note = eventNote(this.store, events, event);
    const more = this.selectedEvents.length > 1 ? ` · and ${formatCount(this.selectedEvents.length - 1)} more` : "";
    replace(
      this.note,
      h("strong", { class: "code" }, note.title),
      ` ${note.lines.map(([label, value]) => `${label} ${value}`).join(" · ")}`,
      launched > 0 &&
        ` · launched ${formatCount(launched)}${launched > MOST_ARROWS ? `, ${MOST_ARROWS} arrows drawn` : ""}`,
      more,
    );
  }

  private arrows(): [number, number][] {
    const { launches } = this;
    const { source } = this.stage;
    if (!source || !launches) return [];
    const found: [number, number][] = [];
    const focus = this.selectedEvents.length > 0 ? this.selectedEvents.slice(0, 8) : [this.hovered];
    for (const event of focus) {
      if (event < 0) continue;
      const call = source.events.launch[event];
      if (call >= 0) found.push([call, event]);
      for (const activity of launches.launchedBy(event).subarray(0, MOST_ARROWS)) found.push([event, activity]);
    }
    return found.slice(0, MOST_ARROWS);
  }

  private choose(event: number, adds: boolean): void {
    const number = this.stage.source!.events.row[event]!;
    const current = this.store.clauses.row;
    const alone = current?.length === 1 && current[0] === number;
    const next = adds ? toggled(current, number) : alone ? undefined : [number];
    this.shownRows = (next ?? []).join();
    this.store.set("row", next); // it is in sight: it was just clicked
  }

  private hideRest(): void {
    this.stage.hidesRest = this.onlySelected.checked;
    this.stage.repaint();
  }

  private listen(signal: AbortSignal): void {
    const { stage } = this;
    listenToTracks(
      stage.canvas,
      {
        timeAt: (event) => stage.timeAt(event),
        hover: (event) => this.hover(event),
        click: (event) => {
          const found = stage.eventUnder(event);
          if (found >= 0) this.choose(found, event.ctrlKey || event.metaKey || event.shiftKey);
        },
        zoomTo: (event) => {
          const found = stage.eventUnder(event);
          if (found >= 0) stage.zoomToEvent(found);
        },
        view: () => stage.view,
        setView: (view) => stage.setView(view, true),
        zoom: (factor, around) => stage.zoom(factor, around, true),
        rest: () => stage.words.now(),
        brush: () => this.range.window,
        setBrush: (range, isDone) => this.range.set(range, isDone),
        cancelBrush: () => this.range.drop(),
        fingerBrushes: () => this.fingerBrushes,
      },
      signal,
    );
    stage.canvas.addEventListener("keydown", (event) => this.press(event), { signal });
    const letGo = (event: KeyboardEvent) => event.key === "Shift" && this.range.finish();
    stage.canvas.addEventListener("keyup", letGo, { signal });
    stage.canvas.addEventListener("blur", () => this.moveCursor(NONE), { signal });
  }

  private hover(event: PointerEvent | null): void {
    const found = event ? this.stage.eventUnder(event) : NONE;
    if (found !== this.hovered) {
      this.hovered = found;
      this.stage.repaint();
    }
    if (found < 0 || !event) this.tooltip.hide();
    else {
      const note = eventNote(this.store, this.stage.source!.events, found);
      this.tooltip.show({ ...note, hint: "click: select · double-click: zoom" }, event.clientX, event.clientY);
    }
  }

  private moveCursor(event: number): void {
    this.cursor = event;
    this.range.drop();
    if (event >= 0) {
      this.stage.reveal(event);
      this.live.textContent = spoken(eventNote(this.store, this.stage.source!.events, event));
    }
    this.stage.repaint();
  }

  private press(event: KeyboardEvent): void {
    const steps = rangeSteps(event);
    const action = trackAction(event);
    const { stage } = this;
    const { source, view, tracks } = stage;
    if (!action || !source) return;
    event.preventDefault();
    if (steps !== null) {
      this.live.textContent = this.range.extend(steps, this.cursor < 0 ? null : timeOf(source.events, this.cursor));
      return;
    }
    if (action === "select" && this.range.finish()) return;
    const width = view.to - view.from;
    if (action === "in" || action === "out") stage.zoom(action === "in" ? 0.7 : 1 / 0.7);
    else if (action === "left" || action === "right") {
      const by = (action === "left" ? -0.2 : 0.2) * width;
      stage.setView({ from: view.from + by, to: view.to + by });
    } else if (action === "all") stage.animateTo(stage.whole);
    else if (action === "clear") this.range.clear();
    else if (this.cursor < 0) {
      const row = tracks.rows.find((one) => one.end > one.first);
      if (row) this.moveCursor(this.selectedEvents[0] ?? eventAt(source.events, row, view.from, Infinity));
    } else if (action === "select") this.choose(this.cursor, event.shiftKey);
    else if (action === "focus") stage.zoomToEvent(this.cursor);
    else {
      const row = rowOfEvent(tracks, this.cursor);
      this.moveCursor(eventBeside(source.events, tracks, this.cursor, row, action));
    }
  }
}

function timeOf({ start_ns, dur_ns }: Events, event: number): Window {
  return { from: start_ns[event], to: start_ns[event] + dur_ns[event] };
}
