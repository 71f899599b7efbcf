// Shapes of the inputs: recorded with an operator, and looked up from what it launched.

import { NONE } from "../data/contract";
import type { Events } from "../data/events";

const UNKNOWN = -2;

export interface ShapeLine {
  /** Into `meta.shapes`, -1 for none recorded. */
  shapes: number;
  count: number;
  total_ns: number;
}

/** Finds the operator around a call by their times, in the rows of bars of a thread. */
export class Shapes {
  private readonly known: Int32Array;
  /** First event of every row of bars of every lane, then the end; and the depth of each. */
  private readonly first: number[] = [];
  private readonly depth: number[] = [];

  constructor(private readonly events: Events) {
    this.known = new Int32Array(events.count).fill(UNKNOWN);
    for (const { first } of events.meta.lanes) {
      first.slice(0, -1).forEach((start, depth) => {
        this.first.push(start);
        this.depth.push(depth);
      });
    }
    this.first.push(events.count - events.meta.undrawn);
  }

  /** Shapes of the innermost operator that recorded any: the event itself, what launched it, or what is around that. */
  of(event: number): number {
    if (this.known[event] === UNKNOWN) this.known[event] = this.find(event);
    return this.known[event];
  }

  /** Add some of the chosen events up, so that many can be taken a few at a time. */
  add(lines: Map<number, ShapeLine>, chosen: Int32Array, from: number, to: number): void {
    const { dur_ns } = this.events;
    for (let i = from; i < Math.min(to, chosen.length); i++) {
      const event = chosen[i];
      const shapes = this.of(event);
      const line = lines.get(shapes) ?? { shapes, count: 0, total_ns: 0 };
      line.count++;
      line.total_ns += dur_ns[event];
      lines.set(shapes, line);
    }
  }

  private find(event: number): number {
    const { launch, shapes, start_ns, dur_ns } = this.events;
    const caller = launch[event] === NONE ? event : launch[event];
    if (shapes[caller] !== NONE) return shapes[caller];
    const bars = this.barsOf(caller);
    if (bars < 0) return NONE;
    for (let row = bars - 1; row >= bars - this.depth[bars]!; row--) {
      const around = this.lastBefore(row, start_ns[caller]);
      if (around < 0 || start_ns[around] + dur_ns[around] < start_ns[caller] + dur_ns[caller]) continue;
      if (shapes[around] !== NONE) return shapes[around];
    }
    return NONE;
  }

  private barsOf(event: number): number {
    const { first } = this;
    if (first.length < 2 || event >= first.at(-1)!) return -1;
    let [from, to] = [0, first.length - 2];
    while (from < to) {
      const middle = (from + to + 1) >> 1;
      if (first[middle]! <= event) from = middle;
      else to = middle - 1;
    }
    return from;
  }

  /** The last event of a row of bars that starts no later. */
  private lastBefore(row: number, time_ns: number): number {
    const { start_ns } = this.events;
    let [from, to] = [this.first[row]!, this.first[row + 1]!];
    while (from < to) {
      const middle = (from + to) >> 1;
      if (start_ns[middle] <= time_ns) from = middle + 1;
      else to = middle;
    }
    return from > this.first[row]! ? from - 1 : -1;
  }
}

const finders = new WeakMap<Events, Shapes>();

export function shapesOf(events: Events): Shapes {
  let finder = finders.get(events);
  if (!finder) {
    finder = new Shapes(events);
    finders.set(events, finder);
  }
  return finder;
}

/** "[[16, 1], []]" → "16×1, scalar"; as recorded where it is something else. */
export function shapeText(recorded: string): string {
  try {
    const inputs: unknown = JSON.parse(recorded);
    if (!Array.isArray(inputs)) return recorded;
    while (inputs.length > 1 && isEmpty(inputs.at(-1))) inputs.pop();
    return inputs.map(inputText).join(", ") || "no inputs";
  } catch {
    return recorded;
  }
}

const isEmpty = (input: unknown): boolean => Array.isArray(input) && input.length === 0;

function inputText(input: unknown): string {
  if (!Array.isArray(input)) return String(input);
  if (input.length === 0) return "–";
  return input.every((size) => typeof size === "number") ? input.join("×") : `(${input.map(inputText).join(", ")})`;
}
