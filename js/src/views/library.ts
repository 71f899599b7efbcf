// Breakdowns in this page: each is loaded once, and linked views share one store of it.

import { decode } from "../data/dataset";
import { decodeEvents } from "../data/events";
import type { Clauses } from "../state/clauses";
import { Store } from "../state/store";
import type { Opened, Source } from "./host";

interface Shelf {
  opened: Promise<Opened>;
  users: number;
}

/** Numbers of one breakdown: they mean something else in another one. */
const OWN: readonly (keyof Clauses)[] = ["path", "node", "under", "row", "time_ns"];

/** What of a selection means something in another copy of the breakdown, or in another breakdown. */
export function portable(selection: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(selection).filter(([name]) => !(OWN as readonly string[]).includes(name)));
}

export class Library {
  private readonly shelves = new Map<string, Shelf>();
  /** Data that several groups show, by the breakdown's id. */
  private readonly loading = new Map<string, { packet: ReturnType<Source["load"]>; users: number }>();

  /** The store that the views of a group share for one breakdown; given up with the last of them. */
  open(group: string, breakdown: string, source: Source, signal: AbortSignal): Promise<Opened> {
    const key = JSON.stringify([group, breakdown]);
    let shelf = this.shelves.get(key);
    if (!shelf) {
      shelf = { opened: this.load(group, key, breakdown, source), users: 0 };
      this.shelves.set(key, shelf);
      // What could not be loaded may be asked for again.
      shelf.opened.catch(() => this.shelves.delete(key));
    }
    const mine = shelf;
    mine.users++;
    signal.addEventListener("abort", () => {
      mine.users--;
      if (mine.users === 0 && this.shelves.get(key) === mine) this.shelves.delete(key);
    });
    return mine.opened;
  }

  private async load(group: string, key: string, breakdown: string, source: Source): Promise<Opened> {
    const known = this.loading.get(breakdown) ?? { packet: source.load(), users: 0 };
    this.loading.set(breakdown, known);
    known.users++;
    try {
      const packet = await known.packet;
      const store = new Store(decode(packet.meta, packet.bytes));
      store.subscribe((change) => {
        if (change === "clauses") this.pass(group, key, store);
      }, new AbortController().signal);
      source
        .loadEvents()
        .then((events) =>
          events
            ? store.arrive(decodeEvents(events.meta, events.bytes))
            : store.miss("This copy of the breakdown holds sums only, no single events."),
        )
        .catch((error: unknown) => store.miss(error instanceof Error ? error.message : String(error)));
      return { store, bars: packet.bars };
    } finally {
      known.users--;
      if (known.users === 0) this.loading.delete(breakdown);
    }
  }

  /** Views of other breakdowns in the same group follow, as far as the selection means something there. */
  private pass(group: string, origin: string, store: Store): void {
    for (const [key, shelf] of this.shelves) {
      if (key === origin || (JSON.parse(key) as string[])[0] !== group) continue;
      shelf.opened
        .then(({ store: other }) => {
          other.follow(portable({ ...store.selection }) as Clauses);
        })
        .catch(() => {});
    }
  }
}
