// The same work in other layers: one kernel, under the same operator, at the same place within a layer.

import type { Dataset } from "../data/dataset";
import type { Clauses, Dimension } from "./clauses";
import { PairIds } from "./ids";
import { median } from "./spread";
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
  const places = new Set<number>();
  const { live } = measure;
  const mine: number[] = [];
  const placeOf: number[] = [];
  for (let i = 0; i < live.length; i++) {
    const row = live[i];
    if (facts.name[row] !== name || facts.layer[row] < 0) continue;
    const place = read(row);
    mine.push(row);
    placeOf.push(place);
    if ((selected.fails[row] & ~selected.ignore) === 0 && current.weights[row]! > 0) places.add(place);
  }
  const weight = new Float64Array(data.meta.layer_count);
  const calls = new Float64Array(data.meta.layer_count);
  // There may be thousands of rows for each layer: texts are looked up once for each pair.
  const ops = new PairIds();
  const modules = new PairIds();
  for (let i = 0; i < mine.length; i++) {
    const row = mine[i]!;
    if ((others.fails[row] & ~others.ignore) !== 0 || !(measure.weights[row]! > 0)) continue;
    if (!places.has(placeOf[i]!)) continue;
    weight[facts.layer[row]] += measure.weights[row]!;
    calls[facts.layer[row]] += measure.counts[row]!;
    ops.of(facts.layer[row], data.op[row]);
    modules.of(facts.layer[row], facts.module[row]);
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
    ops: textsOf(data, ops, layer),
    modules: textsOf(data, modules, layer),
  }));
}

function textsOf({ strings }: Dataset, pairs: PairIds, layer: number): string[] {
  const found = new Set<string>();
  const { firsts, seconds } = pairs;
  for (let pair = 0; pair < pairs.size; pair++) if (firsts[pair] === layer) found.add(strings[seconds[pair]] ?? "");
  return [...found];
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

/** A number for each operator and place within a layer. Texts are looked at once for each module and layer. */
function placeReader({ facts, op, strings }: Dataset): (row: number) => number {
  const modules = new PairIds();
  const within: number[] = [];
  const idOf = new Map<string, number>();
  const places = new PairIds();
  return (row) => {
    const pair = modules.of(facts.module[row], facts.layer[row]);
    let place = within[pair];
    if (place === undefined) {
      const module = facts.module[row] < 0 ? [] : (strings[facts.module[row]] ?? "").split(".");
      const text = afterLayer(module, facts.layer[row]).join(".");
      place = idOf.get(text) ?? idOf.size;
      idOf.set(text, place);
      within[pair] = place;
    }
    return places.of(op[row], place);
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
