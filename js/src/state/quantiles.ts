// How numbers are spread: quantiles, without sorting.

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
