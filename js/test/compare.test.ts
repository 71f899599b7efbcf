// A comparison of two real traces (tests/view/test_js_compare_fixture.py): the browser adds up what Python adds up.

import { describe, expect, test } from "vitest";
import { boxes, type Frame, grow, type Mode, rooms } from "../src/compare/flametree";
import { type Dimension, fits, type Pair, type Row, type Selection, sums, touched } from "../src/compare/payload";
import { interval, isSure, signedNs, signedShare, tone } from "../src/compare/signs";
import { ComparisonStore } from "../src/compare/store";
import fixture from "./fixtures/comparison.json";

interface Fixture {
  pair: Pair;
  sums: { of: Dimension; selection: Selection; a: number[]; b: number[] }[];
  signs: [a: number, b: number, delta: string, share: string][];
}

const { pair, sums: expected, signs } = fixture as unknown as Fixture;
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
  test.each(expected.map((one) => [JSON.stringify(one.selection), one.of, one] as const))(
    "of %s by %s are those of Python",
    (_, __, one) => {
      const found = sums(pair, one.of, one.selection);
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

describe("words", () => {
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

describe("selection", () => {
  test("toggles, resets, and is not taken to another pair", () => {
    const store = new ComparisonStore({ pairs: [pair, pair] });
    let drawn = 0;
    store.listen(() => drawn++);
    store.toggle("layer", 2);
    store.toggle("kernel", 1);
    store.toggle("layer", 2);
    expect(store.selection).toEqual({ kernel: 1 });
    store.choosePair(1);
    expect(store.selection).toEqual({});
    expect(drawn).toBe(5);
  });
});

describe("flame graph", () => {
  const all = function* (frame: Frame): Generator<Frame> {
    yield frame;
    for (const child of frame.children.values()) yield* all(child);
  };
  const deep = (frame: Frame): number => 1 + Math.max(0, ...[...frame.children.values()].map(deep));

  test.each([true, false])("every frame is the sum of what is below (folded: %s)", (isFolded) => {
    const root = grow(pair, {}, isFolded);
    expect(root.a).toBeCloseTo(total(pair.leaves.a), 3);
    for (const frame of all(root)) {
      if (frame.children.size === 0) continue;
      const below = [...frame.children.values()];
      expect(total(below.map(({ a }) => a))).toBeCloseTo(frame.a, 3);
      expect(total(below.map(({ b }) => b))).toBeCloseTo(frame.b, 3);
    }
    expect(deep(root)).toBe(isFolded ? 4 : 5);
  });

  test("frames of a category are those of the table", () => {
    const root = grow(pair, {}, true);
    for (const { label, a } of pair.category) {
      const found = [...all(root)].filter((frame) => frame.dimension === "category" && frame.label === label);
      expect(Math.abs(total(found.map((frame) => frame.a)) - a)).toBeLessThanOrEqual(ROUNDED);
    }
  });

  test.each(["difference", "a", "b"] as Mode[])("boxes lie within the one above them (%s)", (mode) => {
    const found = boxes(grow(pair, {}, false), mode);
    const byPath = new Map(found.map((box) => [JSON.stringify(box.path), box]));
    for (const { path, from, width, depth } of found) {
      expect(depth).toBe(path.length);
      if (depth === 0) continue;
      const above = byPath.get(JSON.stringify(path.slice(0, -1)))!;
      expect(from).toBeGreaterThanOrEqual(above.from - 1e-9);
      expect(from + width).toBeLessThanOrEqual(above.from + above.width + 1e-9);
    }
  });

  test("zoomed, a frame takes all the room, and what holds it stands above", () => {
    const root = grow(pair, {}, false);
    const found = boxes(root, "a", ["layers", "layer 3"]);
    expect(found.slice(0, 3).map(({ frame, width, isAbove }) => [frame.label, width, isAbove])).toEqual([
      ["everything", 100, true],
      ["layers", 100, true],
      ["layer 3", 100, false],
    ]);
    expect(found.every(({ path, isAbove }) => isAbove || path[1] === "layer 3")).toBe(true);
  });

  test("a frame that is not there any more is not zoomed to", () => {
    const root = grow(pair, {}, true);
    expect(boxes(root, "a", ["gone"])).toEqual(boxes(root, "a"));
  });

  test("what has nothing in A takes no room in A", () => {
    const root = grow(pair, {}, true);
    const room = rooms(root, "a");
    for (const frame of all(root)) if (frame.a === 0) expect(room.get(frame)).toBe(0);
  });

  test("what is selected is lit", () => {
    const root = grow(pair, { category: 0 }, true);
    const lit = [...all(root)].filter((frame) => frame.dimension === "category" && frame.lit > 0);
    expect(new Set(lit.map(({ label }) => label))).toEqual(new Set([pair.category[0]!.label]));
  });
});
