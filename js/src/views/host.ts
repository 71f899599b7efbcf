// What an explorer needs from where it lives: a notebook's widget, or a page of its own.

import type { Meta } from "../data/contract";
import type { BokehModule } from "./bokeh";

export interface Packet {
  meta: Meta;
  bytes: ArrayBuffer | DataView;
  /** Bokeh's JSON item of the layer bars. */
  bars: unknown;
}

export interface Host {
  load(): Promise<Packet>;
  bokeh(): Promise<BokehModule>;
  /** The selection as Python knows it. */
  readSelection(): unknown;
  writeSelection(selection: unknown): void;
  onSelection(changed: () => void): void;
  /** What to say while the data is not there, by how long it has been waited for. */
  waiting: { afterMs: number; text: string }[];
  /** Called once something is shown: a static stand-in can go. */
  shown(): void;
}
