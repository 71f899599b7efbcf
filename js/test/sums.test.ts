// Laws: whatever was selected before, every sum is the one that a plain loop over all rows and events finds.

import { describe, expect, test } from "vitest";
import { NO_PHASE, VERSION } from "../src/data/contract";
import type { Dataset } from "../src/data/dataset";
import type { Events } from "../src/data/events";
import { sumAll, sumByBar, sumByCode } from "../src/state/aggregate";
import type { Clauses, Dimension, Range } from "../src/state/clauses";
import { sumFrames } from "../src/state/framesums";
import { searchIn } from "../src/state/match";
import { Store } from "../src/state/store";
import type { WeightKind } from "../src/state/weight";
import { Dice } from "./dice";
import { type Row, tiny } from "./tiny";

const NAMES = ["gemm", "rms_norm", "flash", "gemm_2"];
const OPS = ["aten::mm", "aten::linear", "_C::rms_norm"];
const MODULES = ["model.norm", "model.layers.0.mlp", "model.layers.1.mlp"];
const ROLES = ["vllm", "torch", "triton", "unattributed"];
const PHASES = ["prefill", "decode"];

function drawnRows(dice: Dice): Row[] {
  return Array.from({ length: 40 }, (): Row => {
    const inLayer = dice.below(3) > 0;
    return {
      name: dice.of(NAMES),
      op: dice.below(3) > 0 ? dice.of(OPS) : undefined,
      role: dice.of(ROLES),
      category: dice.of(["attention", "norm", "gemm"]),
      layer: inLayer ? dice.below(4) : undefined,
      position: inLayer ? undefined : dice.of(["before", "after", "outside"]),
      phase: dice.below(4) > 0 ? dice.of(PHASES) : undefined,
      module: dice.below(3) > 0 ? dice.of(MODULES) : undefined,
      step: dice.below(4) - 1,
      count: 1 + dice.below(3),
      onHost: dice.below(3) === 0,
      ns: 3 * (1 + dice.below(50)),
    };
  });
}

/** Events of which the rows are the sums. */
function eventsOf(data: Dataset, dice: Dice): Events {
  const { device_ns, host_ns, count, stream } = data.facts;
  const listed: { fact: number; own: number; dur: number; start: number }[] = [];
  for (let fact = 0; fact < data.rows; fact++) {
    let left = device_ns[fact] + host_ns[fact];
    for (let nth = count[fact] - 1; nth >= 0; nth--) {
      const own = nth === 0 ? left : dice.below(left + 1);
      left -= own;
      // A span lasts longer than it is the innermost one.
      const dur = stream[fact] >= 0 ? own : own + dice.below(20);
      listed.push({ fact, own, dur, start: dice.below(1000) });
    }
  }
  const column = (read: (item: (typeof listed)[number]) => number) => Float64Array.from(listed, read);
  const none = new Int32Array(listed.length).fill(-1);
  return {
    meta: { format: "", version: VERSION, lanes: [], undrawn: 0, shapes: [], steps: [], columns: [] },
    count: listed.length,
    fact: Int32Array.from(listed, ({ fact }) => fact),
    row: Int32Array.from(listed, (_, i) => listed.length - 1 - i),
    launch: none,
    shapes: none,
    start_ns: column(({ start }) => start),
    dur_ns: column(({ dur }) => dur),
    host_ns: column(({ fact, own }) => (stream[fact] >= 0 ? 0 : own)),
  };
}

// The definition: one event at a time, by the texts that a reader would compare. ------------------------------------------

function passes(data: Dataset, events: Events, event: number, clauses: Clauses, own: readonly Dimension[]): boolean {
  const { facts, strings, meta, op } = data;
  const row = events.fact[event]!;
  const text = (id: number) => (id < 0 ? "" : strings[id]!);
  const values: Record<string, unknown> = {
    backend: meta.roles[facts.role[row]!]!.key,
    category: meta.categories[facts.category[row]!],
    phase: facts.phase[row] === NO_PHASE ? "" : meta.phases[facts.phase[row]!],
    confidence: meta.confidences[facts.confidence[row]!],
    position: meta.positions[facts.position[row]!],
    kernel: facts.stream[row]! >= 0 ? text(facts.name[row]!) : "",
    span: facts.stream[row]! >= 0 ? "" : text(facts.name[row]!),
    op: text(op[row]!),
    module: text(facts.module[row]!),
    layer: facts.layer[row],
    step: facts.step[row],
    stream: facts.stream[row],
    rank: facts.rank[row],
    node: facts.node[row],
    row: events.row[event],
  };
  const start = events.start_ns[event]!;
  const duration = events.dur_ns[event]!;
  const last = start + Math.max(duration - 1, 0);
  const within = (at: number, [from, to]: Range) => at >= from && at < to;
  return (Object.keys(clauses) as Dimension[]).every((dimension) => {
    if (own.includes(dimension)) return true;
    if (dimension === "text") {
      const names = [facts.name[row]!, op[row]!, facts.module[row]!].filter((id) => id >= 0).map(text);
      return clauses.text!.every((wanted) => searchIn(names, wanted).hits.includes(1));
    }
    if (dimension === "duration_ns") return clauses.duration_ns!.some((range) => within(duration, range));
    if (dimension === "time_ns") return clauses.time_ns!.every(([from, to]) => start < to && last >= from);
    return (clauses[dimension] as unknown[]).includes(values[dimension]);
  });
}

interface Sums {
  roles: number[];
  bars: number[];
  frames: number[];
  all: { weight: number; calls: number };
  /** Events that pass; and those of them whose row weighs anything. */
  marked: number[];
  chosen: number[];
}

function defined(store: Store, events: Events, own: readonly Dimension[]): Sums {
  const { data, stack } = store;
  const { facts, meta, bar } = data;
  const kind = store.options.weight;
  const bars = meta.layer_count + 3;
  const found: Sums = {
    roles: meta.roles.map(() => 0),
    bars: Array.from({ length: meta.roles.length * bars }, () => 0),
    frames: stack.labels.map(() => 0),
    all: { weight: 0, calls: 0 },
    marked: [],
    chosen: [],
  };
  const weighed = new Map<number, { weight: number; calls: number }>();
  for (let event = 0; event < events.count; event++) {
    if (!passes(data, events, event, store.clauses, own)) continue;
    found.marked.push(event);
    const row = events.fact[event]!;
    const onDevice = facts.stream[row]! >= 0;
    const times = { device: onDevice ? events.dur_ns[event]! : 0, host: onDevice ? 0 : events.host_ns[event]! };
    const weight = kind === "count" ? Number(onDevice === (meta.weight === "device")) : times[kind];
    const sum = weighed.get(row) ?? { weight: 0, calls: 0 };
    weighed.set(row, { weight: sum.weight + weight, calls: sum.calls + 1 });
  }
  found.chosen = found.marked.filter((event) => weighed.get(events.fact[event]!)!.weight > 0);
  for (const [row, { weight, calls }] of weighed) {
    if (weight === 0) continue;
    found.roles[facts.role[row]!]! += weight;
    found.bars[facts.role[row]! * bars + bar[row]!]! += weight;
    found.all.weight += weight;
    found.all.calls += calls;
    for (let frame = stack.leafOf[row]!; frame >= 0; frame = stack.parent[frame]!) found.frames[frame]! += weight;
  }
  return found;
}

function summed(store: Store, own: readonly Dimension[], asksForAll = true): Sums {
  const { data } = store;
  const marks = new Uint8Array(store.events!.count).fill(2);
  if (asksForAll) store.markPassing(marks, ...own);
  const [measure, passing] = [store.measure(...own), store.passing(...own)];
  return {
    roles: [...sumByCode(data.facts.role, data.meta.roles.length, measure, passing)],
    bars: [...sumByBar(data, measure, passing)],
    frames: [...sumFrames(store.stack, measure, passing, "backend").value],
    all: sumAll(measure, passing),
    marked: [...marks.entries()].filter(([, mark]) => mark !== 0).map(([event]) => event),
    chosen: [...store.selectedEvents(...own)!],
  };
}

const OWN: Dimension[][] = [[], ["backend"], ["layer", "position"], ["path"], ["duration_ns"], ["time_ns", "text"]];

/** A new clause for one dimension, or none. */
function changed(store: Store, dice: Dice): Clauses {
  const drawn: Clauses = {
    backend: dice.some(ROLES),
    category: dice.some(["attention", "norm"]),
    phase: dice.some(["", ...PHASES]),
    layer: dice.some([0, 1, 2, 3, -1]),
    position: dice.some(["before", "layer", "after"]),
    step: dice.some([-1, 0, 1, 2, 99]),
    stream: dice.some([-1, 0]),
    kernel: dice.some([...NAMES, "nowhere"]),
    span: dice.some([...NAMES, ""]),
    op: dice.some(["", ...OPS]),
    module: dice.some(["", ...MODULES]),
    node: dice.some([-1, 0, 1, 2, 3]),
    text: dice.some(["gemm", "aten", "/^model/"]),
    row: Array.from({ length: 40 }, () => dice.below(90) - 2),
    duration_ns: dice.some<Range>([
      [0, 20],
      [10, 60],
      [80, 1e15],
    ]),
    time_ns: dice.some<Range>([
      [0, 600],
      [300, 1e15],
    ]),
    path: { stack: store.options.stack, frames: store.stack.pathOf(dice.below(store.stack.size)) } as Clauses["path"],
  };
  const listed = Object.keys(store.clauses) as Dimension[];
  const dimension = dice.of(listed.length > 2 ? listed : (Object.keys(drawn) as Dimension[]));
  const { [dimension]: _old, ...rest } = store.clauses;
  if (listed.length > 2 || dice.below(4) === 0 || (dimension === "path" && drawn.path!.frames.length === 0))
    return rest;
  return { ...rest, [dimension]: drawn[dimension] };
}

/** What the definition knows of a frame: the rows at or below it. */
function withoutPath(store: Store, events: Events): Clauses {
  const { path, ...rest } = store.clauses;
  if (!path) return rest;
  const { stack } = store;
  const frame = stack.find(path.frames);
  const isBelow = (leaf: number): boolean => leaf === frame || (leaf > 0 && isBelow(stack.parent[leaf]!));
  const rows = [...events.row].filter((_, event) => isBelow(stack.leafOf[events.fact[event]!]!));
  return { ...rest, row: rest.row ? rows.filter((row) => rest.row!.includes(row)) : rows };
}

describe.each([1, 2, 3, 4, 5, 6])("a walk through selections, %d", (seed) => {
  test.each<WeightKind>(["device", "host", "count"])("%s", (weight) => {
    const dice = new Dice(seed);
    const store = new Store(tiny(drawnRows(dice)));
    const events = eventsOf(store.data, dice);
    store.show({ weight });
    store.arrive(events);
    let selective = 0;
    for (let change = 0; change < 60; change++) {
      store.replace(changed(store, dice));
      for (const own of OWN) {
        // A frame is said in rows; a view of frames that ignores its own has nothing to be said.
        const said = own.includes("path") ? store.clauses : withoutPath(store, events);
        const told = Object.assign(Object.create(store) as Store, { clauses: said });
        const found = summed(store, own);
        expect(found, JSON.stringify([store.clauses, own])).toEqual(defined(told, events, own));
        expect(found.roles.reduce((sum, value) => sum + value, 0)).toBe(found.all.weight);
        if (found.all.weight > 0 && found.all.weight < store.whole.weight) selective++;
      }
    }
    expect(selective).toBeGreaterThan(30);
  });
});

test.each([1, 2, 3, 4, 5, 6])("a walk on which kinds of weight change, and few ask for all events, %d", (seed) => {
  const dice = new Dice(seed);
  const store = new Store(tiny(drawnRows(dice)));
  const events = eventsOf(store.data, dice);
  store.arrive(events);
  for (let change = 0; change < 120; change++) {
    store.replace(changed(store, dice));
    if (dice.below(3) === 0) store.show({ weight: dice.of<WeightKind>(["device", "host", "count"]) });
    for (const own of dice.some(OWN)) {
      const said = own.includes("path") ? store.clauses : withoutPath(store, events);
      const told = Object.assign(Object.create(store) as Store, { clauses: said });
      const expected = defined(told, events, own);
      const found =
        dice.below(4) === 0 ? summed(store, own) : { ...summed(store, own, false), marked: expected.marked };
      expect(found, JSON.stringify([store.clauses, store.options.weight, own])).toEqual(expected);
    }
  }
});

test("a sum that ignores what changed is the one of before", () => {
  const store = new Store(tiny(drawnRows(new Dice(7))));
  const bars = (...own: Dimension[]) => sumByBar(store.data, store.measure(...own), store.passing(...own));
  const all = bars("layer");
  store.set("layer", [1]);
  expect(bars("layer")).toBe(all);
  expect(bars()).not.toBe(all);
  const one = bars();
  store.set("backend", ["torch"]);
  expect(bars("backend")).toBe(one);
  store.clear("layer", "backend");
  expect(bars()).not.toBe(one);
  expect(bars()).toEqual(all);
});
