// Distinct kernels, and operators of the host: one line for each name, backend, category and side.

import type { Dataset } from "../data/dataset";
import { type Passing, passingRows, remembered } from "./aggregate";
import { PairIds } from "./ids";
import type { Measure } from "./measure";
import { Memo } from "./memo";
import type { WeightKind } from "./weight";

/** All lines that there may be; a line's number is its place in these columns. */
export interface KernelGroups {
  /** Line of each row. */
  groupOf: Int32Array;
  /** String ids. */
  name: Int32Array;
  role: Uint8Array;
  category: Uint8Array;
  /** 1 for device activities, 0 for host spans: the two are never one line. */
  onDevice: Uint8Array;
}

export interface LineSums {
  total: Float64Array;
  /** Of the rows that weigh something. */
  calls: Float64Array;
  layers: LayerSets;
}

/** Which layers each line is in: one bit for each layer. */
export class LayerSets {
  private readonly words: number;
  private readonly bits: Uint32Array;

  constructor(
    lines: number,
    private readonly layerCount: number,
  ) {
    this.words = (layerCount + 31) >> 5;
    this.bits = new Uint32Array(lines * this.words);
  }

  add(line: number, layer: number): void {
    if (layer >= 0 && layer < this.layerCount) this.bits[line * this.words + (layer >> 5)] |= 1 << (layer & 31);
  }

  of(line: number): number[] {
    const found: number[] = [];
    for (let layer = 0; layer < this.layerCount; layer++) {
      if (this.bits[line * this.words + (layer >> 5)] & (1 << (layer & 31))) found.push(layer);
    }
    return found;
  }

  count(line: number): number {
    let count = 0;
    for (let i = 0; i < this.words; i++) {
      for (let left = this.bits[line * this.words + i]; left !== 0; left &= left - 1) count++;
    }
    return count;
  }
}

/** Which side of the trace a kind of weight looks at. */
export const isOnDevice = (data: Dataset, weight: WeightKind): boolean =>
  (weight === "count" ? data.meta.weight : weight) === "device";

const known = new WeakMap<Dataset, KernelGroups>();

/** The lines of a dataset. */
export function kernelGroups(data: Dataset): KernelGroups {
  const groups = known.get(data) ?? groupKernels(data);
  known.set(data, groups);
  return groups;
}

export function groupKernels(data: Dataset): KernelGroups {
  const { name, role, category, stream } = data.facts;
  const ids = new PairIds();
  const groupOf = new Int32Array(data.rows);
  for (let row = 0; row < data.rows; row++) {
    groupOf[row] = ids.of(name[row], (role[row] << 9) | (category[row] << 1) | (stream[row] >= 0 ? 1 : 0));
  }
  const { seconds } = ids;
  const part = (read: (code: number) => number) => Uint8Array.from(seconds, read);
  return {
    groupOf,
    name: ids.firsts.slice(),
    role: part((code) => code >> 9),
    category: part((code) => (code >> 1) & 255),
    onDevice: part((code) => code & 1),
  };
}

const SUMS = new Memo<LineSums>();

export function sumByLine(data: Dataset, groups: KernelGroups, measure: Measure, passing: Passing): LineSums {
  return remembered(SUMS, measure, passing, [groups], () => {
    const { groupOf } = groups;
    const lines = groups.name.length;
    const total = new Float64Array(lines);
    const calls = new Float64Array(lines);
    const layers = new LayerSets(lines, data.meta.layer_count);
    const { layer } = data.facts;
    const { weights, counts } = measure;
    const rows = passingRows(measure, passing);
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i];
      if (!(weights[row] > 0)) continue;
      const line = groupOf[row];
      total[line] += weights[row];
      calls[line] += counts[row];
      layers.add(line, layer[row]);
    }
    return { total, calls, layers };
  });
}
