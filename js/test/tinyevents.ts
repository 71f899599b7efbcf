// Single events of a tiny dataset, drawn as rows of a table.

import type { EventsMeta } from "../src/data/contract";
import { EVENT_COLUMNS, VERSION } from "../src/data/contract";
import { decodeEvents, type Events } from "../src/data/events";

export interface Drawn {
  fact: number;
  start: number;
  dur: number;
  /** Index of the launching event in the drawing. */
  launch?: number;
  shapes?: string;
  host?: number;
}

/** Each lane is rows of bars, each row of bars a list of events; numbers of events run through all of them. */
export function tinyEvents(lanes: { kind: "stream" | "thread"; rows: Drawn[][] }[]): Events {
  const all = lanes.flatMap((lane) => lane.rows.flat());
  const shapes = [...new Set(all.map((event) => event.shapes).filter((text) => text !== undefined))];
  const column: Record<string, (event: Drawn, i: number) => number> = {
    fact: (event) => event.fact,
    row: (_, i) => i,
    launch: (event) => event.launch ?? -1,
    shapes: (event) => (event.shapes === undefined ? -1 : shapes.indexOf(event.shapes)),
    start_ns: (event) => event.start,
    dur_ns: (event) => event.dur,
    host_ns: (event) => event.host ?? 0,
  };
  const columns: EventsMeta["columns"] = [];
  const bytes = new DataView(new ArrayBuffer(EVENT_COLUMNS.length * 8 * (all.length + 1)));
  let offset = 0;
  for (const [table, name, dtype] of EVENT_COLUMNS) {
    columns.push({ table, name, dtype, length: all.length, offset });
    all.forEach((event, i) => {
      const value = column[name]!(event, i);
      if (dtype === "f64") bytes.setFloat64(offset + i * 8, value, true);
      else bytes.setInt32(offset + i * 4, value, true);
    });
    offset += Math.ceil((all.length * (dtype === "f64" ? 8 : 4)) / 8) * 8;
  }
  let next = 0;
  return decodeEvents(
    {
      format: "xpubreak",
      version: VERSION,
      lanes: lanes.map(({ kind, rows }, i) => {
        const first = [next];
        for (const row of rows) {
          next += row.length;
          first.push(next);
        }
        return { rank: 0, kind, label: `${kind} ${i}`, stream: kind === "stream" ? 0 : -1, height: rows.length, first };
      }),
      undrawn: 0,
      shapes,
      steps: [],
      columns,
    },
    bytes,
  );
}
