import { describe, expect, test } from "vitest";
import { sumByBar } from "../src/state/aggregate";
import { parseClauses, toggled } from "../src/state/clauses";
import { describe as describeRows, operatorChain } from "../src/state/describe";
import { groupLabel } from "../src/state/fold";
import { sumFrames } from "../src/state/framesums";
import { searchIn } from "../src/state/match";
import { Store } from "../src/state/store";
import { drawn, type Row, tiny } from "./tiny";

const LAYER: Row[] = [
  { name: "rms", op: "_C::rms_norm", role: "vllm", category: "norm", module: "norm", ns: 10 },
  { name: "gemm", op: "aten::mm", role: "torch", category: "gemm", module: "mlp.up", ns: 60 },
  { name: "triton_0", role: "triton", module: "mlp.act", ns: 30 },
];
const inLayer = (layer: number, phase = "decode"): Row[] =>
  LAYER.map((row) => ({ ...row, layer, phase, module: `model.layers.${layer}.${row.module}` }));
const MODEL: Row[] = [
  { name: "embed", op: "aten::embedding", position: "before", phase: "decode", module: "model.embed", ns: 5 },
  ...inLayer(0),
  ...inLayer(1),
  ...inLayer(2, "prefill"),
  { name: "gemm", op: "aten::mm", role: "torch", category: "gemm", position: "after", module: "lm_head", ns: 45 },
];

const frames = (store: Store) =>
  drawn(store.stack, sumFrames(store.stack, store.measure(), store.passing("path"), "backend").value);

describe("stacks", () => {
  test("model: equal layers are one, in the order of the model", () => {
    expect(frames(new Store(tiny(MODEL)))).toBe(
      [
        "all 350",
        "  before layers 5",
        "    model 5",
        "      embed 5",
        "        aten::embedding 5",
        "          embed 5",
        "  layers 0–2 ×3 300",
        "    mlp 270",
        "      up 180",
        "        aten::mm 180",
        "          gemm 180",
        "      act 90",
        "        triton_0 90",
        "    norm 30",
        "      _C::rms_norm 30",
        "        rms 30",
        "  after layers 45",
        "    lm_head 45",
        "      aten::mm 45",
        "        gemm 45",
      ].join("\n"),
    );
  });
  test("model, unfolded: one frame for each layer", () => {
    const store = new Store(tiny(MODEL));
    store.show({ fold: false });
    expect(frames(store)).toMatch(/before.*layer 0 100.*layer 1 100.*layer 2 100.*after/s);
  });
  test("backend, then category, operator, kernel", () => {
    const store = new Store(tiny(MODEL));
    store.show({ stack: "backend" });
    expect(frames(store)).toMatch(/^all 350\n {2}torch 230\n {4}gemm 225\n {6}aten::mm 225\n {8}gemm 225/);
  });
  test("call: rows without a host side stand for themselves", () => {
    const store = new Store(tiny(MODEL));
    store.show({ stack: "call" });
    expect(frames(store)).toContain("\n  triton_0 90");
    expect(frames(store)).toContain("\n  aten::mm 225\n    gemm 225");
  });
  test("a layer that differs stands apart", () => {
    const odd = [...MODEL, { name: "extra", role: "cpu", layer: 1, module: "model.layers.1.mlp", ns: 90 }];
    const labels = new Store(tiny(odd)).stack.labels;
    expect(labels).toContain("layers 0, 2 ×2");
    expect(labels).toContain("layer 1");
  });
  test("spans that bear their module's name are its own time, and do not keep layers apart", () => {
    const own = [0, 1, 2].map((layer): Row => {
      const module = `model.layers.${layer}.mlp`;
      return { name: module, module, layer, calls: [`annotation ${module}`], onHost: true, ns: 40 };
    });
    const below = MODEL.map((row): Row => ({ ...row, calls: [`operator ${row.name}`], onHost: true }));
    const lines = frames(new Store(tiny([...below, ...own], "host")));
    expect(lines).toContain("  layers 0–2 ×3 420\n    mlp 390\n      up 180");
    expect(lines).not.toContain("model.layers");
  });
  test("paths lead back to their frame", () => {
    const { stack } = new Store(tiny(MODEL));
    for (let frame = 0; frame < stack.size; frame++) expect(stack.find(stack.pathOf(frame))).toBe(frame);
    expect(stack.find(["nowhere"])).toBe(-1);
  });
  test("labels of groups", () => {
    expect(groupLabel([3])).toBe("layer 3");
    expect(groupLabel([0, 2, 4, 6, 8])).toBe("layers 0, 2, 4 … ×5");
  });
});

describe("crossfilter", () => {
  test("a view ignores its own clause and no other", () => {
    const store = new Store(tiny(MODEL));
    store.set("layer", [1]);
    store.set("backend", ["torch"]);
    expect(store.remaining().weight).toBe(60);
    const bars = sumByBar(store.data, store.measure(), store.passing("layer", "position"));
    expect([...bars.slice(6, 12)]).toEqual([5, 60, 60, 60, 45, 0]);
    store.clear("backend");
    expect(store.remaining().weight).toBe(100);
    store.clear();
    expect(store.remaining()).toEqual(store.whole);
  });
  test("the order of clauses does not matter", () => {
    const clauses = { phase: ["decode"], kernel: ["gemm"], layer: [0, 1] };
    const weights = [Object.entries(clauses), Object.entries(clauses).reverse()].map((entries) => {
      const store = new Store(tiny(MODEL));
      for (const [dimension, value] of entries) store.set(dimension as "phase", value as string[]);
      return store.remaining().weight;
    });
    expect(weights).toEqual([120, 120]);
  });
  test("an empty list selects nothing; a value that is not there neither", () => {
    const store = new Store(tiny(MODEL));
    store.replace({ backend: [] });
    expect(store.remaining().weight).toBe(0);
    store.replace({ kernel: ["no such kernel"] });
    expect(store.remaining().weight).toBe(0);
  });
  test("outside of every step is a phase of its own", () => {
    const store = new Store(tiny(MODEL));
    store.set("phase", [""]);
    expect(store.remaining().weight).toBe(45);
  });
  test("search: text, pattern, broken pattern; names, operators and modules", () => {
    expect([...searchIn(["a gemm", "rms"], "GEM").hits]).toEqual([1, 0]);
    expect([...searchIn(["GEMM"], "/^g.mm$/").hits]).toEqual([1]);
    expect([...searchIn(["("], "/(/").hits]).toEqual([0]);
    const store = new Store(tiny(MODEL));
    const found = (...texts: string[]) => {
      store.set("text", texts);
      return store.remaining().weight;
    };
    expect(found("rms")).toBe(30);
    expect(found("ATEN::mm")).toBe(225);
    expect(found("mlp")).toBe(270);
    expect(found("mlp", "gemm")).toBe(180);
  });
  test("calls count what carries the weight", () => {
    const store = new Store(tiny([...MODEL, { name: "aten::mm", op: "x", onHost: true, ns: 9, count: 7 }]));
    expect(store.whole.calls).toBe(MODEL.length);
    store.show({ weight: "count" });
    expect(store.whole.weight).toBe(MODEL.length);
  });
});

describe("selection for Python", () => {
  const store = new Store(tiny(MODEL));
  test("a frame narrows what is selected otherwise", () => {
    store.show({ stack: "model" });
    store.replace({
      layer: [1, 2],
      path: { stack: "model", top: "none", inverted: false, frames: ["layers 0–2 ×3", "norm"] },
    });
    expect(store.selection.layer).toEqual([1, 2]);
    expect(store.remaining().weight).toBe(20);
  });
  test("what a path that leads nowhere selected stays selected", () => {
    store.replace({ path: { stack: "model", top: "none", inverted: false, frames: ["layers 0–2 ×3"] } });
    store.show({ fold: false });
    expect(store.clauses).toEqual({ layer: [0, 1, 2] });
    expect(store.remaining().weight).toBe(300);
  });
  test("a frame of everything is no selection, and none once it leads nowhere", () => {
    const layers = new Store(tiny(MODEL.slice(1, -1)));
    layers.replace({ path: { stack: "model", frames: ["layers 0–2 ×3"] } });
    expect(layers.selection).toEqual({});
    layers.show({ stack: "backend" });
    expect(layers.clauses).toEqual({});
    expect(layers.remaining()).toEqual(layers.whole);
  });
  test("a path that leads to other layers under another weight is none", () => {
    const label = "layers 0, 2, 4 … ×5";
    // Five layers of one kind by time, five others by calls, under one label: the last is not written out.
    const rows = Array.from({ length: 11 }, (_, layer): Row[] => [
      { name: [0, 2, 4, 6, 8].includes(layer) ? "a" : `a${layer}`, layer, ns: 100, count: 1 },
      { name: [0, 2, 4, 6, 10].includes(layer) ? "b" : `b${layer}`, layer, ns: 1, count: 100 },
    ]).flat();
    const odd = new Store(tiny(rows));
    odd.replace({ path: { stack: "model", frames: [label] } });
    const { selection } = odd;
    odd.show({ weight: "count" });
    expect(odd.stack.find([label])).toBeGreaterThan(0);
    expect(odd.selection).toEqual(selection);
    expect(odd.clauses).toEqual({ layer: [0, 2, 4, 6, 8] });
  });
});

describe("clauses", () => {
  test("take what they understand", () => {
    expect(parseClauses({ backend: "vllm", layer: [1, "x", 1], colour: ["red"], path: { stack: "no" } })).toEqual({
      backend: ["vllm"],
      layer: [1],
    });
    for (const nonsense of [null, 5, "x", undefined]) expect(parseClauses(nonsense)).toEqual({});
  });
  test("toggle", () => {
    expect(toggled(undefined, "a")).toEqual(["a"]);
    expect(toggled(["a", "b"], "a")).toEqual(["b"]);
    expect(toggled(["a"], "a")).toBeUndefined();
  });
});

test("details: names, reasons and callers of what is selected", () => {
  const store = new Store(tiny(MODEL));
  store.set("kernel", ["gemm"]);
  const found = describeRows(store.data, store.measure(), store.passing());
  expect(found).toMatchObject({ weight: 225, calls: 4, layers: [0, 1, 2] });
  expect(found.reasons).toEqual([{ evidence: 0, role: 1, confidence: 4, weight: 225 }]);
  expect(operatorChain(store.data, found.operators[0]!.code)).toEqual(["aten::mm"]);
});
