// Every way to stack frames, against a reading of the same rows that knows nothing of how stacks are built.

import { describe, expect, test } from "vitest";
import { NODE_KINDS } from "../src/data/contract";
import type { Dataset } from "../src/data/dataset";
import { plainName } from "../src/data/format";
import type { StackKind, StackWay, TopKind } from "../src/state/clauses";
import { sumFrames } from "../src/state/framesums";
import { PairIds } from "../src/state/ids";
import { callerLimit } from "../src/state/paths";
import type { Stack } from "../src/state/stack";
import { Store } from "../src/state/store";
import { all, pathOf, picks, randomRows } from "./oracle";
import { drawn, type Row, tiny } from "./tiny";

const WAYS: StackWay[] = (["model", "backend", "call"] as StackKind[]).flatMap((stack) =>
  (["none", "phase", "step"] as TopKind[]).flatMap((top) =>
    [false, true].map((inverted) => ({ stack, top, inverted })),
  ),
);
const named = WAYS.map((way): [string, StackWay] => [
  `${way.stack}, ${way.top} on top${way.inverted ? ", inverted" : ""}`,
  way,
]);

const under = (data: Dataset, stack: Stack, frame: number) =>
  all(data).filter((row) => stack.leafOf[row] >= frame && stack.leafOf[row] <= stack.end[frame]);

describe.each(named)("%s", (_, way) => {
  const stores = [1, 2].map((seed) => {
    const store = new Store(tiny(randomRows(seed, 80)));
    store.show({ ...way, fold: seed !== 2, weight: "count" });
    return store;
  });
  test("frames hold the rows whose paths lead there", () => {
    for (const { data, stack } of stores) {
      const groupOf = (layer: number) => {
        for (let frame = 0; frame < stack.size; frame++) {
          if (stack.layersOf(frame)?.includes(layer)) return `layers ${stack.layersOf(frame)}`;
        }
        return `layer ${layer}`;
      };
      const expected = new Map<string, number[]>();
      for (const row of all(data)) {
        const path = pathOf(data, row, way, groupOf);
        for (let depth = 0; depth <= path.length; depth++) {
          const key = JSON.stringify(path.slice(0, depth));
          expected.set(key, [...(expected.get(key) ?? []), row]);
        }
      }
      const found = Array.from({ length: stack.size }, (_, frame) => under(data, stack, frame).join());
      expect(found.sort()).toEqual([...expected.values()].map((rows) => rows.join()).sort());
    }
  });
  test("the selection for Python takes the rows under a frame and no others, here as there", () => {
    for (const store of stores) {
      const { data, stack } = store;
      for (let frame = 1; frame < stack.size; frame++) {
        const rows = under(data, stack, frame);
        store.replace({ path: { ...way, frames: stack.pathOf(frame) } });
        const { fails, ignore } = store.passing();
        const passing = () => all(data).filter((row) => (fails[row] & ~ignore) === 0);
        expect(passing()).toEqual(rows);
        const { selection } = store;
        expect(selection).not.toHaveProperty("path");
        expect(all(data).filter((row) => picks(data, selection, row))).toEqual(rows);
        store.replace(selection);
        expect(passing()).toEqual(rows);
      }
      store.clear();
    }
  });
  test("what is selected stays so however frames are stacked, for the page and for Python", () => {
    for (const { data, options } of stores) {
      for (const other of WAYS) {
        const store = new Store(data);
        store.show(options);
        const frame = 1 + ((WAYS.indexOf(other) * 7) % (store.stack.size - 1));
        store.replace({ backend: ["torch", "vllm"], path: { ...way, frames: store.stack.pathOf(frame) } });
        const before = JSON.stringify([store.selection, store.remaining()]);
        store.show({ ...other, fold: !options.fold });
        expect(JSON.stringify([store.selection, store.remaining()])).toBe(before);
      }
    }
  });
  test("labels lead back to their frame, and weights add up", () => {
    for (const store of stores) {
      const { stack } = store;
      const { value } = sumFrames(stack, store.measure(), store.passing(), "backend");
      expect(value[0]).toBe(store.whole.weight);
      for (let frame = 0; frame < stack.size; frame++) {
        expect(stack.find(stack.pathOf(frame))).toBe(frame);
        const inside = stack.children(frame).reduce((sum, child) => sum + value[child], 0);
        expect(inside).toBeLessThanOrEqual(value[frame]);
      }
    }
  });
});

const GEMM: Row[] = [
  { name: "gemm", calls: ["annotation step", "python forward", "operator aten::mm"], phase: "decode", ns: 60 },
  { name: "gemm", calls: ["annotation step", "operator aten::bmm"], phase: "prefill", ns: 40 },
  { name: "replayed", calls: ["annotation step", "runtime graphLaunch"], phase: "decode", ns: 30 },
  { name: "lost", ns: 5 },
];
const picture = (rows: Row[], way: Partial<StackWay>) => {
  const store = new Store(tiny(rows));
  store.show(way);
  return drawn(store.stack, sumFrames(store.stack, store.measure(), store.passing(), "backend").value);
};

test("who calls this kernel", () => {
  expect(picture(GEMM, { stack: "call", inverted: true })).toBe(
    [
      "all 135",
      "  gemm 100",
      "    aten::mm 60",
      "      forward 60",
      "        step 60",
      "    aten::bmm 40",
      "      step 40",
      "  replayed 30",
      "    graphLaunch 30",
      "      step 30",
      "  lost 5",
    ].join("\n"),
  );
});

test("phases on top, in their order", () => {
  expect(picture(GEMM, { stack: "call", top: "phase" })).toBe(
    [
      "all 135",
      "  prefill 40",
      "    step 40",
      "      aten::bmm 40",
      "        gemm 40",
      "  decode 90",
      "    step 90",
      "      forward 60",
      "        aten::mm 60",
      "          gemm 60",
      "      graphLaunch 30",
      "        replayed 30",
      "  outside steps 5",
      "    lost 5",
    ].join("\n"),
  );
});

test("a call is one node of the call tree with everything inside it", () => {
  const store = new Store(tiny(GEMM));
  store.show({ stack: "call" });
  store.set("path", { stack: "call", top: "none", inverted: false, frames: ["step", "forward"] });
  expect(store.selection).toEqual({ under: [1] });
  expect(store.remaining().weight).toBe(60);
});

test("dimensions that exclude nothing are left out", () => {
  const store = new Store(
    tiny([{ name: "a" }, { name: "b" }].map((row) => ({ ...row, module: "m", layer: 0, ns: 1 }))),
  );
  store.set("path", { stack: "model", top: "none", inverted: false, frames: ["layer 0", "m", "a"] });
  expect(store.selection).toEqual({ kernel: ["a"] });
});

test("siblings of one name are told apart, whatever is measured", () => {
  const rows: Row[] = [
    { name: "x".repeat(450), role: "torch", calls: ["operator same"], ns: 2 },
    { name: `${"x".repeat(225)}y${"x".repeat(225)}`, role: "torch", calls: ["operator same"], ns: 3 },
    { name: "same", role: "torch", ns: 4 },
  ];
  for (const weight of ["device", "count"] as const) {
    const store = new Store(tiny(rows));
    store.show({ stack: "call", weight });
    const { stack } = store;
    expect(
      stack
        .children(0)
        .map((frame) => stack.labels[frame])
        .sort(),
    ).toEqual(["same", "same (kernel)"]);
    const cut = plainName(rows[0]!.name);
    const [operator] = stack.children(0).filter((frame) => stack.labels[frame] === "same");
    expect(
      stack
        .children(operator!)
        .map((frame) => stack.labels[frame])
        .sort(),
    ).toEqual([cut, `${cut} (kernel)`]);
  }
});

describe("folding", () => {
  const rows = [0, 1, 2].flatMap((layer): Row[] => [{ name: "a", layer, ns: 3 }]);
  const store = new Store(tiny(rows));
  const labels = () => store.stack.labels.filter((label) => label.startsWith("layer"));
  test("one group apart, and together again", () => {
    expect(labels()).toEqual(["layers 0–2 ×3"]);
    store.show({ unfolded: [1] });
    expect(labels()).toEqual(["layer 0", "layer 1", "layer 2"]);
    expect(store.stack.equalLayers(1)).toEqual([0, 1, 2]);
    store.show({ unfolded: [] });
    expect(labels()).toEqual(["layers 0–2 ×3"]);
  });
});

describe("depth", () => {
  const DEEP = 120_000;
  const calls = Array.from({ length: DEEP }, (_, i) => `python f${i % 7}`);
  const data = deep(calls.length);
  test("calls nested a hundred thousand deep are stacked, selected and found again", () => {
    const store = new Store(data);
    store.show({ stack: "call" });
    const { stack } = store;
    expect(stack.depth.reduce((most, depth) => Math.max(most, depth))).toBe(DEEP + 1);
    const { value } = sumFrames(stack, store.measure(), store.passing(), "backend");
    const innermost = stack.depth.indexOf(DEEP);
    expect([value[0], value[innermost]]).toEqual([3, 1]);
    store.set("path", { stack: "call", top: "none", inverted: false, frames: stack.pathOf(innermost) });
    expect(store.selection).toEqual({ under: [DEEP - 1] });
    expect(store.remaining().weight).toBe(1);
  });
  test("callers too far out are one frame that says so", () => {
    expect(callerLimit([3, 4])).toBe(4);
    expect(
      callerLimit(
        Array.from({ length: 1000 }, () => 1000),
        50_000,
      ),
    ).toBeLessThan(50);
    const store = new Store(data);
    store.show({ stack: "call", inverted: true });
    expect(store.stack.size).toBeGreaterThan(DEEP);
  });
});

/** One kernel at the top, one halfway down, one at the bottom of a tower of calls. */
function deep(height: number): Dataset {
  const data = tiny([
    { name: "top", calls: ["python f"], ns: 1 },
    { name: "half", calls: ["python f"], ns: 1 },
    { name: "bottom", calls: ["python f"], ns: 1 },
  ]);
  const frames = Array.from({ length: height }, (_, node) => node);
  const nodes = {
    parent: Int32Array.from([...frames.map((node) => node - 1), 0, height / 2, height - 1]),
    name: new Int32Array(height + 3),
    kind: Uint8Array.from([...frames.map(() => NODE_KINDS.indexOf("python")), 5, 5, 5]),
  };
  return { ...data, nodes, facts: { ...data.facts, node: Int32Array.from([height, height + 1, height + 2]) } };
}

test("pairs are numbered in order of appearance", () => {
  const pairs = new PairIds();
  const seen = new Map<string, number>();
  for (let i = 0; i < 50_000; i++) {
    const [a, b] = [(i * 7919) % 311, -1 + ((i * 104_729) % 97)];
    const expected = seen.get(`${a} ${b}`) ?? seen.size;
    seen.set(`${a} ${b}`, expected);
    expect(pairs.of(a, b)).toBe(expected);
  }
  expect(pairs.size).toBe(seen.size);
});
