// Layers that do the same are shown as one. Two layers are equal when the names that carry their time are.

import { NONE } from "../data/contract";
import type { Dataset } from "../data/dataset";
import { formatRuns } from "../data/format";

/** Share of two layers' time that must sit in names both have; the rest may be an allocation here, a copy there. */
const EQUAL_SHARE = 0.95;

export interface LayerGroups {
  /** Group of each layer. */
  groupOf: Int32Array;
  /** "layers 0–27 ×28", or "layer 11" for a group of one. */
  labels: string[];
  members: number[][];
}

export function foldLayers(data: Dataset, weights: ArrayLike<number>, fold: boolean): LayerGroups {
  const layerCount = data.meta.layer_count;
  const groupOf = new Int32Array(layerCount);
  const members: number[][] = [];
  if (fold) {
    const profiles = nameProfiles(data, weights);
    profiles.forEach((profile, layer) => {
      let group = members.findIndex((layers) => sharedFraction(profiles[layers[0]!]!, profile) >= EQUAL_SHARE);
      if (group < 0) group = members.push([]) - 1;
      members[group]!.push(layer);
      groupOf[layer] = group;
    });
  } else {
    for (let layer = 0; layer < layerCount; layer++) groupOf[layer] = members.push([layer]) - 1;
  }
  return { groupOf, members, labels: members.map(groupLabel) };
}

export function groupLabel(layers: readonly number[]): string {
  if (layers.length === 1) return `layer ${layers[0]}`;
  return `layers ${formatRuns(layers, 3)} ×${layers.length}`;
}

function nameProfiles(data: Dataset, weights: ArrayLike<number>): Map<number, number>[] {
  const profiles = Array.from({ length: data.meta.layer_count }, () => new Map<number, number>());
  const { layer, name, module } = data.facts;
  for (let row = 0; row < data.rows; row++) {
    const profile = profiles[layer[row]];
    // A span that bears its module's name bears its layer's number: for what a layer does, all of them are one.
    const key = name[row] === module[row] ? NONE : name[row];
    if (profile && weights[row] > 0) profile.set(key, (profile.get(key) ?? 0) + weights[row]);
  }
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
