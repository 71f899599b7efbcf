// Colours of categories: twelve that stay apart under every common kind of colour blindness, each plain and in two
// hatchings. Related kinds of work share a colour. Names come from xpubreak/classify/category.py.

import type { Hatch } from "./hatch";

const COLOURS: [fill: string, ...categories: string[]][] = [
  ["#0072b2", "gemm", "convolution", "lora"],
  ["#d55e00", "attention", "softmax", "state-space"],
  ["#009e73", "norm", "reduction", "random"],
  ["#f0e442", "activation", "elementwise", "view"],
  ["#33bbee", "moe", "memset", "fill"],
  ["#e69f00", "cache", "indexing", "allocation"],
  ["#aa3377", "quantisation"],
  ["#663333", "sampling", "sort", "synchronisation"],
  ["#cceeff", "rotary", "annotation"],
  ["#666633", "embedding", "profiler"],
  ["#222255", "collective", "launch", "graph"],
  ["#bbbbbb", "memcpy", "copy", "other"],
];
const HATCHES: Hatch[] = ["", "/", "\\"];
const FALLBACK = { fill: "#bbbbbb", hatch: "\\" as Hatch };

const INKS = new Map(
  COLOURS.flatMap(([fill, ...categories]) =>
    categories.map((category, i) => [category, { fill, hatch: HATCHES[i]! }] as const),
  ),
);

export function categoryInk(category: string): { fill: string; hatch: Hatch } {
  return INKS.get(category) ?? FALLBACK;
}
