/** What bars, frames and shares are measured in. */
export type WeightKind = "device" | "host" | "count";

export const WEIGHT_LABELS: Record<WeightKind, string> = {
  device: "device time",
  host: "host time",
  count: "calls",
};
