// What the selected rows have in common: names, reasons, callers, places. Pure sums, shown by the details pane.

import { NO_PHASE, NONE } from "../data/contract";
import type { Dataset } from "../data/dataset";
import type { Passing } from "./aggregate";

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
  layers: number[];
}

export function describe(data: Dataset, weights: ArrayLike<number>, passing: Passing): Description {
  const { facts } = data;
  const { fails, ignore } = passing;
  const sums = {
    names: new Map<number, number>(),
    roles: new Map<number, number>(),
    categories: new Map<number, number>(),
    phases: new Map<number, number>(),
    confidences: new Map<number, number>(),
    operators: new Map<number, number>(),
    reasons: new Map<number, number>(),
  };
  const layers = new Set<number>();
  let weight = 0;
  let calls = 0;
  const add = (map: Map<number, number>, code: number, value: number) => map.set(code, (map.get(code) ?? 0) + value);
  for (let row = 0; row < data.rows; row++) {
    const value = weights[row];
    if ((fails[row] & ~ignore) !== 0 || !(value > 0)) continue;
    weight += value;
    calls += facts.count[row];
    add(sums.names, facts.name[row], value);
    add(sums.roles, facts.role[row], value);
    add(sums.categories, facts.category[row], value);
    if (facts.phase[row] !== NO_PHASE) add(sums.phases, facts.phase[row], value);
    add(sums.confidences, facts.confidence[row], value);
    add(sums.operators, facts.node[row] === NONE ? NONE : data.operatorOf[facts.node[row]], value);
    add(sums.reasons, (facts.evidence[row] + 1) * 65_536 + facts.role[row] * 256 + facts.confidence[row], value);
    if (facts.layer[row] >= 0) layers.add(facts.layer[row]);
  }
  return {
    weight,
    calls,
    names: heaviest(sums.names),
    roles: heaviest(sums.roles),
    categories: heaviest(sums.categories),
    phases: heaviest(sums.phases),
    confidences: heaviest(sums.confidences),
    operators: heaviest(sums.operators),
    reasons: heaviest(sums.reasons).map(({ code, weight }) => ({
      evidence: Math.floor(code / 65_536) - 1,
      role: Math.floor(code / 256) % 256,
      confidence: code % 256,
      weight,
    })),
    layers: [...layers].sort((a, b) => a - b),
  };
}

function heaviest(sums: Map<number, number>): Part[] {
  return [...sums].map(([code, weight]) => ({ code, weight })).sort((a, b) => b.weight - a.weight || a.code - b.code);
}

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
