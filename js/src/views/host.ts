// What views need from where they live: a notebook's widget, or a page of its own.

import type { EventsMeta, Meta } from "../data/contract";
import type { Store } from "../state/store";
import type { BokehModule } from "./bokeh";
import type { LaterName } from "./later";
import type { PartName } from "./parts";

export interface Packet {
  meta: Meta;
  bytes: ArrayBuffer | DataView;
  /** Bokeh's JSON item of the layer bars. */
  bars: unknown;
}

export interface EventsPacket {
  meta: EventsMeta;
  bytes: ArrayBuffer | DataView;
}

/** Where a breakdown comes from. */
export interface Source {
  load(): Promise<Packet>;
  /** Every single event; asked for when the views have been drawn. Null where the source has none. */
  loadEvents(): Promise<EventsPacket | null>;
}

/** A breakdown in this page, as linked views share it. */
export interface Opened {
  store: Store;
  bars: unknown;
}

export interface Host {
  /** Which parts to show; more than one are laid out as an explorer. */
  parts: readonly PartName[];
  open(): Promise<Opened>;
  bokeh(): Promise<BokehModule>;
  /** Code of a part. */
  code(part: LaterName): Promise<BlobPart>;
  /** The selection as Python knows it. */
  readSelection(): unknown;
  writeSelection(selection: unknown): void;
  onSelection(changed: () => void): void;
  /** What to say while the data is not there, by how long it has been waited for. */
  waiting: { afterMs: number; text: string }[];
  /** Called with words on how far loading is. */
  onProgress(told: (text: string) => void): void;
  /** Called once something is shown: a static stand-in can go. */
  shown(): void;
}
