// The kernel table: lines, percentiles, what is selected by a click, what is taken along.

import { describe, expect, test } from "vitest";
import type { Dataset } from "../src/data/dataset";
import { passingRows } from "../src/state/aggregate";
import { groupKernels } from "../src/state/kernels";
import { LineChoice } from "../src/state/linechoice";
import { LineEvents, nearestRank, sortedBy } from "../src/state/lineevents";
import { Lines, SORT_KEYS } from "../src/state/lines";
import { firstOf } from "../src/state/ranking";
import { Store } from "../src/state/store";
import { Dice } from "./dice";
import { randomRows } from "./oracle";
import { type Row, tiny } from "./tiny";
import { tinyEvents } from "./tinyevents";

const SEEDS = Array.from({ length: 12 }, (_, seed) => seed);
/** One kernel name of two backends and of two categories, a host span of that name, and others. */
const SHARED: Row[] = [
  { name: "gemm", role: "torch", category: "gemm", layer: 0, ns: 60 },
  { name: "gemm", role: "vllm", category: "gemm", layer: 1, ns: 30 },
  { name: "gemm", role: "vllm", category: "other", layer: 1, ns: 20 },
  { name: "gemm", role: "vllm", category: "gemm", ns: 500, onHost: true },
  { name: "rms", role: "vllm", category: "norm", layer: 1, ns: 10 },
  { name: "rms", role: "vllm", category: "norm", layer: 2, ns: 5 },
  { name: "mul", role: "triton", category: "other", ns: 1 },
];

function table(rows: Row[], withEvents = false) {
  const store = new Store(tiny(rows));
  if (withEvents) store.arrive(eventsOf(store.data));
  const lines = new Lines(store);
  const choice = new LineChoice(store, lines);
  const update = () => lines.update(choice.own, choice.outer);
  update();
  return { store, lines, choice, update };
}

/** One event for each row, of the row's weight; spans last longer than their self time. */
const eventsOf = ({ facts, rows }: Dataset) =>
  tinyEvents([
    {
      kind: "stream",
      rows: [
        Array.from({ length: rows }, (_, fact) => ({
          fact,
          start: fact,
          dur: facts.device_ns[fact] + facts.host_ns[fact] * 3,
          host: facts.host_ns[fact],
        })),
      ],
    },
  ]);

const named = ({ lines }: ReturnType<typeof table>, groups: readonly number[]) =>
  groups.map((group) => {
    const { name, role, category } = lines.line(group);
    const { roles, categories } = lines.data.meta;
    return `${name} ${roles[role]!.key} ${categories[category]}`;
  });

describe("lines", () => {
  test("one for each name, backend and category of the side that is looked at", () => {
    const { lines, store, update } = table(SHARED);
    const shown = () => lines.sorted("total", true).map((group) => Object.values(lines.line(group)).slice(1));
    expect(shown()).toEqual([
      ["gemm", 1, 2, 1, 60, 60, [0]],
      ["gemm", 0, 2, 1, 30, 30, [1]],
      ["gemm", 0, 3, 1, 20, 20, [1]],
      ["rms", 0, 1, 2, 15, 7.5, [1, 2]],
      ["mul", 2, 3, 1, 1, 1, []],
    ]);
    store.show({ weight: "host" });
    update();
    expect(shown()).toEqual([["gemm", 0, 2, 1, 500, 500, []]]);
  });
  test("filters of others leave lines out, the table's own do not", () => {
    const { lines, store, update, choice } = table(SHARED);
    store.replace({ backend: ["vllm"], layer: [1] });
    update();
    expect(lines.total).toBe(60);
    store.set("kernel", ["rms"]);
    update();
    expect(lines.shown).toHaveLength(3);
    expect(Array.from(lines.shown).filter(choice.test()!)).toHaveLength(1);
  });
  test.each(SORT_KEYS)("sorted by %s, both ways, whole or the first few", (key) => {
    for (const seed of SEEDS) {
      const { lines } = table(randomRows(seed, 120), true);
      const value = (group: number) => {
        const line = lines.line(group);
        if (key === "backend") return lines.data.meta.roles[line.role]!.label;
        if (key === "category") return lines.data.meta.categories[line.category]!;
        if (key === "p50" || key === "p95") return lines.percentilesOf(group)![key];
        if (key === "layers") return line.layers.length;
        return key === "share" ? line.total : line[key];
      };
      for (const descending of [false, true]) {
        const sorted = lines.sorted(key, descending);
        expect([...sorted].sort((a, b) => a - b)).toEqual([...lines.shown]);
        for (let i = 1; i < sorted.length; i++) {
          const [before, after] = [value(sorted[i - 1]!), value(sorted[i]!)];
          expect(descending ? before >= after : before <= after).toBe(true);
        }
        expect(lines.sorted(key, descending, 3)).toEqual(sorted.slice(0, 3));
      }
    }
  });
});

describe("selecting a line", () => {
  test("by its name where that is enough", () => {
    const { store, lines, choice } = table(SHARED);
    const [rms] = Array.from(lines.shown).filter((group) => lines.line(group).name === "rms");
    choice.choose(rms!, false);
    expect(store.clauses).toEqual({ kernel: ["rms"] });
    choice.choose(rms!, false);
    expect(store.clauses).toEqual({});
  });
  test.each([
    ["gemm torch gemm", { kernel: ["gemm"], backend: ["torch"] }],
    ["gemm vllm other", { kernel: ["gemm"], category: ["other"] }],
    ["gemm vllm gemm", { kernel: ["gemm"], backend: ["vllm"], category: ["gemm"] }],
  ])("%s", (wanted, clauses) => {
    const view = table(SHARED);
    const group = [...view.lines.shown].find((one) => named(view, [one])[0] === wanted)!;
    view.choice.choose(group, false);
    expect(view.store.clauses).toEqual(clauses);
    view.update();
    expect(view.lines.shown).toHaveLength(5);
    expect(named(view, [...view.lines.shown].filter(view.choice.test()!))).toEqual([wanted]);
  });
  test("what was filtered before comes back", () => {
    const view = table(SHARED);
    view.store.replace({ backend: ["torch", "vllm"], phase: [""] });
    view.update();
    const [torch] = view.lines.sorted("total", true);
    view.choice.choose(torch!, false);
    expect(view.store.clauses).toEqual({ backend: ["torch"], phase: [""], kernel: ["gemm"] });
    view.update();
    expect(view.lines.shown).toHaveLength(4); // still without triton
    view.choice.choose(torch!, false);
    expect(view.store.clauses).toEqual({ backend: ["torch", "vllm"], phase: [""] });
  });
  test("what others change afterwards is theirs", () => {
    const view = table(SHARED);
    view.choice.choose(view.lines.sorted("total", true)[0]!, false);
    view.store.set("kernel", undefined);
    view.update();
    expect(view.store.clauses).toEqual({ backend: ["torch"] });
    expect(view.lines.shown).toHaveLength(1);
  });
  test("a single call does not hide the others", () => {
    const view = table(SHARED, true);
    view.choice.choose(view.lines.sorted("total", true)[0]!, false);
    view.choice.chooseEvent(4, false);
    expect(view.store.clauses).toEqual({ row: [4] });
    view.update();
    expect(view.lines.shown).toHaveLength(5);
    view.choice.chooseEvent(5, true);
    expect(view.store.clauses).toEqual({ row: [4, 5] });
    view.choice.chooseEvent(5, true);
    view.choice.chooseEvent(4, false);
    expect(view.store.clauses).toEqual({});
    view.store.set("row", [4]);
    view.update();
    expect(named(view, [...view.lines.shown])).toEqual(["rms vllm norm"]);
  });
  test.each(SEEDS)("selects its rows and no others, whatever is filtered (%d)", (seed) => {
    const view = table(randomRows(seed, 60));
    const { store, lines, choice } = view;
    const dice = new Dice(seed);
    for (const weight of ["device", "host", "count"] as const) {
      store.show({ weight });
      store.replace(dice.below(2) ? { backend: ["vllm", "torch"], phase: ["decode", ""] } : {});
      view.update();
      for (const group of lines.shown) {
        const line = lines.line(group);
        choice.choose(group, false);
        const rows = passingRows(store.measure(), store.passing());
        expect(new Set([...rows].map((row) => lines.groups.groupOf[row]))).toEqual(new Set([group]));
        expect(store.remaining()).toEqual({ weight: line.total, calls: line.calls });
        view.update();
        expect(lines.line(group)).toEqual(line);
        choice.choose(group, false);
      }
    }
  });
  test.each(SEEDS)("of several added ones none is lost, and names bring no more than they share (%d)", (seed) => {
    const view = table(randomRows(seed, 60));
    const dice = new Dice(seed);
    const wanted = [...view.lines.shown].filter(() => dice.below(3) === 0).slice(0, 4);
    for (const group of wanted) {
      const isIn = view.choice.test()?.(group) ?? false;
      if (!isIn) view.choice.choose(group, true);
      view.update();
    }
    const isChosen = view.choice.test();
    const chosen = [...view.lines.shown].filter((group) => isChosen?.(group));
    for (const group of wanted) expect(chosen).toContain(group);
    const names = new Set(wanted.map((group) => view.lines.line(group).name));
    for (const group of chosen) expect(names).toContain(view.lines.line(group).name);
  });
});

describe("percentiles", () => {
  test.each([1, 2, 3, 19, 20, 21, 39, 40, 100, 999])("nearest rank of %d", (count) => {
    for (const share of [0.5, 0.95]) {
      const rank = nearestRank(count, share);
      // The least place at which at least this share of all is not larger.
      expect((rank + 1) / count).toBeGreaterThanOrEqual(share - 1e-12);
      expect(rank / count).toBeLessThan(share);
    }
  });
  test.each(SEEDS)("of the calls that are left, as sorting them tells (%d)", (seed) => {
    const { store, lines, update } = table(randomRows(seed, 80), true);
    for (const clauses of [
      {},
      { phase: ["decode"] },
      { duration_ns: [[10, 60]] },
      { row: [1, 4, 9, 16, 25, 36, 49] },
    ]) {
      for (const weight of ["device", "host"] as const) {
        store.replace(clauses);
        store.show({ weight });
        update();
        const { fact, dur_ns, host_ns, count } = store.events!;
        for (const group of lines.shown) {
          const marks = new Uint8Array(count);
          store.markPassing(marks);
          const took: number[] = [];
          for (let event = 0; event < count; event++) {
            if (lines.groups.groupOf[fact[event]!] === group && marks[event] === 1) {
              took.push((weight === "device" ? dur_ns : host_ns)[event]!);
            }
          }
          took.sort((a, b) => a - b);
          expect(lines.line(group).calls).toBe(took.length);
          expect(lines.percentilesOf(group)).toEqual({
            p50: took[nearestRank(took.length, 0.5)],
            p95: took[nearestRank(took.length, 0.95)],
          });
        }
      }
    }
  });
  test("sorting by digits: stable, and right for large numbers", () => {
    const values = [70_000, 3, 2 ** 40, 3, 0, 65_536, 2 ** 52 + 1, 2 ** 52];
    expect([
      ...sortedBy(
        values,
        Int32Array.from(values, (_, i) => i),
      ),
    ]).toEqual([4, 1, 3, 5, 0, 2, 7, 6]);
    expect([...sortedBy([0, 0], new Int32Array([1, 0]))]).toEqual([1, 0]);
    expect([...sortedBy([], new Int32Array())]).toEqual([]);
  });
  test("events of one side only, by line, shortest first", () => {
    const data = tiny(SHARED);
    const groups = groupKernels(data);
    const events = new LineEvents(data, groups, eventsOf(data), true);
    const facts = groups.name.length;
    const listed = Array.from({ length: facts }, (_, line) => [...events.of(line)]).flat();
    expect(listed.sort((a, b) => a - b)).toEqual([0, 1, 2, 4, 5, 6]);
    expect([...events.of(groups.groupOf[4]!)]).toEqual([5, 4]);
  });
});

test.each([0, 1, 7, 60])("the first %d of many are those that sorting finds", (count) => {
  const dice = new Dice(count);
  const values = Array.from({ length: 500 }, () => dice.below(90));
  const items = Int32Array.from(values, (_, i) => i);
  const compare = (a: number, b: number) => values[a]! - values[b]! || a - b;
  expect(firstOf(items, count, compare)).toEqual([...items].sort(compare).slice(0, count));
});
