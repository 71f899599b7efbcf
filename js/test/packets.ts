// Packets of a fixture, as the kernel sends them.

import type { EventsMeta, Meta } from "../src/data/contract";
import { decode } from "../src/data/dataset";
import { decodeEvents } from "../src/data/events";
import { Store } from "../src/state/store";

interface Packed<M> {
  meta: M;
  columns: string;
}

export interface Packets {
  facts: Packed<Meta>;
  events: Packed<EventsMeta>;
}

function bytesOf(packed: Packed<unknown>): ArrayBuffer {
  return Uint8Array.from(atob(packed.columns), (letter) => letter.charCodeAt(0)).buffer;
}

export function opened({ facts, events }: Packets): Store {
  const store = new Store(decode(facts.meta, bytesOf(facts)));
  store.arrive(decodeEvents(events.meta, bytesOf(events)));
  return store;
}
