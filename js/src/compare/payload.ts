// What Python sends of a comparison; written by xpubreak/view/comparison/payload.py.

export type Verdict = "slower" | "faster" | "only in A" | "only in B" | "noise" | "same" | "too few steps" | "folded";

export interface Row {
  label: string;
  /** Value of the dimension, as leaves hold it. */
  key: number;
  a: number;
  b: number;
  /** null with too few steps. */
  low: number | null;
  high: number | null;
  q: number | null;
  verdict: Verdict;
}

export interface KernelRow extends Row {
  how: string;
  backends: [string, string];
  category: string;
  detectable: number | null;
}

export interface Total extends Row {
  detectable: number | null;
}

export const DIMENSIONS = ["backend", "category", "layer", "kernel"] as const;
export type Dimension = (typeof DIMENSIONS)[number];

export interface Pair {
  title: string;
  sides: [Side, Side];
  notes: { severity: string; message: string }[];
  compared: string;
  per: string;
  testable: boolean;
  /** Of a saved copy: which kernels are folded, and how much that is. */
  folded?: string;
  totals: Total[];
  backend: Row[];
  category: Row[];
  layer: Row[];
  kernel: KernelRow[];
  /** Columns: positions in the lists above, and time per step. */
  leaves: Record<Dimension | "a" | "b", number[]>;
}

export interface Side {
  title: string;
  device: string;
  steps: number;
}

export interface Payload {
  pairs: Pair[];
}

export type Selection = Partial<Record<Dimension, number>>;

/** Time of both sides per value of a dimension, of the leaves that fit all clauses but that dimension's own. */
export function sums(pair: Pair, of: Dimension, selection: Selection): { a: Float64Array; b: Float64Array } {
  const size = pair[of].length;
  const [a, b] = [new Float64Array(size), new Float64Array(size)];
  const { leaves } = pair;
  for (let i = 0; i < leaves.a.length; i++) {
    if (!fits(pair, i, selection, of)) continue;
    a[leaves[of][i]!]! += leaves.a[i]!;
    b[leaves[of][i]!]! += leaves.b[i]!;
  }
  return { a, b };
}

export function fits(pair: Pair, leaf: number, selection: Selection, but?: Dimension): boolean {
  return DIMENSIONS.every(
    (one) => one === but || selection[one] === undefined || pair.leaves[one][leaf] === selection[one],
  );
}

/** Which values of a dimension have a leaf that fits. */
export function touched(pair: Pair, of: Dimension, selection: Selection): Set<number> {
  const found = new Set<number>();
  for (let i = 0; i < pair.leaves.a.length; i++) if (fits(pair, i, selection)) found.add(pair.leaves[of][i]!);
  return found;
}
