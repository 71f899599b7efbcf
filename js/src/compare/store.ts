// What is selected in a comparison, and which pair of runs is shown; every view draws anew when it changes.

import { DIMENSIONS, type Dimension, type Pair, type Payload, type Selection } from "./payload";

export class ComparisonStore {
  selection: Selection = {};
  private at = 0;
  private readonly listeners: (() => void)[] = [];
  /** Called after what a reader did here. */
  told: () => void = () => {};

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
    this.told();
  }

  /** Select a value, or none where it was selected. */
  toggle(dimension: Dimension, value: number): void {
    const next = { ...this.selection };
    if (next[dimension] === value) delete next[dimension];
    else next[dimension] = value;
    this.selection = next;
    this.changed();
    this.told();
  }

  reset(): void {
    this.selection = {};
    this.changed();
    this.told();
  }

  /** Show what Python, or another view, has selected. */
  follow(number: number, selection: Selection): void {
    const pair = this.payload.pairs[number];
    if (!pair) return;
    const next: Selection = {};
    for (const one of DIMENSIONS) {
      const value = selection[one];
      if (value !== undefined && pair[one][value]) next[one] = value;
    }
    if (number === this.at && DIMENSIONS.every((one) => next[one] === this.selection[one])) return;
    this.at = number;
    this.selection = next;
    this.changed();
  }

  private changed(): void {
    for (const draw of this.listeners) draw();
  }
}
