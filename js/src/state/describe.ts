// What the selected rows have in common: names, reasons, callers, places. Pure sums, shown by the details pane.

import { NO_PHASE, NONE } from "../data/contract";
import type { Dataset } from "../data/dataset";
import { type Passing, passingRows } from "./aggregate";
import { alikeOf } from "./alike";
import { slotsOf } from "./choices";
import type { Measure } from "./measure";

export interface Part {
  code: number;
  weight: number;
}

export interface Reason {
  evidence: number;
  confidence: number;
  role: number;
  weight: number;
}

export interface Description {
  weight: number;
  calls: number;
  names: Part[];
  roles: Part[];
  categories: Part[];
  phases: Part[];
  confidences: Part[];
  reasons: Reason[];
  /** Nodes of the innermost operators; -1 for rows without one. */
  operators: Part[];
  /** Numbers of steps, streams and ranks; -1 for none. */
  steps: Part[];
  streams: Part[];
  ranks: Part[];
  layers: number[];
}

export function describe(data: Dataset, measure: Measure, passing: Passing): Description {
  const { facts, meta } = data;
  // Arrays, not maps: this runs over many rows at each click.
  const sums = {
    names: new Float64Array(data.strings.length + 1),
    roles: new Float64Array(256),
    categories: new Float64Array(256),
    phases: new Float64Array(256),
    confidences: new Float64Array(256),
    operators: new Float64Array(data.nodes.parent.length + 1),
    steps: new Float64Array(slotsOf(data, "step").values.length),
    streams: new Float64Array(slotsOf(data, "stream").values.length),
    ranks: new Float64Array(slotsOf(data, "rank").values.length),
    layers: new Float64Array(meta.layer_count + 1),
  };
  const [step, stream, rank] = [slotsOf(data, "step"), slotsOf(data, "stream"), slotsOf(data, "rank")];
  const { evidences, roles, confidences } = meta;
  const reasons = new Float64Array((evidences.length + 1) * roles.length * confidences.length);
  let weight = 0;
  let calls = 0;
  const { weights, counts } = measure;
  const alike = alikeOf(data);
  const byKind = new Float64Array(alike ? alike.examples.length : 0);
  const passed = passingRows(measure, passing);
  for (let i = 0; i < passed.length; i++) {
    const row = passed[i];
    const value = weights[row];
    if (!(value > 0)) continue;
    weight += value;
    calls += counts[row];
    sums.steps[step.slotOf[row]] += value;
    sums.ranks[rank.slotOf[row]] += value;
    sums.layers[facts.layer[row] + 1] += value;
    if (alike) byKind[alike.kindOf[row]] += value;
  }
  const [examples, values] = alike ? [alike.examples, byKind] : [passed, null];
  for (let i = 0; i < examples.length; i++) {
    const row = examples[i];
    const value = values ? values[i] : weights[row];
    if (!(value > 0)) continue;
    sums.names[facts.name[row] + 1] += value;
    sums.roles[facts.role[row]] += value;
    sums.categories[facts.category[row]] += value;
    sums.phases[facts.phase[row]] += value;
    sums.confidences[facts.confidence[row]] += value;
    sums.operators[facts.node[row] === NONE ? 0 : data.operatorOf[facts.node[row]] + 1] += value;
    sums.streams[stream.slotOf[row]] += value;
    reasons[
      ((facts.evidence[row] + 1) * roles.length + facts.role[row]) * confidences.length + facts.confidence[row]
    ] += value;
  }
  sums.phases[NO_PHASE] = 0;
  const layers: number[] = [];
  for (let layer = 0; layer < meta.layer_count; layer++) if (sums.layers[layer + 1] > 0) layers.push(layer);
  return {
    weight,
    calls,
    names: heaviest(sums.names, (place) => place - 1),
    roles: heaviest(sums.roles),
    categories: heaviest(sums.categories),
    phases: heaviest(sums.phases),
    confidences: heaviest(sums.confidences),
    operators: heaviest(sums.operators, (place) => place - 1),
    steps: heaviest(sums.steps, (slot) => step.values[slot]!),
    streams: heaviest(sums.streams, (slot) => stream.values[slot]!),
    ranks: heaviest(sums.ranks, (slot) => rank.values[slot]!),
    reasons: heaviest(reasons).map(({ code, weight }) => ({
      evidence: Math.floor(code / (roles.length * confidences.length)) - 1,
      role: Math.floor(code / confidences.length) % roles.length,
      confidence: code % confidences.length,
      weight,
    })),
    layers,
  };
}

function heaviest(sums: Float64Array, codeOf: (place: number) => number = (place) => place): Part[] {
  const parts: Part[] = [];
  for (let place = 0; place < sums.length; place++) {
    if (sums[place] > 0) parts.push({ code: codeOf(place), weight: sums[place] });
  }
  return byWeight(parts);
}

const byWeight = (parts: Part[]): Part[] => parts.sort((a, b) => b.weight - a.weight || a.code - b.code);

/** Names of the operators that lead to a node, outermost first. */
export function operatorChain(data: Dataset, node: number): string[] {
  const chain: string[] = [];
  for (let at = node; at >= 0 && chain.length < 64; ) {
    const operator = data.operatorOf[at];
    if (operator < 0) break;
    chain.unshift(data.strings[data.nodes.name[operator]] ?? "");
    at = data.nodes.parent[operator];
  }
  return chain;
}
