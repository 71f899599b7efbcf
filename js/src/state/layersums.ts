// Weight of each bar by backend and phase, and how many steps it comes from: one pass, whatever is looked at.

import { NONE } from "../data/contract";
import type { Dataset } from "../data/dataset";
import { type Passing, passingRows, remembered } from "./aggregate";
import type { Measure } from "./measure";
import { Memo } from "./memo";

/** Looking at all phases. */
export const EVERY_PHASE = NONE;

export interface LayerSums {
  /** Weights by phase, `[role * bars + bar]` each; the last one is of what lies outside of every step. */
  byPhase: Float64Array[];
  /** Distinct steps that weigh anything, by phase. */
  steps: number[];
  /** And in all. */
  allSteps: number;
}

const SUMS = new Memo<LayerSums>();

export function sumLayers(data: Dataset, measure: Measure, passing: Passing): LayerSums {
  return remembered(SUMS, measure, passing, [data], () => {
    const bars = data.meta.layer_count + 3;
    const size = data.meta.roles.length * bars;
    const outside = data.meta.phases.length;
    const sums = new Float64Array((outside + 1) * size);
    const stepCount = data.meta.steps.reduce((most, { index }) => Math.max(most, index + 1), 0);
    const seen = new Uint8Array((outside + 1) * stepCount);
    const { role, phase, step } = data.facts;
    const { bar } = data;
    const { weights } = measure;
    const rows = passingRows(measure, passing);
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i];
      if (!(weights[row] > 0)) continue;
      const at = Math.min(phase[row], outside);
      sums[at * size + role[row] * bars + bar[row]] += weights[row];
      if (step[row] >= 0 && step[row] < stepCount) seen[at * stepCount + step[row]] = 1;
    }
    const steps = Array.from({ length: outside + 1 }, () => 0);
    let allSteps = 0;
    for (let one = 0; one < stepCount; one++) {
      let isThere = 0;
      for (let at = 0; at <= outside; at++) {
        steps[at]! += seen[at * stepCount + one];
        isThere |= seen[at * stepCount + one];
      }
      allSteps += isThere;
    }
    return { byPhase: steps.map((_, at) => sums.subarray(at * size, (at + 1) * size)), steps, allSteps };
  });
}

/** How the bars are looked at. */
export interface Lens {
  /** Code of a phase, or every phase. */
  phase: number;
  /** One row of bars for each phase. */
  isFaceted: boolean;
  /** Parts of each bar, instead of time. */
  isShare: boolean;
  /** Divided by the number of steps. */
  isPerStep: boolean;
}

/** One row of bars. */
export interface BarRow {
  phase: number;
  /** What weights are divided by: 1 where they are totals. */
  divisor: number;
  steps: number;
  /** `[role * bars + bar]`, divided. */
  sums: Float64Array;
  /** By bar. */
  tops: Float64Array;
}

/** Phases that weigh anything, in their order; what is outside of steps is none. */
export function phasesOf(sums: LayerSums): number[] {
  const found: number[] = [];
  sums.byPhase.slice(0, -1).forEach((weights, phase) => {
    if (weights.some((weight) => weight > 0)) found.push(phase);
  });
  return found;
}

export function barRows(sums: LayerSums, lens: Lens, roles: number): BarRow[] {
  const phases = lens.isFaceted && lens.phase === EVERY_PHASE ? phasesOf(sums) : [lens.phase];
  return (phases.length > 0 ? phases : [EVERY_PHASE]).map((phase) => barRow(sums, phase, lens.isPerStep, roles));
}

function barRow(sums: LayerSums, phase: number, isPerStep: boolean, roles: number): BarRow {
  const steps = phase === EVERY_PHASE ? sums.allSteps : sums.steps[phase]!;
  const divisor = isPerStep && steps > 0 ? steps : 1;
  const parts = phase === EVERY_PHASE ? sums.byPhase : [sums.byPhase[phase]!];
  const size = parts[0]!.length;
  const bars = size / roles;
  const found = new Float64Array(size);
  const tops = new Float64Array(bars);
  for (const part of parts) for (let i = 0; i < size; i++) found[i] += part[i];
  for (let i = 0; i < size; i++) {
    tops[i % bars] += found[i];
    found[i] /= divisor;
  }
  return { phase, divisor, steps, sums: found, tops: tops.map((top) => top / divisor) };
}
