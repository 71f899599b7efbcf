// How numbers are spread: their median, and a logarithmic histogram in one pass.

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}

export interface Histogram {
  /** One more than there are bins; a bin holds what lies from its edge up to the next one. */
  edges: number[];
  counts: number[];
}

/** Bins for each power of ten, the finest first. */
const PER_DECADE = [200, 100, 50, 40, 20, 10, 5, 2, 1];

/** Bins of equal width on a logarithmic scale; at most `most` of them. What is below one falls into the first. */
export function histogram(values: Float64Array, least: number, largest: number, most = 40): Histogram {
  if (values.length === 0) return { edges: [], counts: [] };
  const [low, high] = [Math.log10(Math.max(1, least)), Math.log10(Math.max(1, largest))];
  const firstOf = (perDecade: number) => Math.floor(low * perDecade + 1e-9);
  const binsOf = (perDecade: number) => Math.floor(high * perDecade + 1e-9) + 1 - firstOf(perDecade);
  const perDecade = PER_DECADE.find((one) => binsOf(one) <= most) ?? PER_DECADE.at(-1)!;
  const edges = Array.from({ length: binsOf(perDecade) + 1 }, (_, i) => 10 ** ((firstOf(perDecade) + i) / perDecade));
  return { edges, counts: counted(values, edges) };
}

function counted(values: Float64Array, edges: readonly number[]): number[] {
  const counts = new Array<number>(edges.length - 1).fill(0);
  for (const value of values) counts[binOf(edges, value)]!++;
  return counts;
}

/** The bin that a value falls into; those outside into the first or last one. */
export function binOf(edges: readonly number[], value: number): number {
  let [from, to] = [0, edges.length - 2];
  while (from < to) {
    const middle = (from + to + 1) >> 1;
    if (edges[middle]! <= value) from = middle;
    else to = middle - 1;
  }
  return from;
}
