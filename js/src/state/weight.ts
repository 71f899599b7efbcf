import type { Dataset } from "../data/dataset";

export type WeightKind = "device" | "host" | "count";

/** The column that bars, frames and shares are measured in. */
export function weightsOf(data: Dataset, kind: WeightKind): Float64Array | Uint32Array {
  return kind === "device" ? data.facts.device_ns : kind === "host" ? data.facts.host_ns : data.calls;
}

export const WEIGHT_LABELS: Record<WeightKind, string> = {
  device: "device time",
  host: "host time",
  count: "calls",
};
