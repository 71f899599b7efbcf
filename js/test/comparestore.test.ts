// What is selected in a comparison, by readers and by others.

import { describe, expect, test } from "vitest";
import type { Pair } from "../src/compare/payload";
import { ComparisonStore } from "../src/compare/store";
import fixture from "./fixtures/comparison.json";

const { pair } = fixture as unknown as { pair: Pair };

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

  test("what readers do is told, what others select is followed and not told again", () => {
    const store = new ComparisonStore({ pairs: [pair, pair] });
    let [drawn, told] = [-1, 0];
    store.listen(() => drawn++);
    store.told = () => told++;
    store.toggle("layer", 2);
    store.choosePair(1);
    store.reset();
    expect(told).toBe(3);
    drawn = 0;
    store.follow(0, { layer: 1, kernel: 10 ** 9 });
    expect([store.number, store.selection]).toEqual([0, { layer: 1 }]);
    store.follow(0, { layer: 1 });
    store.follow(7, { layer: 2 });
    expect([store.number, store.selection, drawn, told]).toEqual([0, { layer: 1 }, 1, 3]);
  });
});
