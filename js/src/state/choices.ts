// What a filter can be set to, with how much of the time each value has under all other filters.

import { NO_PHASE, NONE } from "../data/contract";
import type { Dataset } from "../data/dataset";
import { passingRows, sumByCode } from "./aggregate";
import { DIMENSIONS } from "./clauses";
import type { Store } from "./store";

export const CHOOSABLE = ["backend", "category", "layer", "phase", "step", "stream", "rank", "confidence"] as const;
export type Choosable = (typeof CHOOSABLE)[number];

export interface Choice {
  /** As the selection has it. */
  key: string | number;
  label: string;
  /** Weight and calls under the other filters. */
  weight: number;
  calls: number;
  /** Weight without any filter. */
  whole: number;
}

/** Values of a column in the order they are listed, and the place of each row's value among them. */
export interface Slots {
  values: number[];
  slotOf: Int32Array;
}

const known = new WeakMap<Dataset, Map<string, Slots>>();

export function slotsOf(data: Dataset, dimension: Choosable): Slots {
  const mine = known.get(data) ?? new Map<string, Slots>();
  known.set(data, mine);
  let slots = mine.get(dimension);
  if (!slots) {
    slots = readSlots(columnOf(data, dimension), dimension === "phase" ? NO_PHASE : NONE);
    mine.set(dimension, slots);
  }
  return slots;
}

function columnOf({ facts }: Dataset, dimension: Choosable): ArrayLike<number> {
  return dimension === "backend" ? facts.role : facts[dimension];
}

function readSlots(column: ArrayLike<number>, nothing: number): Slots {
  const placeOf = new Map<number, number>();
  const raw = new Int32Array(column.length);
  let [last, place] = [Number.NaN, 0];
  for (let row = 0; row < column.length; row++) {
    if (column[row] !== last) {
      last = column[row]!;
      const found = placeOf.get(last);
      place = found ?? placeOf.size;
      if (found === undefined) placeOf.set(last, place);
    }
    raw[row] = place;
  }
  const rank = (value: number) => (value === nothing ? Number.POSITIVE_INFINITY : value);
  const values = [...placeOf.keys()].sort((a, b) => (rank(a) < rank(b) ? -1 : 1));
  const slotOfPlace = new Int32Array(values.length);
  values.forEach((value, slot) => {
    slotOfPlace[placeOf.get(value)!] = slot;
  });
  return { values, slotOf: raw.map((place) => slotOfPlace[place]) };
}

/** Every value that occurs; those that are lists of words by their weight, numbers in their order. */
export function choicesOf(store: Store, dimension: Choosable): Choice[] {
  const { data } = store;
  const { values, slotOf } = slotsOf(data, dimension);
  const weight = new Float64Array(values.length);
  const calls = new Float64Array(values.length);
  const measure = store.measure();
  const { weights, counts } = measure;
  const rows = passingRows(measure, store.passing(dimension));
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i];
    const [value, slot] = [weights[row], slotOf[row]];
    if (!(value > 0)) continue;
    weight[slot] += value;
    calls[slot] += counts[row];
  }
  const whole = sumByCode(slotOf, values.length, store.measure(...DIMENSIONS), store.passing(...DIMENSIONS));
  const choices = values.map((value, slot) => ({
    ...named(data, dimension, value),
    weight: weight[slot],
    calls: calls[slot],
    whole: whole[slot],
  }));
  if (dimension === "confidence") return choices.reverse();
  return dimension === "backend" || dimension === "category" ? choices.sort((a, b) => b.whole - a.whole) : choices;
}

function named({ meta }: Dataset, dimension: Choosable, value: number): { key: string | number; label: string } {
  switch (dimension) {
    case "backend":
      return meta.roles[value] ?? { key: "", label: "?" };
    case "category":
      return word(meta.categories[value]);
    case "confidence":
      return word(meta.confidences[value]);
    case "phase":
      return value === NO_PHASE ? { key: "", label: "outside steps" } : word(meta.phases[value]);
    case "layer":
      return { key: value, label: value < 0 ? "outside layers" : `layer ${value}` };
    case "step": {
      const phase = meta.steps.find((step) => step.index === value)?.phase;
      return { key: value, label: value < 0 ? "outside steps" : phase ? `step ${value} · ${phase}` : `step ${value}` };
    }
    case "stream":
      return { key: value, label: value < 0 ? "host" : `stream ${value}` };
    case "rank":
      return { key: value, label: value < 0 ? "other ranks" : `rank ${value}` };
  }
}

const word = (text: string | undefined) => ({ key: text ?? "", label: text ?? "?" });

/** Without one value, or with it again; all of them are no filter. */
export function switched<K>(chosen: readonly K[] | undefined, key: K, every: readonly K[]): K[] | undefined {
  const current = new Set(chosen ?? every);
  if (!current.delete(key)) current.add(key);
  return every.every((one) => current.has(one)) ? undefined : every.filter((one) => current.has(one));
}
