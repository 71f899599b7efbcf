// The parts of an explorer. Each works alone; those that share a store are linked through it and know nothing else.
// What an explorer begins with is made here; the code of the others comes later.

import type { Dimension } from "../state/clauses";
import type { Change, Store } from "../state/store";
import type { BokehModule } from "./bokeh";
import { FiltersView } from "./filters";
import { FindingsView } from "./findings";
import { FlameView } from "./flame";
import { HeaderView } from "./header";
import type { LaterName } from "./later";
import type { Theme } from "./theme";
import type { Tooltip } from "./tooltip";

export interface Part {
  readonly element: HTMLElement;
  update(change: Change): void;
  useTheme?(theme: Theme): void;
}

/** What parts are made of. */
export interface Surroundings {
  store: Store;
  theme: Theme;
  tooltip: Tooltip;
  signal: AbortSignal;
  bars: { item: unknown; bokeh(): Promise<BokehModule> };
  /** What a filter is changed with; `came` is called if its code was missing and arrives. */
  editorOf(dimension: Dimension, came: () => void): Part;
}

const MAKERS = {
  header: ({ store }: Surroundings): Part => new HeaderView(store),
  filters: ({ store, signal, editorOf }: Surroundings): Part => new FiltersView(store, signal, editorOf),
  findings: ({ store }: Surroundings): Part => new FindingsView(store),
  flame: ({ store, theme, tooltip, signal }: Surroundings): Part => new FlameView(store, theme, tooltip, signal),
};

type CoreName = keyof typeof MAKERS;

export type PartName = CoreName | LaterName;

/** In the order in which they stand below each other. */
export const PART_NAMES: readonly PartName[] = [
  "header",
  "filters",
  "findings",
  "flame",
  "timeline",
  "layers",
  "details",
  "roofline",
  "kernels",
];

/** Parts that stand side by side where there is room. */
export const PAIR: readonly PartName[] = ["layers", "details"];

export function makePart(name: CoreName, surroundings: Surroundings): Part {
  return MAKERS[name](surroundings);
}
