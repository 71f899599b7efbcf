import { formatCount, formatNs, formatShare } from "../data/format";
import { inkOf } from "../draw/palette";
import type { FrameSums } from "../state/aggregate";
import type { Stack } from "../state/stack";
import type { Store } from "../state/store";
import { WEIGHT_LABELS } from "../state/weight";
import type { Note } from "./tooltip";

/** What a frame is and how much it weighs. */
export function frameNote(store: Store, stack: Stack, sums: FrameSums, frame: number): Note {
  const { weight } = store.options;
  const value = sums.value[frame];
  const show = weight === "count" ? formatCount : formatNs;
  const role = store.data.meta.roles[sums.role[frame]];
  const parent = stack.parent[frame];
  const lines: [string, string][] = [
    [WEIGHT_LABELS[weight], show(value)],
    ["share", formatShare(value, sums.value[0])],
  ];
  if (parent > 0) lines.push(["of parent", formatShare(value, sums.value[parent])]);
  if (role) lines.push(["backend", sums.pure[frame] ? role.label : `mostly ${role.label}`]);
  lines.push(["kind", stack.kinds[frame]!]);
  return { title: stack.labels[frame]!, fill: role && inkOf(role.key).fill, lines };
}
