// How numbers are spread: quantiles and a logarithmic histogram, in one pass each.

/** The number at a share of the way through the sorted ones, between two of them in proportion, as pandas has it. */
export function quantile(values: Float64Array, share: number): number {
  if (values.length === 0) return Number.NaN;
  const place = (values.length - 1) * share;
  const below = Math.floor(place);
  const low = nth(values, below);
  return place === below ? low : low + (place - below) * (leastFrom(values, below + 1) - low);
}

/** The n-th smallest; smaller ones lie before it afterwards, larger ones behind. */
function nth(values: Float64Array, n: number): number {
  let [from, to] = [0, values.length - 1];
  while (from < to) {
    // The middle one of three, so that sorted input is not the worst case.
    const [a, b, c] = [values[from], values[(from + to) >> 1], values[to]];
    const pivot = a < b ? (b < c ? b : Math.max(a, c)) : a < c ? a : Math.max(b, c);
    let [i, j] = [from, to];
    while (i <= j) {
      while (values[i] < pivot) i++;
      while (values[j] > pivot) j--;
      if (i <= j) {
        const swapped = values[i];
        values[i++] = values[j];
        values[j--] = swapped;
      }
    }
    if (n <= j) to = j;
    else if (n >= i) from = i;
    else break;
  }
  return values[n];
}

function leastFrom(values: Float64Array, from: number): number {
  let least = values[from];
  for (let i = from + 1; i < values.length; i++) if (values[i] < least) least = values[i];
  return least;
}

export interface Spread {
  count: number;
  least: number;
  median: number;
  p95: number;
  most: number;
}

/** Reorders the values. */
export function spreadOf(values: Float64Array): Spread {
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    if (value < least) least = value;
    if (value > most) most = value;
  }
  return { count: values.length, least, median: quantile(values, 0.5), p95: quantile(values, 0.95), most };
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
