import { describe, expect, test } from "vitest";
import { chipsOf, sentence } from "../src/state/chips";
import { choicesOf, switched } from "../src/state/choices";
import { OPEN } from "../src/state/clauses";
import { History, SelectionHistory } from "../src/state/history";
import { search } from "../src/state/match";
import { readPattern } from "../src/state/pattern";
import { exactNs, rangeText, timeText } from "../src/state/ranges";
import { Store } from "../src/state/store";
import { durationRange, readDuration, readNumbers } from "../src/state/written";
import { type Row, tiny } from "./tiny";

const MODEL: Row[] = [
  { name: "embed", op: "aten::embedding", position: "before", phase: "decode", module: "model.embed", ns: 5, step: 0 },
  { name: "rms", role: "vllm", category: "norm", layer: 0, phase: "decode", ns: 10, step: 0 },
  { name: "gemm", role: "torch", category: "gemm", layer: 0, phase: "decode", ns: 60, step: 0, count: 2 },
  { name: "rms", role: "vllm", category: "norm", layer: 1, phase: "prefill", ns: 12, step: 1 },
  { name: "gemm", role: "torch", category: "gemm", layer: 1, phase: "prefill", ns: 80, step: 1 },
  { name: "sort", role: "cpu", ns: 33 },
];
const narrow = (text: string) => text.replaceAll("\u202f", " ");

describe("history", () => {
  test("back, forward, and off to elsewhere", () => {
    const history = new History("a");
    history.push("b");
    history.push("c");
    expect([history.undo(), history.undo(), history.undo(), history.redo()]).toEqual(["b", "a", "a", "b"]);
    history.push("d");
    expect([history.canRedo, history.undo(), history.redo()]).toEqual([false, "b", "d"]);
  });
  test("does not grow without end", () => {
    const history = new History(0);
    for (let i = 1; i < 1000; i++) history.push(i);
    for (let i = 0; i < 1000; i++) history.undo();
    expect(history.now).toBe(800);
  });
  const recorded = () => {
    const store = new Store(tiny(MODEL));
    let now = 0;
    const history = new SelectionHistory(store, () => now);
    return { store, history, wait: (ms: number) => (now += ms) };
  };
  test("every change of the selection can be taken back", () => {
    const { store, history } = recorded();
    const seen = [store.clauses];
    store.set("backend", ["vllm"]);
    seen.push(store.clauses);
    store.set("layer", [1]);
    seen.push(store.clauses);
    store.clear();
    for (const clauses of [...seen].reverse()) {
      history.undo();
      expect(store.clauses).toEqual(clauses);
    }
    expect(history.canUndo).toBe(false);
    history.redo();
    expect(store.clauses).toEqual({ backend: ["vllm"] });
  });
  test("what is typed at one go is one step", () => {
    const { store, history, wait } = recorded();
    for (const text of ["g", "ge", "gem"]) {
      store.set("text", [text]);
      wait(200);
    }
    wait(5000);
    store.set("text", ["rms"]);
    history.undo();
    expect(store.clauses.text).toEqual(["gem"]);
    history.undo();
    expect(store.clauses.text).toBeUndefined();
  });
  test("a frame comes back with the stack it was chosen in", () => {
    const { store, history } = recorded();
    store.replace({ path: { stack: "model", frames: store.stack.pathOf(1) } });
    const chosen = store.remaining();
    store.show({ stack: "backend" });
    expect(store.clauses.path).toBeUndefined();
    history.undo();
    expect(store.options.stack).toBe("model");
    expect(store.remaining()).toEqual(chosen);
  });
});

describe("choices", () => {
  test("count what there is under all other filters, like a loop over the rows", () => {
    const store = new Store(tiny(MODEL));
    store.replace({ phase: ["decode"], backend: ["vllm"] });
    const expected = (key: string) => MODEL.filter((row) => row.phase === "decode" && (row.role ?? "torch") === key);
    for (const { key, weight, calls } of choicesOf(store, "backend")) {
      const rows = expected(String(key));
      expect(weight).toBe(rows.reduce((sum, row) => sum + row.ns, 0));
      expect(calls).toBe(rows.reduce((sum, row) => sum + (row.count ?? 1), 0));
    }
  });
  test("numbers in their order, what has none last", () => {
    const choices = choicesOf(new Store(tiny(MODEL)), "layer");
    expect(choices.map(({ key, label }) => [key, label])).toEqual([
      [0, "layer 0"],
      [1, "layer 1"],
      [-1, "outside layers"],
    ]);
    expect(choicesOf(new Store(tiny(MODEL)), "phase").at(-1)).toMatchObject({ key: "", label: "outside steps" });
  });
  test("every choice selects what it counts", () => {
    const store = new Store(tiny(MODEL));
    for (const dimension of [
      "backend",
      "category",
      "layer",
      "phase",
      "step",
      "stream",
      "rank",
      "confidence",
    ] as const) {
      for (const { key, weight, calls } of choicesOf(store, dimension)) {
        store.replace({ [dimension]: [key] });
        expect(store.remaining()).toEqual({ weight, calls });
        store.clear();
      }
    }
  });
  test("out, in again; all of them are no filter", () => {
    const every = ["a", "b", "c"];
    expect(switched(undefined, "b", every)).toEqual(["a", "c"]);
    expect(switched(["a", "c"], "b", every)).toBeUndefined();
    expect(switched(["a"], "a", every)).toEqual([]);
  });
});

describe("ranges as people write them", () => {
  const known = [0, 1, 2, 3, 4, 5, 9];
  test.each([
    ["0-2, 9", [0, 1, 2, 9]],
    ["4-", [4, 5, 9]],
    ["3", [3]],
    ["2 – 4;9", [2, 3, 4, 9]],
    ["5-1000000", [5, 9]],
    ["", []],
  ])("numbers %s", (text, value) => expect(readNumbers(text, known)).toEqual({ value }));
  test.each(["x", "5-3", "77", "1,,-"])("no numbers: %s", (text) =>
    expect(readNumbers(text, known)).toHaveProperty("problem"),
  );
  test.each([
    ["10us", 10_000],
    ["1.5 ms", 1_500_000],
    ["2 s", 2e9],
    ["0", 0],
    ["7µs", 7000],
    [".5us", 500],
    ["1,250 ns", 1250],
    ["", null],
  ])("duration %s", (text, value) => expect(readDuration(text)).toEqual({ value }));
  test.each(["10", "fast", "-3us", "1e99 s"])("no duration: %s", (text) =>
    expect(readDuration(text)).toHaveProperty("problem"),
  );
  test("a duration is read as it was said", () => {
    for (const ns of [0, 1, 999, 1000, 1234, 10_000, 1_500_000, 86_399_123_456_789]) {
      expect(readDuration(narrow(exactNs(ns)))).toEqual({ value: ns });
    }
  });
  test("both ends of what was asked for are in it", () => {
    expect(durationRange(10, 20)).toEqual([10, 21]);
    expect(durationRange(10, null)).toEqual([10, OPEN]);
    expect(durationRange(null, null)).toBeUndefined();
  });
  test("ranges in words", () => {
    expect(narrow(rangeText([10_000, OPEN]))).toBe("≥ 10 µs");
    expect(narrow(rangeText([0, 5001]))).toBe("≤ 5 µs");
    expect(narrow(rangeText([0, 5000]))).toBe("< 5 µs");
    expect(narrow(rangeText([10_000, 50_001]))).toBe("10–50 µs");
    expect(narrow(rangeText([500, 50_001]))).toBe("500 ns – 50 µs");
    expect(narrow(timeText([1_200_000, 3_400_000]))).toBe("1.2–3.4 ms");
    expect(narrow(timeText([1_200_003, 1_200_345]))).toBe("1.200003–1.200345 ms");
  });
});

describe("chips", () => {
  test("say every dimension in words", () => {
    const clauses = {
      backend: ["vllm", "torch", "cpu"],
      layer: [0, 1, 2, 7, -1],
      phase: [""],
      row: [123],
      duration_ns: [[10_000, OPEN] as [number, number]],
      text: ["gemm", "/rms/"],
      category: [],
    };
    expect(narrow(sentence(clauses))).toBe(
      "backend vllm, torch and 1 more · layer 0–2, 7, outside layers · phase outside steps · event 123 · " +
        "duration ≥ 10 µs · text gemm and /rms/ · category nothing",
    );
    expect(chipsOf({})).toEqual([]);
  });
  test("say where in a call tree, however deep", () => {
    const frames = Array.from({ length: 100_000 }, (_, i) => `f${i}`);
    const path = { stack: "call", top: "none", inverted: false, frames } as const;
    const [frame, inside] = chipsOf({ path: { ...path, frames }, under: [7] });
    expect(frame!.text).toBe("… › f99994 › f99995 › f99996 › f99997 › f99998 › f99999");
    expect([inside!.name, inside!.text]).toEqual(["inside", "1 call"]);
  });
});

describe("regular expressions", () => {
  test.each(["/gemm/", "/^(foo|bar)+$/", "/rms_?norm.*kernel/", "/a{2,3}[^x]\\d+/", "/(?:a|b)(?!c)/", "/\\[x\\]/"])(
    "%s is taken",
    (text) => expect(readPattern(text).problem).toBe(""),
  );
  test.each([
    ["/(/", "unterminated"],
    ["/(a+)+$/", "repeat inside a repeat"],
    ["/(a|a)*b/", "repeat inside a repeat"],
    ["/((a?)b?){9,}x/", "repeat inside a repeat"],
    ["/(a|aa)+$/", "repeat inside a repeat"],
    ["/((x)|(x))+y/", "repeat inside a repeat"],
    ["/(?<n>a)/", "Python"],
    ["/\\pL/", "Python"],
    ["/a{,3}/", "Python"],
    ["/[]a/", "Python"],
    ["/(?<=a+)b/", "Python"],
  ])("%s is refused", (text, reason) => expect(readPattern(text).problem).toContain(reason));
  test("a slow one is stopped, and says so: this would take days", () => {
    const names = Array.from({ length: 50 }, (_, i): Row => ({ name: `${"a".repeat(3000)}${i}`, ns: 1 }));
    const data = tiny(names);
    const found = search(data, "/a*a*a*a*a*b/");
    expect(found.problem).toContain("too long");
    expect(found.hits.every((hit) => hit === 0)).toBe(true);
  }, 60_000);
  test("texts longer than Python takes are refused, plain ones too", () => {
    expect(search(tiny(MODEL), "x".repeat(201)).problem).toContain("200");
  });
});
