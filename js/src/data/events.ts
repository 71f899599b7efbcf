// Every single activity and span. Comes after the facts, which the views are drawn from first.

import { checkVersion, readColumns } from "./columns";
import { EVENT_COLUMNS, type EventsMeta } from "./contract";

export interface Events {
  meta: EventsMeta;
  count: number;
  /** Row of the facts that the event is part of: its name, backend, layer and all else. */
  fact: Int32Array;
  /** What Python's `select(row=…)` takes. */
  row: Int32Array;
  /** Event of the launching call, -1 for none. */
  launch: Int32Array;
  /** Into `meta.shapes`, -1 for none. */
  shapes: Int32Array;
  /** On the clock that all ranks share. */
  start_ns: Float64Array;
  /** From start to end. */
  dur_ns: Float64Array;
  /** Self time of a span, 0 of an activity. */
  host_ns: Float64Array;
}

export function decodeEvents(meta: EventsMeta, bytes: ArrayBuffer | DataView): Events {
  checkVersion(meta);
  const columns = readColumns(EVENT_COLUMNS, meta.columns, bytes).events as unknown as Omit<Events, "meta" | "count">;
  return { meta, count: columns.fact.length, ...columns };
}
