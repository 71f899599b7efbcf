// Undo and redo of the selection: what was selected, and how frames were stacked when it was.

import { type Clauses, DIMENSIONS, type Dimension, sameClause } from "./clauses";
import type { Store, ViewOptions } from "./store";

/** Typed or dragged step by step: what follows soon on the same one replaces it. */
const GRADUAL: readonly Dimension[] = ["text", "duration_ns", "time_ns"];
const SOON_MS = 1500;
const MOST_STEPS = 200;

/** A line of states with a place on it; going back and then elsewhere drops what lay ahead. */
export class History<State> {
  private readonly states: State[];
  private at = 0;

  constructor(first: State) {
    this.states = [first];
  }

  get now(): State {
    return this.states[this.at]!;
  }

  get canUndo(): boolean {
    return this.at > 0;
  }

  get canRedo(): boolean {
    return this.at < this.states.length - 1;
  }

  push(state: State): void {
    this.states.splice(this.at + 1, this.states.length, state);
    if (this.states.length > MOST_STEPS) this.states.shift();
    this.at = this.states.length - 1;
  }

  /** Put another state in the place of the current one. */
  amend(state: State): void {
    this.states.splice(this.at, this.states.length, state);
  }

  undo(): State {
    this.at = Math.max(0, this.at - 1);
    return this.now;
  }

  redo(): State {
    this.at = Math.min(this.states.length - 1, this.at + 1);
    return this.now;
  }
}

interface Step {
  clauses: Clauses;
  /** A frame of the flame graph is found only in the stack it was chosen in. */
  options: ViewOptions;
}

/** The selections of one store, one after another. */
export class SelectionHistory {
  private readonly steps: History<Step>;
  private isTravelling = false;
  private changedAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly store: Store,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.steps = new History({ clauses: store.clauses, options: store.options });
    store.subscribe((change) => {
      if (change === "clauses" || change === "followed") this.note();
    }, new AbortController().signal);
  }

  get canUndo(): boolean {
    return this.steps.canUndo;
  }

  get canRedo(): boolean {
    return this.steps.canRedo;
  }

  undo(): void {
    if (this.canUndo) this.travel(this.steps.undo());
  }

  redo(): void {
    if (this.canRedo) this.travel(this.steps.redo());
  }

  private travel({ clauses, options }: Step): void {
    const { store } = this;
    this.isTravelling = true;
    try {
      if (clauses.path) store.show(options);
      store.replace(clauses);
    } finally {
      this.isTravelling = false;
      this.changedAt = Number.NEGATIVE_INFINITY;
    }
  }

  private note(): void {
    if (this.isTravelling) return;
    const { clauses, options } = this.store;
    const before = this.steps.now.clauses;
    const changed = DIMENSIONS.filter((dimension) => !sameClause(before, clauses, dimension));
    if (changed.length === 0) return;
    const isGradual =
      changed.length === 1 &&
      GRADUAL.includes(changed[0]!) &&
      before[changed[0]!] !== undefined &&
      clauses[changed[0]!] !== undefined &&
      this.now() - this.changedAt < SOON_MS;
    if (isGradual) this.steps.amend({ clauses, options });
    else this.steps.push({ clauses, options });
    this.changedAt = this.now();
  }
}

const histories = new WeakMap<Store, SelectionHistory>();

/** The one history that all views of a store share. */
export function historyOf(store: Store): SelectionHistory {
  let history = histories.get(store);
  if (!history) {
    history = new SelectionHistory(store);
    histories.set(store, history);
  }
  return history;
}
