// What is selected in a comparison, and which pair of runs is shown; every view draws anew when it changes.

import type { Dimension, Pair, Payload, Selection } from "./payload";

export class ComparisonStore {
  selection: Selection = {};
  private at = 0;
  private readonly listeners: (() => void)[] = [];

  constructor(readonly payload: Payload) {}

  get pair(): Pair {
    return this.payload.pairs[this.at]!;
  }

  get number(): number {
    return this.at;
  }

  listen(draw: () => void): void {
    this.listeners.push(draw);
    draw();
  }

  choosePair(number: number): void {
    this.at = number;
    this.selection = {}; // values of one pair are not those of another
    this.changed();
  }

  /** Select a value, or none where it was selected. */
  toggle(dimension: Dimension, value: number): void {
    const next = { ...this.selection };
    if (next[dimension] === value) delete next[dimension];
    else next[dimension] = value;
    this.selection = next;
    this.changed();
  }

  reset(): void {
    this.selection = {};
    this.changed();
  }

  private changed(): void {
    for (const draw of this.listeners) draw();
  }
}
