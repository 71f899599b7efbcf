import { describe, expect, test } from "vitest";
import type { Events } from "../src/data/events";
import { describe as describeRows } from "../src/state/describe";
import { delaysOf, durationsOf } from "../src/state/eventsums";
import { type ShapeLine, Shapes, shapeText } from "../src/state/inputshapes";
import { inLayerOf, oddOnes, peersOf } from "../src/state/peers";
import { quantile, spreadOf } from "../src/state/quantiles";
import { binOf, histogram, median } from "../src/state/spread";
import { Store } from "../src/state/store";
import { eventNote } from "../src/views/timelinenote";
import { type Row, tiny } from "./tiny";
import { tinyEvents } from "./tinyevents";

/** The same numbers at every run. */
function numbers(count: number, seed = 7): number[] {
  let state = seed;
  return Array.from({ length: count }, () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state % 100_000;
  });
}

describe("spread", () => {
  test.each([1, 2, 3, 10, 1001])("quantiles of %i numbers are those of the sorted list", (count) => {
    for (const values of [
      numbers(count),
      numbers(count).map((n) => n % 3),
      [...numbers(count)].sort((a, b) => a - b),
    ]) {
      const sorted = [...values].sort((a, b) => a - b);
      for (const share of [0, 0.05, 0.5, 0.95, 1]) {
        const place = (count - 1) * share;
        const [low, high] = [sorted[Math.floor(place)]!, sorted[Math.ceil(place)]!];
        expect(quantile(Float64Array.from(values), share)).toBeCloseTo(low + (place % 1) * (high - low), 6);
      }
      expect(spreadOf(Float64Array.from(values))).toMatchObject({ count, least: sorted[0], most: sorted.at(-1) });
    }
  });
  test.each([[[5]], [[0, 0, 0]], [[1000, 1000, 1000]], [[4190, 5150, 6330, 6660]], [[0, 1, 10, 1e9]], [numbers(500)]])(
    "a histogram holds every value once, between its edges",
    (values) => {
      const [least, most] = [Math.min(...values), Math.max(...values)];
      const { edges, counts } = histogram(Float64Array.from(values), least, most);
      expect(counts.length).toBeLessThanOrEqual(40);
      expect(counts.reduce((sum, count) => sum + count, 0)).toBe(values.length);
      expect(edges.length).toBe(counts.length + 1);
      expect(edges[0]!).toBeLessThanOrEqual(Math.max(1, least) * (1 + 1e-9));
      expect(edges.at(-1)!).toBeGreaterThan(most);
      values.forEach((value) => {
        const bin = binOf(edges, value);
        expect(value >= edges[bin]! || bin === 0).toBe(true);
        expect(value < edges[bin + 1]!).toBe(true);
      });
    },
  );
});

// fact 0: kernel of layer 0, fact 1: kernel of layer 1, fact 2: operator on the host, fact 3: its runtime call
const ROWS: Row[] = [
  { name: "gemm", layer: 0, ns: 30, count: 2 },
  { name: "gemm", layer: 1, ns: 5 },
  { name: "aten::mm", onHost: true, ns: 60, count: 2 },
  { name: "launch", onHost: true, ns: 12, count: 3 },
];
const withEvents = () => {
  const store = new Store(tiny(ROWS));
  store.arrive(
    tinyEvents([
      {
        kind: "stream",
        rows: [
          [
            { fact: 0, start: 20, dur: 10, launch: 5 },
            { fact: 0, start: 32, dur: 20, launch: 6 },
            { fact: 1, start: 100, dur: 5, launch: 7 },
          ],
        ],
      },
      {
        kind: "thread",
        rows: [
          [
            { fact: 2, start: 0, dur: 20, host: 12, shapes: "[[16, 1], []]" },
            { fact: 2, start: 20, dur: 30, host: 26, shapes: "[[8, 8]]" },
          ],
          [
            { fact: 3, start: 5, dur: 4, host: 4 },
            { fact: 3, start: 24, dur: 10, host: 10 },
            { fact: 3, start: 90, dur: 4, host: 4 },
          ],
        ],
      },
    ]),
  );
  return store;
};

const delaysSaid = (store: Store, events: Events, event: number) =>
  eventNote(store, events, event)
    .lines.map((line) => line.join(" ").replaceAll("\u202f", " "))
    .filter((line) => /delay|free/.test(line));

describe("sums of single events", () => {
  test("only what is selected and counted", () => {
    const store = withEvents();
    expect([...store.selectedEvents()!]).toEqual([0, 1, 2]);
    store.set("layer", [0]);
    expect([...durationsOf(store.events!, store.selectedEvents()!)]).toEqual([10, 20]);
    store.set("duration_ns", [[15, 50]]);
    expect([...store.selectedEvents()!]).toEqual([1]);
    expect([...store.selectedEvents("duration_ns")!]).toEqual([0, 1]);
    store.clear();
    store.show({ weight: "host" });
    expect(store.selectedEvents()!.length).toBe(store.remaining().calls);
  });
  test("delays from the start and the end of the launching call; none is negative", () => {
    const { events } = withEvents();
    const { launch_ns, queue_ns } = delaysOf(events!, Int32Array.of(0, 1, 2, 3));
    expect([...launch_ns]).toEqual([15, 8, 10]);
    expect([...queue_ns]).toEqual([11, 0, 6]);
  });
  test("the timeline says the same delays of one, and how much of them its stream was free", () => {
    const store = withEvents();
    const said = (event: number) => delaysSaid(store, store.events!, event);
    expect(said(0)).toEqual(["launch delay 15 ns", "queue delay 11 ns", "of that stream free 11 ns"]);
    expect(said(1)).toEqual(["launch delay 8 ns", "queue delay 0 ns"]);
    expect(said(3)).toEqual([]);
  });
  test("a kernel of a graph waits for the ones before it, of all rows of its stream", () => {
    const store = new Store(tiny(ROWS));
    const replayed = (start: number, dur: number) => ({ fact: 0, start, dur, launch: 3 });
    const events = tinyEvents([
      { kind: "stream", rows: [[replayed(30, 10), replayed(99, 10)], [replayed(35, 60)]] },
      { kind: "thread", rows: [[{ fact: 3, start: 0, dur: 20 }]] },
    ]);
    expect(delaysSaid(store, events, 1)).toEqual([
      "launch delay 99 ns",
      "queue delay 79 ns",
      "of that stream free 4 ns",
    ]);
    expect([...delaysOf(events, Int32Array.of(1)).queue_ns]).toEqual([79]);
  });
  test("shapes of the operator around the launch; none where there is none", () => {
    const { events } = withEvents();
    const lines = new Map<number, ShapeLine>();
    const shapes = new Shapes(events!);
    shapes.add(lines, Int32Array.of(0, 1, 2), 0, 2);
    shapes.add(lines, Int32Array.of(0, 1, 2), 2, 4);
    expect([...lines.values()]).toEqual([
      { shapes: 0, count: 1, total_ns: 10 },
      { shapes: 1, count: 1, total_ns: 20 },
      { shapes: -1, count: 1, total_ns: 5 },
    ]);
    expect(shapes.of(3)).toBe(0);
  });
  test.each([
    ["[[16, 1], [], []]", "16×1"],
    ["[[16, 1], [], [4]]", "16×1, –, 4"],
    ["[[[2, 3], [4]], []]", "(2×3, 4)"],
    ["[]", "no inputs"],
    ["<img>", "<img>"],
  ])("shapes %s read %s", (recorded, text) => expect(shapeText(recorded)).toBe(text));
});

describe("the same kernel in other layers", () => {
  const model = (layers: number): Row[] =>
    Array.from({ length: layers }, (_, layer): Row[] => {
      const at = (module: string) => ({ layer, module: `model.layers.${layer}.${module}`, op: "aten::mm" });
      return [
        { name: "gemm", ...at("mlp.up"), ns: 60 + (layer % 2), count: 2 },
        { name: "gemm", ...at("attn.qkv"), ns: layer === 4 ? 90 : 10 },
        { name: "rms", ...at("norm"), ns: 4 },
      ];
    }).flat();
  const store = new Store(tiny(model(8)));
  const gemm = store.data.strings.indexOf("gemm");

  test("all of it, where all of it is selected", () => {
    store.replace({ kernel: ["gemm"] });
    expect(peersOf(store, gemm).map((peer) => peer.mean)).toEqual(
      [0, 1, 2, 3, 4, 5, 6, 7].map((layer) => (60 + (layer % 2) + (layer === 4 ? 90 : 10)) / 3),
    );
  });
  test("only at the same place, where one is selected; the odd one is marked", () => {
    store.replace({ kernel: ["gemm"], layer: [2], module: ["model.layers.2.attn.qkv"] });
    const peers = peersOf(store, gemm);
    expect(peers.map((peer) => peer.weight)).toEqual([10, 10, 10, 10, 90, 10, 10, 10]);
    expect(peers.filter((peer) => peer.isOdd).map((peer) => peer.layer)).toEqual([4]);
  });
  test.each([
    { kernel: ["gemm"] },
    { kernel: ["gemm"], module: ["model.layers.1.mlp.up"] },
    { path: { stack: "model", frames: ["layers 0–7 ×8", "mlp", "up", "aten::mm", "gemm"] } },
  ])("a click on a layer selects what its bar shows: %j", (clauses) => {
    store.replace(clauses);
    for (const peer of peersOf(store, gemm)) {
      store.replace(clauses);
      store.replace(inLayerOf(store, gemm, peer));
      expect(store.remaining()).toEqual({ weight: peer.weight, calls: peer.calls });
    }
  });
  test("one layer has no others", () => {
    const one = new Store(tiny(model(1)));
    expect(peersOf(one, one.data.strings.indexOf("gemm"))).toEqual([]);
  });
  test("odd ones", () => {
    expect(oddOnes([10, 10, 11, 10, 30])).toEqual([false, false, false, false, true]);
    expect(oddOnes([10, 20, 30, 40, 50])).toEqual([false, false, false, false, false]);
    expect(oddOnes([1, 100])).toEqual([false, false]);
    expect(median([3, 1, 2])).toBe(2);
  });
});

test("what is selected, by step, stream and rank, like a loop over the rows", () => {
  const rows: Row[] = numbers(60).map((n, i) => ({ name: `k${n % 5}`, ns: (n % 90) + 1, step: (i % 4) - 1 }));
  const store = new Store(tiny(rows));
  store.set("kernel", ["k1", "k2"]);
  const found = describeRows(store.data, store.measure(), store.passing());
  for (const { code, weight } of found.steps) {
    const mine = rows.filter((row) => ["k1", "k2"].includes(row.name) && row.step === code);
    expect(weight).toBe(mine.reduce((sum, row) => sum + row.ns, 0));
  }
  expect(found.steps.reduce((sum, part) => sum + part.weight, 0)).toBe(found.weight);
  expect(found.streams).toEqual([{ code: 0, weight: found.weight }]);
  expect(found.ranks).toEqual([{ code: 0, weight: found.weight }]);
});
