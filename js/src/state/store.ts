// The one place that knows what is selected. Views read from it and write to it, never to each other.

import type { Dataset } from "../data/dataset";
import { type Passing, type Remainder, sumAll } from "./aggregate";
import {
  type Clauses,
  DIMENSIONS,
  type Dimension,
  parseClauses,
  type StackKind,
  sameClause,
  sameClauses,
} from "./clauses";
import { bitOf, Crossfilter } from "./crossfilter";
import { foldLayers } from "./fold";
import { groupKernels, type KernelGroups } from "./kernels";
import { type Selection, toSelection } from "./selection";
import { buildStack, type Stack } from "./stack";
import { type WeightKind, weightsOf } from "./weight";

export interface ViewOptions {
  weight: WeightKind;
  stack: StackKind;
  fold: boolean;
}

/** What changed: the selection, or only how it is shown. */
export type Change = "clauses" | "options";

export class Store {
  clauses: Clauses = {};
  options: ViewOptions;
  private readonly filter: Crossfilter;
  private readonly stacks = new Map<string, Stack>();
  private readonly listeners = new Set<(change: Change) => void>();
  private groups: KernelGroups | undefined;

  constructor(readonly data: Dataset) {
    const stack = data.meta.layer_count > 0 ? "model" : "backend";
    this.options = { weight: data.meta.weight, stack, fold: true };
    this.filter = new Crossfilter(data, (clause) => this.stackFor(clause.stack));
  }

  // Reading -----------------------------------------------------------------------------------------------------------

  get weights(): Float64Array | Uint32Array {
    return weightsOf(this.data, this.options.weight);
  }

  get stack(): Stack {
    return this.stackFor(this.options.stack);
  }

  get kernelGroups(): KernelGroups {
    this.groups ??= groupKernels(this.data);
    return this.groups;
  }

  /** The rows a view shows: those that pass every clause but the view's own. */
  passing(...own: Dimension[]): Passing {
    return { fails: this.filter.fails, ignore: own.reduce((bits, dimension) => bits | bitOf(dimension), 0) };
  }

  remaining(...own: Dimension[]): Remainder {
    return sumAll(this.data, this.weights, this.passing(...own));
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
    return toSelection(this.data, this.clauses, path ? this.stackFor(path.stack) : null);
  }

  private stackFor(kind: StackKind): Stack {
    const { fold, weight } = this.options;
    const key = `${kind} ${fold} ${weight}`;
    let stack = this.stacks.get(key);
    if (!stack) {
      stack = buildStack(this.data, kind, this.weights, foldLayers(this.data, this.weights, fold));
      this.stacks.set(key, stack);
    }
    return stack;
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
    const next = parseClauses(value);
    if (sameClauses(next, this.clauses)) return;
    const before = this.clauses;
    this.clauses = next;
    for (const dimension of DIMENSIONS) {
      if (!sameClause(before, next, dimension)) this.filter.apply(dimension, next);
    }
    this.emit("clauses");
  }

  show(options: Partial<ViewOptions>): void {
    const changed = (Object.keys(options) as (keyof ViewOptions)[]).some((key) => options[key] !== this.options[key]);
    if (!changed) return;
    this.options = { ...this.options, ...options };
    // A path names frames of one stack; in another one, or with layers folded otherwise, it may lead nowhere.
    const { path, ...rest } = this.clauses;
    if (path && (path.stack !== this.options.stack || this.stack.find(path.frames) < 0)) {
      this.clauses = rest;
      this.filter.apply("path", rest);
      this.emit("clauses");
    } else {
      if (path) this.filter.apply("path", this.clauses);
      this.emit("options");
    }
  }

  subscribe(listener: (change: Change) => void, signal: AbortSignal): void {
    this.listeners.add(listener);
    signal.addEventListener("abort", () => this.listeners.delete(listener));
  }

  private emit(change: Change): void {
    for (const listener of [...this.listeners]) listener(change);
  }
}
