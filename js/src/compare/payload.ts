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

export interface PhaseRow extends Row {
  /** Of both runs, compared or not. */
  steps: [number, number];
  /** Of the compared steps; null where none of it is, or where runs are compared as wholes. */
  share: number | null;
}

export const DIMENSIONS = ["phase", "backend", "category", "layer", "op", "kernel"] as const;
export type Dimension = (typeof DIMENSIONS)[number];

/** Rows within one phase, as columns. */
export interface Within {
  key: number[];
  a: number[];
  b: number[];
  low: (number | null)[];
  high: (number | null)[];
  q: (number | null)[];
  verdict: Verdict[];
}

export interface Pair {
  title: string;
  sides: [Side, Side];
  notes: { severity: string; message: string }[];
  compared: string;
  per: string;
  testable: boolean;
  /** Of a saved copy: which kernels and operators are folded, and how much that is. */
  folded?: string;
  totals: Total[];
  phase: PhaseRow[];
  backend: Row[];
  category: Row[];
  layer: Row[];
  op: Row[];
  kernel: KernelRow[];
  /** By phase; none where one phase has all of the time. */
  within: Record<Exclude<Dimension, "phase">, Within>[];
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

/** Rows of a dimension by key: the whole, or what of it is of one phase. */
export function rowsOf<D extends Dimension>(pair: Pair, of: D, phase?: number): Pair[D] {
  const within = of === "phase" || phase === undefined ? undefined : pair.within[phase]?.[of as "op"];
  if (!within) return pair[of];
  const rows = pair[of].map((row) => ({ ...row, a: 0, b: 0, low: null, high: null, q: null, verdict: "same" }));
  within.key.forEach((key, at) => {
    const [a, b, low, high, q, verdict] = [within.a, within.b, within.low, within.high, within.q, within.verdict].map(
      (column) => column[at],
    );
    Object.assign(rows[key]!, { a, b, low, high, q, verdict });
  });
  return rows as Pair[D];
}

/** What the rows of a phase, or all rows, add up to. */
export const wholeOf = (pair: Pair, phase?: number): Row =>
  phase === undefined ? pair.totals[0]! : pair.phase[phase]!;

const NAMES: Partial<Record<Dimension, string>> = { op: "operator" };
export const nameOf = (one: Dimension): string => NAMES[one] ?? one;

/** Operators whose work is done together are one row: where there is little room, its first name stands for all. */
export function brief(label: string): string {
  const names = label.split(" + ");
  return names.length > 2 ? `${names[0]} + ${names.length - 1} more` : label;
}
