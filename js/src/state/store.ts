// The one place that knows what is selected. Views read from it and write to it, never to each other.

import type { Dataset } from "../data/dataset";
import type { Events } from "../data/events";
import { type Passing, type Remainder, sumAll } from "./aggregate";
import {
  type Clauses,
  DIMENSIONS,
  type Dimension,
  isEventDimension,
  parseClauses,
  type StackWay,
  sameClause,
  sameClauses,
  sameWay,
} from "./clauses";
import { bitOf, Crossfilter } from "./crossfilter";
import { groupKernels, type KernelGroups } from "./kernels";
import { eventBitOf, type Measure, Measures } from "./measure";
import { type Selection, toSelection } from "./selection";
import type { Stack } from "./stack";
import { type StackOptions, Stacks } from "./stacks";

/** How the flame graph stacks, and what everything is measured in. */
export type ViewOptions = StackOptions;

/** What changed: the selection (here, or in a linked breakdown), how it is shown, or that single events are known. */
export type Change = "clauses" | "followed" | "options" | "events";

export class Store {
  clauses: Clauses = {};
  options: ViewOptions;
  /** Why there are no single events; empty while they are awaited or there. */
  missing = "";
  private readonly filter: Crossfilter;
  private readonly measures: Measures;
  private readonly stacks: Stacks;
  private readonly listeners = new Set<(change: Change) => void>();
  private groups: KernelGroups | undefined;

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

  /** Whether an event is selected; views leave their own clauses out. */
  passingEvents(...own: Dimension[]): (event: number) => boolean {
    const { fails, events } = this.measures;
    const rows = this.filter.fails;
    const [bits, eventBits] = heeded(own);
    const fact = events?.fact;
    return fact === undefined
      ? () => false
      : (event) => (fails[event] & eventBits) === 0 && (rows[fact[event]] & bits) === 0;
  }

  /** The same for all events at once, 1 for those that are selected: a plain loop, since there may be millions. */
  markPassing(marks: Uint8Array, ...own: Dimension[]): void {
    const { fails, events } = this.measures;
    const rows = this.filter.fails;
    const [bits, eventBits] = heeded(own);
    const { fact } = events!;
    for (let event = 0; event < marks.length; event++) {
      marks[event] = ((fails[event] & eventBits) | (rows[fact[event]] & bits)) === 0 ? 1 : 0;
    }
  }

  get stack(): Stack {
    return this.stackFor(this.options);
  }

  get kernelGroups(): KernelGroups {
    this.groups ??= groupKernels(this.data);
    return this.groups;
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
    const before = this.clauses;
    this.clauses = next;
    for (const dimension of DIMENSIONS) {
      if (sameClause(before, next, dimension)) continue;
      if (isEventDimension(dimension)) this.measures.apply(dimension, next);
      else this.filter.apply(dimension, next);
    }
    this.emit(change);
  }

  show(options: Partial<ViewOptions>): void {
    const changed = (Object.keys(options) as (keyof ViewOptions)[]).some((key) => options[key] !== this.options[key]);
    if (!changed) return;
    this.options = { ...this.options, ...options };
    // A path names frames of one stack; in another one, or with layers folded otherwise, it may lead nowhere.
    const { path, ...rest } = this.clauses;
    if (path && (!sameWay(path, this.options) || this.stack.find(path.frames) < 0)) {
      this.clauses = rest;
      this.filter.apply("path", rest);
      this.emit("clauses");
    } else {
      if (path) this.filter.apply("path", this.clauses);
      this.emit("options");
    }
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

/** Bits of the clauses of rows and of single events that a view heeds: all but its own. */
function heeded(own: readonly Dimension[]): [rows: number, events: number] {
  return [
    ~own.reduce((found, dimension) => found | bitOf(dimension), 0),
    ~own.filter(isEventDimension).reduce((found, dimension) => found | eventBitOf(dimension), 0),
  ];
}
