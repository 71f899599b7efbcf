// What a layer that differs owes the difference to: the name whose weight is furthest from what its siblings have of it.

import { NONE } from "../data/contract";
import type { Dataset } from "../data/dataset";
import { type Passing, passingRows } from "./aggregate";
import { PairIds } from "./ids";
import { EVERY_PHASE } from "./layersums";
import type { Measure } from "./measure";
import type { Outlier } from "./outliers";
import { median } from "./spread";

export interface Culprit {
  /** String id; -1 is the time of the layer's own spans. */
  name: number;
  /** Weight more, or less, than the median of the siblings. */
  difference: number;
}

/** Pairs of layer and name, numbered once for a dataset. */
class LayerNames {
  readonly ids = new PairIds();
  readonly pairOf: Int32Array;
  /** Pairs of each name. */
  private readonly pairs = new Map<number, Map<number, number>>();

  constructor(data: Dataset) {
    const { layer, name, module } = data.facts;
    this.pairOf = new Int32Array(data.rows).fill(NONE);
    for (let row = 0; row < data.rows; row++) {
      // As where layers are folded: a span that bears its module's name bears its layer's number.
      if (layer[row] >= 0) this.pairOf[row] = this.ids.of(layer[row], name[row] === module[row] ? NONE : name[row]);
    }
    const { firsts, seconds } = this.ids;
    for (let pair = 0; pair < firsts.length; pair++) {
      const layers = this.pairs.get(seconds[pair]) ?? new Map<number, number>();
      this.pairs.set(seconds[pair], layers.set(firsts[pair], pair));
    }
  }

  culprit(sums: Float64Array, { layer, siblings, frac }: Outlier): Culprit {
    let worst: Culprit = { name: NONE, difference: 0 };
    for (const [name, layers] of this.pairs) {
      const sum = (of: number) => sums[layers.get(of) ?? NONE] ?? 0;
      // What most siblings do not have has a median of nothing, which need not be looked for.
      const usual = layers.size * 2 < siblings.length ? 0 : median(siblings.map(sum));
      const difference = sum(layer) - usual;
      if (difference * Math.sign(frac) > worst.difference * Math.sign(frac)) worst = { name, difference };
    }
    return worst;
  }
}

const known = new WeakMap<Dataset, LayerNames>();

/** One for each outlier. */
export function culpritsOf(
  data: Dataset,
  measure: Measure,
  passing: Passing,
  phase: number,
  outliers: readonly Outlier[],
): Culprit[] {
  const names = known.get(data) ?? new LayerNames(data);
  known.set(data, names);
  const sums = new Float64Array(names.ids.size);
  const { weights } = measure;
  const rows = passingRows(measure, passing);
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i];
    const pair = names.pairOf[row];
    if (pair >= 0 && (phase === EVERY_PHASE || data.facts.phase[row] === phase)) sums[pair] += weights[row];
  }
  return outliers.map((outlier) => names.culprit(sums, outlier));
}
