// The same work in other layers: one kernel, under the same operator, at the same place within a layer.

import type { Dataset } from "../data/dataset";
import type { Clauses, Dimension } from "./clauses";
import type { Store } from "./store";
import { afterLayer } from "./tokens";

/** What tells layers, and single events, apart; the selection may hold any of them. */
const OWN: readonly Dimension[] = ["layer", "position", "module", "node", "path", "row", "time_ns"];

/** A layer's mean stands out from this on, as a share of the median of all layers … */
const ODD_SHARE = 0.2;
/** … and if it lies this many times as far from it as half of the layers do. */
const ODD_DEVIATIONS = 5;

export interface Peer {
  layer: number;
  weight: number;
  calls: number;
  mean: number;
  isOdd: boolean;
  /** Of the rows that it stands for; "" for none. */
  ops: string[];
  modules: string[];
}

/** By layer, for the one name that is selected in any layer; empty where there are fewer than two layers of it. */
export function peersOf(store: Store, name: number): Peer[] {
  const { data } = store;
  const { facts } = data;
  const selected = store.passing();
  const others = store.passing(...OWN);
  const current = store.measure();
  const measure = store.measure(...OWN);
  const read = placeReader(data);
  const places = new Set<string>();
  const { live } = measure;
  const mine: number[] = [];
  for (let i = 0; i < live.length; i++) {
    const row = live[i];
    if (facts.name[row] !== name || facts.layer[row] < 0) continue;
    mine.push(row);
    if ((selected.fails[row] & ~selected.ignore) === 0 && current.weights[row]! > 0) places.add(read(row));
  }
  const weight = new Float64Array(data.meta.layer_count);
  const calls = new Float64Array(data.meta.layer_count);
  const ops = new Map<number, Set<string>>();
  const modules = new Map<number, Set<string>>();
  const note = (sets: Map<number, Set<string>>, layer: number, text: number) =>
    sets.set(layer, (sets.get(layer) ?? new Set()).add(data.strings[text] ?? ""));
  for (const row of mine) {
    if ((others.fails[row] & ~others.ignore) !== 0 || !(measure.weights[row]! > 0) || !places.has(read(row))) continue;
    weight[facts.layer[row]] += measure.weights[row]!;
    calls[facts.layer[row]] += measure.counts[row]!;
    note(ops, facts.layer[row], data.op[row]);
    note(modules, facts.layer[row], facts.module[row]);
  }
  const layers = [...weight.keys()].filter((layer) => weight[layer] > 0);
  if (layers.length < 2) return [];
  const means = layers.map((layer) => weight[layer] / calls[layer]);
  const odd = oddOnes(means);
  return layers.map((layer, i) => ({
    layer,
    weight: weight[layer],
    calls: calls[layer],
    mean: means[i]!,
    isOdd: odd[i]!,
    ops: [...ops.get(layer)!],
    modules: [...modules.get(layer)!],
  }));
}

/** The selection with a peer in the place of what is selected. */
export function inLayerOf(store: Store, name: number, peer: Peer): Clauses {
  const { data } = store;
  const { position, node, row, time_ns, path, ...rest } = store.clauses;
  const next: Clauses = { ...rest, layer: [peer.layer] };
  if (rest.module || path) next.module = peer.modules;
  if (path || node || row) {
    // These said more than the rest does: which kernel, under which operator.
    next.op = peer.ops;
    if (data.meta.weight === "device") next.kernel = [data.strings[name] ?? ""];
  }
  return next;
}

function placeReader({ facts, op, strings }: Dataset): (row: number) => string {
  return (row) => {
    const module = facts.module[row] < 0 ? [] : (strings[facts.module[row]] ?? "").split(".");
    return `${op[row]} ${afterLayer(module, facts.layer[row]).join(".")}`;
  };
}

/** Which values stand out from the rest; the median of the others decides, so that one odd layer hides no second. */
export function oddOnes(values: readonly number[]): boolean[] {
  if (values.length < 3) return values.map(() => false);
  const middle = median(values);
  const usual = median(values.map((value) => Math.abs(value - middle)));
  return values.map((value) => {
    const distance = Math.abs(value - middle);
    return distance > ODD_SHARE * middle && distance > ODD_DEVIATIONS * usual;
  });
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}
