// The one place that knows what is selected. Views read from it and write to it, never to each other.

import type { Dataset } from "../data/dataset";
import type { Events } from "../data/events";
import { type Passing, type Remainder, remembered, sumAll } from "./aggregate";
import {
  type Clauses,
  DIMENSIONS,
  type Dimension,
  isEventDimension,
  type PathClause,
  parseClauses,
  type StackWay,
  sameClause,
  sameClauses,
  sameWay,
} from "./clauses";
import { bitOf, Crossfilter } from "./crossfilter";
import type { Counting } from "./lineevents";
import { type Measure, Measures } from "./measure";
import { Memo } from "./memo";
import { type Selection, toSelection } from "./selection";
import type { Stack } from "./stack";
import { type StackOptions, Stacks } from "./stacks";

/** How the flame graph stacks, and what everything is measured in. */
export type ViewOptions = StackOptions;

/** What changed: the selection (here, or in a linked breakdown), how it is shown, or that single events are known. */
export type Change = "clauses" | "followed" | "options" | "events";

const SELECTED = new Memo<Int32Array>();

export class Store {
  clauses: Clauses = {};
  options: ViewOptions;
  /** Why there are no single events; empty while they are awaited or there. */
  missing = "";
  private readonly filter: Crossfilter;
  private readonly measures: Measures;
  private readonly stacks: Stacks;
  private readonly listeners = new Set<(change: Change) => void>();

  constructor(readonly data: Dataset) {
    const stack = data.meta.layer_count > 0 ? "model" : "backend";
    this.options = { weight: data.meta.weight, stack, top: "none", inverted: false, fold: true, unfolded: [] };
    this.measures = new Measures(data);
    this.stacks = new Stacks(data, this.measures);
    this.filter = new Crossfilter(data, (clause) => this.stackFor(clause));
  }

  // Reading -----------------------------------------------------------------------------------------------------------

  /** What rows weigh under every filter of single events but the view's own. */
  measure(...own: Dimension[]): Measure {
    return this.measures.of(this.options.weight, ...own.filter(isEventDimension));
  }

  /** Every single activity and span; null until they have arrived. */
  get events(): Events | null {
    return this.measures.events;
  }

  /** Write 1 for each event that is selected, and 0 for all others; views leave their own clauses out. */
  markPassing(marks: Uint8Array, ...own: Dimension[]): void {
    this.measures.mark(marks, this.passing(...own), own.filter(isEventDimension));
  }

  /** What tells whether an event is counted as a call; only to be asked where there are events. */
  counting(...own: Dimension[]): Counting {
    return this.measures.counting(this.options.weight, this.passing(...own), own.filter(isEventDimension));
  }

  /** The events that are counted as calls, ascending; null until there are any events. */
  selectedEvents(...own: Dimension[]): Int32Array | null {
    if (!this.events) return null;
    const passing = this.passing(...own);
    return remembered(SELECTED, this.measure(...own), passing, [this.events], () =>
      this.measures.selected(this.options.weight, passing, own.filter(isEventDimension)),
    );
  }

  get stack(): Stack {
    return this.stackFor(this.options);
  }

  /** The rows a view shows: those that pass every clause but the view's own. */
  passing(...own: Dimension[]): Passing {
    return this.filter.passing(own.reduce((bits, dimension) => bits | bitOf(dimension), 0));
  }

  remaining(...own: Dimension[]): Remainder {
    return sumAll(this.measure(...own), this.passing(...own));
  }

  get whole(): Remainder {
    return this.remaining(...DIMENSIONS);
  }

  get isFiltered(): boolean {
    return Object.keys(this.clauses).length > 0;
  }

  /** What Python is told. */
  get selection(): Selection {
    const { path } = this.clauses;
    return toSelection(this.data, this.clauses, path ? this.stackFor(path) : null);
  }

  private stackFor({ stack, top, inverted }: StackWay): Stack {
    return this.stacks.of({ ...this.options, stack, top, inverted });
  }

  // Writing -----------------------------------------------------------------------------------------------------------

  set<D extends Dimension>(dimension: D, value: Clauses[D]): void {
    this.replace({ ...this.clauses, [dimension]: value });
  }

  clear(...dimensions: Dimension[]): void {
    const left = { ...this.clauses };
    for (const dimension of dimensions.length > 0 ? dimensions : DIMENSIONS) delete left[dimension];
    this.replace(left);
  }

  replace(value: unknown): void {
    this.change(value, "clauses");
  }

  /** Take over the selection of a linked breakdown. */
  follow(value: unknown): void {
    this.change(value, "followed");
  }

  private change(value: unknown, change: Change): void {
    const next = parseClauses(value);
    if (sameClauses(next, this.clauses)) return;
    this.take(next);
    this.emit(change);
  }

  private take(next: Clauses): void {
    const before = this.clauses;
    this.clauses = next;
    for (const dimension of DIMENSIONS) {
      if (sameClause(before, next, dimension)) continue;
      if (isEventDimension(dimension)) this.measures.apply(dimension, next);
      else this.filter.apply(dimension, next);
    }
  }

  show(options: Partial<ViewOptions>): void {
    const changed = (Object.keys(options) as (keyof ViewOptions)[]).some((key) => options[key] !== this.options[key]);
    if (!changed) return;
    const { selection } = this;
    this.options = { ...this.options, ...options };
    const { path } = this.clauses;
    if (!path || this.leadsTo(path, selection)) {
      if (path) this.filter.apply("path", this.clauses);
      this.emit("options");
    } else {
      // What the frame stood for stays selected, said as Python is told it: in dimensions, which every stack has.
      this.take(selection);
      this.emit("clauses");
    }
  }

  /** A path names frames of one stack: in another one, or with layers folded otherwise, it may lead nowhere or astray. */
  private leadsTo(path: PathClause, selection: Selection): boolean {
    if (!sameWay(path, this.options) || this.stack.find(path.frames) < 0) return false;
    return sameClauses(this.selection, selection);
  }

  /** Single events have arrived. */
  arrive(events: Events): void {
    this.measures.arrive(events, this.clauses);
    this.emit("events");
  }

  /** Single events cannot be had; views that need them say why. */
  miss(reason: string): void {
    this.missing = reason;
    this.emit("events");
  }

  subscribe(listener: (change: Change) => void, signal: AbortSignal): void {
    this.listeners.add(listener);
    signal.addEventListener("abort", () => this.listeners.delete(listener));
  }

  private emit(change: Change): void {
    for (const listener of [...this.listeners]) listener(change);
  }
}
