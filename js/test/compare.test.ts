// A comparison of two real traces (tests/view/test_js_compare_fixture.py): the browser adds up what Python adds up.

import { describe, expect, test } from "vitest";
import { boxes, type Frame, grow, LEVELS, type Levels, type Mode, rooms, singles } from "../src/compare/flametree";
import {
  brief,
  DIMENSIONS,
  type Dimension,
  fits,
  type Pair,
  type Row,
  rowsOf,
  type Selection,
  sums,
  touched,
  wholeOf,
} from "../src/compare/payload";
import { interval, isSure, signedNs, signedShare, tone } from "../src/compare/signs";
import fixture from "./fixtures/comparison.json";

interface Sums {
  pair: Pair;
  sums: { of: Dimension; selection: Selection; a: number[]; b: number[] }[];
}

interface Fixture extends Sums {
  signs: [a: number, b: number, delta: string, share: string][];
  /** Of runs with several steps of two phases. */
  phases: Sums;
}

const { pair, sums: expected, signs, phases } = fixture as unknown as Fixture;
const two = phases.pair;
const PLAIN: Levels = new Set<Dimension>(["category"]);
const APART: Levels = new Set<Dimension>(["layer", "category"]);
const EVERY: Levels = new Set<Dimension>(LEVELS);
/** Leaves come rounded to a picosecond. */
const ROUNDED = 0.0005 * pair.leaves.a.length;
const total = (values: Iterable<number>) => [...values].reduce((sum, value) => sum + value, 0);
/** Python leaves zeros at the end of a number out. */
const narrow = (text: string) =>
  text
    .replace(/[\u202f\u00a0]/g, " ")
    .replace(/(\.\d*?)0+(?= )/, "$1")
    .replace(/\.(?= )/, "");
const row = (a: number, b: number, verdict: Row["verdict"]): Row => ({
  label: "k",
  key: 0,
  a,
  b,
  low: null,
  high: null,
  q: null,
  verdict,
});

describe("sums", () => {
  const all = [...expected.map((one) => ({ ...one, pair })), ...phases.sums.map((one) => ({ ...one, pair: two }))];
  test.each(all.map((one) => [JSON.stringify(one.selection), one.of, one] as const))(
    "of %s by %s are those of Python",
    (_, __, one) => {
      const found = sums(one.pair, one.of, one.selection);
      for (const side of ["a", "b"] as const) {
        one[side].forEach((ns, at) => {
          expect(Math.abs(found[side][at]! - ns)).toBeLessThanOrEqual(ROUNDED);
        });
      }
    },
  );

  test("a view applies all clauses but its own", () => {
    const free = sums(pair, "category", {});
    expect(sums(pair, "category", { category: 1 })).toEqual(free);
    expect(total(sums(pair, "backend", { category: 1 }).a)).toBeCloseTo(free.a[1]!, 6);
  });

  test("what is touched is what fits", () => {
    const selection = { category: 0 };
    const kernels = touched(pair, "kernel", selection);
    const found = pair.leaves.a.map((_, leaf) => leaf).filter((leaf) => fits(pair, leaf, selection));
    expect([...kernels].sort()).toEqual([...new Set(found.map((leaf) => pair.leaves.kernel[leaf]!))].sort());
    expect(kernels.size).toBeLessThan(pair.kernel.length);
  });
});

describe("phases", () => {
  const parts = DIMENSIONS.filter((one) => one !== "phase");

  test.each(parts)("rows of %s within phases are what leaves add up to, and add up to the whole", (of) => {
    const whole = { a: two[of].map(() => 0), b: two[of].map(() => 0) };
    for (const { key } of two.phase) {
      const found = sums(two, of, { phase: key });
      rowsOf(two, of, key).forEach((one, at) => {
        expect(one.key).toBe(at);
        for (const side of ["a", "b"] as const) {
          expect(Math.abs(one[side] - found[side][at]!)).toBeLessThanOrEqual(ROUNDED);
          whole[side][at]! += one[side];
        }
      });
    }
    two[of].forEach((one, at) => {
      for (const side of ["a", "b"] as const)
        expect(Math.abs(one[side] - whole[side][at]!)).toBeLessThanOrEqual(ROUNDED);
    });
  });

  test("phases add up to the total", () => {
    for (const side of ["a", "b"] as const) {
      expect(total(two.phase.map((one) => one[side]))).toBeCloseTo(wholeOf(two)[side], 1);
      expect(two.phase.every((one) => one[side] > 0)).toBe(true);
    }
  });

  test("a part of a row says nothing of the other phase, and the whole stays as it is", () => {
    const before = JSON.stringify(two.kernel);
    const rows = rowsOf(two, "kernel", 0);
    expect(JSON.stringify(two.kernel)).toBe(before);
    expect(rows.some((one, at) => one.a < two.kernel[at]!.a)).toBe(true);
    expect(rows.map(({ label, how }) => [label, how])).toEqual(two.kernel.map(({ label, how }) => [label, how]));
  });

  test("where one phase has all of the time, its rows are the whole", () => {
    const decode = pair.phase.find(({ label }) => label === "decode")!;
    expect(rowsOf(pair, "kernel", decode.key)).toBe(pair.kernel);
    expect(decode.a).toBeCloseTo(wholeOf(pair).a, 2);
  });
});

describe("words", () => {
  test("operators that go together are named by the first where there is little room", () => {
    expect(["a", "a + b", "a + b + c + d"].map(brief)).toEqual(["a", "a + b", "a + 3 more"]);
  });

  test.each(signs)("%d to %d is %s, %s, as in Python", (a, b, delta, share) => {
    expect(narrow(signedNs(b - a))).toBe(narrow(delta));
    expect(narrow(signedShare(a, b - a))).toBe(narrow(share));
  });

  test("nothing to relate to has no share, no interval no ends", () => {
    expect(signedShare(0, 5)).toBe("–");
    expect(interval(row(1, 2, "noise"))).toBe("–");
  });

  test("only what is sure has a colour", () => {
    expect([row(1, 2, "slower"), row(2, 1, "faster"), row(1, 2, "noise"), row(0, 2, "only in B")].map(tone)).toEqual([
      "slow",
      "fast",
      "even",
      "slow",
    ]);
    expect(isSure(row(1, 2, "too few steps"))).toBe(false);
  });
});

describe("flame graph", () => {
  const all = function* (frame: Frame): Generator<Frame> {
    yield frame;
    for (const child of frame.children.values()) yield* all(child);
  };
  const deep = (frame: Frame): number => 1 + Math.max(0, ...[...frame.children.values()].map(deep));

  const choices: [string, Pair, Levels][] = [
    ["categories", pair, PLAIN],
    ["layers", pair, APART],
    ["operators", pair, new Set<Dimension>(["op"])],
    ["everything", pair, EVERY],
    ["phases", two, EVERY],
  ];

  test.each(choices)("every frame is the sum of what is below (%s)", (_, of, shown) => {
    const root = grow(of, {}, shown);
    expect(root.a).toBeCloseTo(total(of.leaves.a), 3);
    for (const frame of all(root)) {
      if (frame.children.size === 0) continue;
      const below = [...frame.children.values()];
      expect(total(below.map(({ a }) => a))).toBeCloseTo(frame.a, 3);
      expect(total(below.map(({ b }) => b))).toBeCloseTo(frame.b, 3);
    }
  });

  test("each level that is chosen is one", () => {
    expect([PLAIN, APART, EVERY].map((shown) => deep(grow(pair, {}, shown)))).toEqual([4, 5, 8]);
  });

  test.each(["category", "op", "phase", "backend"] as const)("frames of one %s are its row", (dimension) => {
    const frames = [...all(grow(two, {}, EVERY))].filter((frame) => frame.dimension === dimension);
    const skipped = dimension === "op" ? singles(two) : new Set();
    for (const { label, a, key } of two[dimension]) {
      if (skipped.has(key)) continue;
      const found = frames.filter((frame) => frame.label === label);
      expect(Math.abs(total(found.map((frame) => frame.a)) - a)).toBeLessThanOrEqual(ROUNDED);
    }
    expect(frames.length).toBeGreaterThan(0);
  });

  test("operators of a category add up to it, with kernels that are their own operator", () => {
    const root = grow(pair, {}, new Set<Dimension>(["category", "op"]));
    const single = singles(pair);
    const kinds = new Set<string>();
    for (const frame of all(root)) {
      if (frame.dimension !== "category") continue;
      const key = frame.row!.key;
      for (const child of frame.children.values()) {
        kinds.add(child.dimension!);
        if (child.dimension === "kernel")
          expect(single.has(pair.op.findIndex((one) => one.label === child.label))).toBe(true);
      }
      expect(key).toBe(pair.category.findIndex((one) => one.label === frame.label));
      expect(total([...frame.children.values()].map(({ b }) => b))).toBeCloseTo(frame.b, 3);
    }
    expect(kinds).toEqual(new Set(["op", "kernel"]));
  });

  test("a selected phase is all there is, and stands beside the others where phases are a level", () => {
    const decode = two.phase.find(({ label }) => label === "decode")!;
    expect(grow(two, { phase: decode.key }, PLAIN).a).toBeCloseTo(decode.a, 1);
    const root = grow(two, { phase: decode.key }, EVERY);
    const lit = [...root.children.values()].filter((frame) => frame.lit > 0);
    expect(lit.map(({ label }) => label)).toEqual(["decode"]);
    expect(root.children.size).toBe(two.phase.length);
  });

  test("frames of a category are those of the table", () => {
    const root = grow(pair, {}, PLAIN);
    for (const { label, a } of pair.category) {
      const found = [...all(root)].filter((frame) => frame.dimension === "category" && frame.label === label);
      expect(Math.abs(total(found.map((frame) => frame.a)) - a)).toBeLessThanOrEqual(ROUNDED);
    }
  });

  test.each(["difference", "a", "b"] as Mode[])("boxes lie within the one above them (%s)", (mode) => {
    const found = boxes(grow(pair, {}, APART), mode);
    const byPath = new Map(found.map((box) => [JSON.stringify(box.path), box]));
    for (const { path, from, width, depth } of found) {
      expect(depth).toBe(path.length);
      if (depth === 0) continue;
      const above = byPath.get(JSON.stringify(path.slice(0, -1)))!;
      expect(from).toBeGreaterThanOrEqual(above.from - 1e-9);
      expect(from + width).toBeLessThanOrEqual(above.from + above.width + 1e-9);
    }
  });

  test("phases, places and layers stand in their order", () => {
    const at = (found: ReturnType<typeof boxes>, one: Dimension) =>
      found.filter(({ frame }) => frame.dimension === one).map(({ frame, from }) => [frame.label, from] as const);
    const sorted = (found: (readonly [string, number])[]) =>
      [...found].sort((x, y) => x[1] - y[1]).map(([label]) => label);
    expect(sorted(at(boxes(grow(two, {}, EVERY), "a"), "phase"))).toEqual(two.phase.map(({ label }) => label));
    expect(sorted(at(boxes(grow(pair, {}, APART), "a"), "layer"))).toEqual(
      pair.layer.map(({ label }) => (/^\d/.test(label) ? `layer ${label}` : label)),
    );
  });

  test("zoomed, a frame takes all the room, and what holds it stands above", () => {
    const root = grow(pair, {}, APART);
    const found = boxes(root, "a", ["layers", "layer 3"]);
    expect(found.slice(0, 3).map(({ frame, width, isAbove }) => [frame.label, width, isAbove])).toEqual([
      ["everything", 100, true],
      ["layers", 100, true],
      ["layer 3", 100, false],
    ]);
    expect(found.every(({ path, isAbove }) => isAbove || path[1] === "layer 3")).toBe(true);
  });

  test("a frame that is not there any more is not zoomed to", () => {
    const root = grow(pair, {}, PLAIN);
    expect(boxes(root, "a", ["gone"])).toEqual(boxes(root, "a"));
  });

  test("what has nothing in A takes no room in A", () => {
    const root = grow(pair, {}, PLAIN);
    const room = rooms(root, "a");
    for (const frame of all(root)) if (frame.a === 0) expect(room.get(frame)).toBe(0);
  });

  test("what is selected is lit", () => {
    const root = grow(pair, { category: 0 }, PLAIN);
    const lit = [...all(root)].filter((frame) => frame.dimension === "category" && frame.lit > 0);
    expect(new Set(lit.map(({ label }) => label))).toEqual(new Set([pair.category[0]!.label]));
  });
});
