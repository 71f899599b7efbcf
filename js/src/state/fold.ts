// Layers that do the same are shown as one. Two layers are equal when the names that carry their time are.

import { NONE } from "../data/contract";
import type { Dataset } from "../data/dataset";
import { formatRuns } from "../data/format";
import { PairIds } from "./ids";

/** Share of two layers' time that must sit in names both have; the rest may be an allocation here, a copy there. */
const EQUAL_SHARE = 0.95;

export interface LayerGroups {
  /** Group of each layer. */
  groupOf: Int32Array;
  /** "layers 0–27 ×28", or "layer 11" for a group of one. */
  labels: string[];
  members: number[][];
  /** Layers that each group is equal to: its own members, or more where a group was unfolded. */
  equal: number[][];
}

/** Group equal layers, but for groups that have one of the `unfolded` layers: theirs stand apart. */
export function foldLayers(
  data: Dataset,
  weights: ArrayLike<number>,
  fold: boolean,
  unfolded: readonly number[] = [],
): LayerGroups {
  const layerCount = data.meta.layer_count;
  const groupOf = new Int32Array(layerCount);
  const members: number[][] = [];
  if (fold) {
    const profiles = nameProfiles(data, weights);
    profiles.forEach((profile, layer) => {
      let group = members.findIndex((layers) => sharedFraction(profiles[layers[0]!]!, profile) >= EQUAL_SHARE);
      if (group < 0) group = members.push([]) - 1;
      members[group]!.push(layer);
    });
  } else {
    for (let layer = 0; layer < layerCount; layer++) members.push([layer]);
  }
  const shown: number[][] = [];
  const equal: number[][] = [];
  for (const layers of members) {
    const apart = layers.some((layer) => unfolded.includes(layer)) ? layers.map((layer) => [layer]) : [layers];
    shown.push(...apart);
    equal.push(...apart.map(() => layers));
  }
  shown.forEach((layers, group) => {
    for (const layer of layers) groupOf[layer] = group;
  });
  return { groupOf, members: shown, equal, labels: shown.map(groupLabel) };
}

export function groupLabel(layers: readonly number[]): string {
  if (layers.length === 1) return `layer ${layers[0]}`;
  return `layers ${formatRuns(layers, 3)} ×${layers.length}`;
}

/** Weight of every name in each layer. */
function nameProfiles(data: Dataset, weights: ArrayLike<number>): Map<number, number>[] {
  const { layer, name, module } = data.facts;
  const pairs = new PairIds();
  const sums: number[] = [];
  let pair = NONE;
  let [lastLayer, lastName] = [NONE, NONE];
  for (let row = 0; row < data.rows; row++) {
    if (layer[row] < 0 || !(weights[row] > 0)) continue;
    // A span that bears its module's name bears its layer's number: for what a layer does, all of them are one.
    const own = name[row] === module[row] ? NONE : name[row];
    if (pair === NONE || layer[row] !== lastLayer || own !== lastName) pair = pairs.of(layer[row], own);
    [lastLayer, lastName] = [layer[row], own];
    sums[pair] = (sums[pair] ?? 0) + weights[row];
  }
  const profiles = Array.from({ length: data.meta.layer_count }, () => new Map<number, number>());
  const { firsts, seconds } = pairs;
  for (let i = 0; i < pairs.size; i++) profiles[firsts[i]]?.set(seconds[i], sums[i]!);
  return profiles;
}

function sharedFraction(a: Map<number, number>, b: Map<number, number>): number {
  let shared = 0;
  let total = 0;
  for (const [name, weight] of a) {
    total += weight;
    if (b.has(name)) shared += weight;
  }
  for (const [name, weight] of b) {
    total += weight;
    if (a.has(name)) shared += weight;
  }
  return total > 0 ? shared / total : 1;
}
