// What parts are called.

import type { PartName } from "./parts";

/** Parts that can be put away, and what filters open. The others say what is wrong and what is filtered: nobody may miss that. */
export const LABELS: Partial<Record<PartName, string>> = {
  findings: "Findings",
  flame: "Flame graph",
  timeline: "Timeline",
  layers: "Layers",
  details: "Details",
  roofline: "Roofline",
  kernels: "Kernels",
  editors: "Filter",
};
