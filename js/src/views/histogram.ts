// A histogram of divs: a few dozen, however many values there are.

import { formatCount, formatNs } from "../data/format";
import type { Histogram } from "../state/spread";
import { h } from "./dom";

export function bins({ edges, counts }: Histogram, isOut: (bin: number) => boolean = () => false): HTMLElement[] {
  const highest = Math.max(1, ...counts);
  return counts.map((count, bin) =>
    h(
      "div",
      {
        class: isOut(bin) ? "bin out" : "bin",
        title: `${formatNs(edges[bin]!)} – ${formatNs(edges[bin + 1]!)}: ${formatCount(count)}`,
      },
      h("span", { style: { height: `${count > 0 ? Math.max(4, (100 * count) / highest) : 0}%` } }),
    ),
  );
}

/** Where a value lies from left to right, in percent. */
export function placeOf({ edges }: Histogram, value: number): number {
  const [low, high] = [Math.log(edges[0]!), Math.log(edges.at(-1)!)];
  return Math.max(0, Math.min(100, (100 * (Math.log(Math.max(1, value)) - low)) / Math.max(1e-9, high - low)));
}
