// What the layer bars say of themselves.

import { formatCount, formatNs } from "../data/format";
import { type BarRow, EVERY_PHASE, type Lens } from "../state/layersums";
import { WEIGHT_LABELS, type WeightKind } from "../state/weight";

export const stepsText = (steps: number): string => (steps === 1 ? "1 step" : `${formatCount(steps)} steps`);

/** Means of counts have a part behind the point. */
export function weightText(weight: number, kind: WeightKind): string {
  if (kind !== "count") return formatNs(weight);
  return weight >= 100 || Number.isInteger(weight) ? formatCount(weight) : weight.toFixed(1);
}

export function placeName(value: number | string): string {
  if (typeof value === "number") return `layer ${value}`;
  return value === "outside" ? "outside the layers" : `${value} the layers`;
}

/** What the bars are of, and what they are not. */
export function captionOf(
  lens: Lens,
  rows: readonly BarRow[],
  weight: WeightKind,
  phaseName: (phase: number) => string,
): string {
  const parts = [lens.isShare ? `shares of ${WEIGHT_LABELS[weight]}` : WEIGHT_LABELS[weight]];
  if (lens.isPerStep) {
    const divided = rows
      .filter(({ steps }) => steps > 0)
      .map(({ steps, phase }) =>
        lens.isFaceted ? `${phaseName(phase)}: mean of ${stepsText(steps)}` : stepsText(steps),
      );
    if (divided.length === 0) parts.push("no steps to divide by");
    else parts.push(lens.isFaceted ? divided.join(", ") : `mean of ${divided.join()}`);
  }
  if (rows.length > 1 && !lens.isShare) parts.push("each phase on a scale of its own");
  if (lens.phase !== EVERY_PHASE) {
    const name = phaseName(lens.phase);
    const isNothing = rows.every(({ tops }) => tops.every((top) => top === 0));
    parts.push(isNothing ? `nothing of ${name} is left under the filters` : `${name} here only, other views show all`);
  }
  parts.push("click or drag to select, with Shift to add");
  return parts.join(" · ");
}
