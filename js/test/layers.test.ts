// The layer bars: what is summed, what stands out, where it is drawn.

import { describe, expect, test } from "vitest";
import { bandTicks, niceValues, reachOf } from "../src/draw/baraxis";
import { barPlaces, barRange, barsBetween, positionLabel, tickLayers } from "../src/draw/barpositions";
import { sumByBar } from "../src/state/aggregate";
import { culpritsOf } from "../src/state/culprits";
import { barRows, EVERY_PHASE, phasesOf, sumLayers } from "../src/state/layersums";
import { LEAST_FRAC, LEAST_SIBLINGS, outliersOf } from "../src/state/outliers";
import { Store } from "../src/state/store";
import { fracText } from "../src/views/layersodd";
import { captionOf } from "../src/views/layerswords";
import { Dice } from "./dice";
import { randomRows } from "./oracle";
import { type Row, tiny } from "./tiny";

const LENS = { phase: EVERY_PHASE, isFaceted: false, isShare: false, isPerStep: false };

function stepped(rows: Row[]): Store {
  const data = tiny(rows);
  const last = Math.max(...rows.map((row) => row.step ?? -1));
  data.meta.steps = Array.from({ length: last + 1 }, (_, index) => ({ index, name: "", phase: "" }));
  return new Store(data);
}

const layered = (store: Store) => sumLayers(store.data, store.measure(), store.passing());

describe("sums", () => {
  const rows: Row[] = [
    { name: "a", role: "vllm", layer: 0, phase: "prefill", step: 0, ns: 90 },
    { name: "a", role: "vllm", layer: 0, phase: "decode", step: 1, ns: 10 },
    { name: "a", role: "vllm", layer: 0, phase: "decode", step: 2, ns: 20 },
    { name: "b", role: "torch", layer: 1, phase: "decode", step: 2, ns: 30 },
    { name: "c", role: "cpu", position: "outside", ns: 7 },
  ];
  const store = stepped(rows);
  const sums = layered(store);
  const tops = (lens: Partial<typeof LENS>) =>
    barRows(sums, { ...LENS, ...lens }, store.data.meta.roles.length).map((row) => [...row.tops]);
  const [prefill, decode] = phasesOf(sums);

  test("by phase; what lies outside of steps belongs to all phases together only", () => {
    expect(tops({})).toEqual([[0, 120, 30, 0, 7]]);
    expect(tops({ phase: prefill })).toEqual([[0, 90, 0, 0, 0]]);
    expect(tops({ phase: decode })).toEqual([[0, 30, 30, 0, 0]]);
    expect(tops({ isFaceted: true })).toEqual([
      [0, 90, 0, 0, 0],
      [0, 30, 30, 0, 0],
    ]);
  });
  test("a mean of the steps of what is looked at", () => {
    expect(tops({ isPerStep: true })).toEqual([[0, 40, 10, 0, 7 / 3]]);
    expect(tops({ isPerStep: true, isFaceted: true })).toEqual([
      [0, 90, 0, 0, 0],
      [0, 15, 15, 0, 0],
    ]);
    expect([sums.allSteps, sums.steps[prefill!], sums.steps[decode!]]).toEqual([3, 1, 2]);
  });
  test("a filter leaves the steps that something is left of", () => {
    store.set("backend", ["torch"]);
    expect(layered(store).allSteps).toBe(1);
    store.set("backend", []);
    expect(layered(store).allSteps).toBe(0);
    expect(barRows(layered(store), { ...LENS, isPerStep: true, isFaceted: true }, 7)[0]!.divisor).toBe(1);
    store.clear();
  });
  test.each([1, 2, 3])("phases add up to the bars without them (%d)", (seed) => {
    const random = stepped(randomRows(seed, 60));
    const { roles } = random.data.meta;
    const [row] = barRows(layered(random), LENS, roles.length);
    expect([...row!.sums]).toEqual([...sumByBar(random.data, random.measure(), random.passing())]);
    const bars = random.data.meta.layer_count + 3;
    for (let bar = 0; bar < bars; bar++) {
      expect(row!.tops[bar]).toBe(roles.reduce((sum, _, role) => sum + row!.sums[role * bars + bar]!, 0));
    }
  });
  test("in words", () => {
    const words = (lens: Partial<typeof LENS>) => {
      const full = { ...LENS, ...lens };
      return captionOf(full, barRows(sums, full, 7), "device", (phase) => ["prefill", "decode"][phase] ?? "all");
    };
    expect(words({})).toMatch(/^device time · click/);
    expect(words({ isPerStep: true })).toMatch(/^device time · mean of 3 steps · /);
    expect(words({ isPerStep: true, isFaceted: true })).toContain("prefill: mean of 1 step, decode: mean of 2 steps");
    expect(words({ phase: decode, isShare: true })).toMatch(/^shares of device time · decode here only/);
    expect(words({ phase: 2 })).toContain("nothing of all is left");
  });
});

describe("layers that stand out", () => {
  const group = (count: number) => Array.from({ length: count }, (_, layer) => layer);
  const odd = (values: number[], groups = [group(values.length)]) => outliersOf(values, groups);

  test("a third more than its siblings, and how many these are", () => {
    const values = [100, 101, 99, 100, 134, 100, 98];
    expect(odd(values)).toEqual([{ layer: 4, usual: 100, frac: expect.closeTo(0.34), siblings: [0, 1, 2, 3, 5, 6] }]);
    expect(odd(values.map((value) => 200 - value))[0]).toMatchObject({ layer: 4, frac: expect.closeTo(-0.34) });
  });
  test("equal ones do not, little differences do not, few siblings cannot tell", () => {
    expect(odd([5, 5, 5, 5, 5, 5])).toEqual([]);
    expect(odd([100, 100, 100, 100, 100, 104.9])).toEqual([]);
    expect(odd([100, 100, 100, 100, 100, 105])).toHaveLength(1);
    expect(odd([1, 1, 1, 9])).toEqual([]);
    expect(odd([1, 1, 1, 1, 9])).toHaveLength(1);
    expect(odd([0, 0, 0, 0, 0, 9])).toEqual([]); // nothing to compare with
    expect(odd([])).toEqual([]);
  });
  test("only siblings are compared", () => {
    const values = [10, 10, 10, 10, 10, 90, 90, 90, 90, 90, 20];
    const groups = [[0, 1, 2, 3, 4], [5, 6, 7, 8, 9], [10]];
    expect(odd(values, groups)).toEqual([]);
    expect(odd(values).map(({ layer }) => layer)).not.toEqual([]);
  });
  describe.each(group(20))("laws (%d)", (seed) => {
    const dice = new Dice(seed);
    const values = group(5 + dice.below(30)).map(
      () => 50 + dice.below(20) + (dice.below(9) === 0 ? dice.below(400) : 0),
    );
    const found = odd(values);
    test("what is found keeps the rule", () => {
      for (const { layer, usual, frac, siblings } of found) {
        const others = siblings.map((other) => values[other]!).sort((a, b) => a - b);
        expect(siblings).toEqual(group(values.length).filter((other) => other !== layer));
        expect(siblings.length).toBeGreaterThanOrEqual(LEAST_SIBLINGS);
        expect(Math.abs(frac)).toBeGreaterThanOrEqual(LEAST_FRAC - 1e-12);
        const half = others.length / 2;
        expect(usual).toBe(half % 1 ? others[half - 0.5] : (others[half - 1]! + others[half]!) / 2);
        expect(values[layer]! / usual - 1).toBe(frac);
      }
      expect(found.length).toBeLessThanOrEqual(values.length / 2);
    });
    test("order and scale do not matter", () => {
      const doubled = values.map((value) => value * 8);
      expect(odd(doubled).map(({ layer, frac }) => [layer, frac])).toEqual(
        found.map(({ layer, frac }) => [layer, frac]),
      );
      const last = values.length - 1;
      const turned = odd([...values].reverse()).map(({ layer }) => last - layer);
      expect(turned.sort((a, b) => a - b)).toEqual(found.map(({ layer }) => layer));
    });
    test("what is further out than one that is found is found as well", () => {
      for (const { layer, frac } of found) {
        const further = values.map((value, at) => (at === layer ? value + Math.sign(frac) * value * 0.5 : value));
        expect(odd(further).map((one) => one.layer)).toContain(layer);
      }
    });
  });
  test("what it is mostly owed to", () => {
    const rows = group(6).flatMap((layer): Row[] => [
      { name: "gemm", layer, ns: layer === 3 ? 50 : 100, phase: "decode" },
      { name: "norm", layer, ns: layer === 3 ? 400 : 10 + layer, phase: "prefill" },
      ...(layer === 3 ? [{ name: "extra", layer, ns: 35, phase: "decode" }] : []),
    ]);
    const store = new Store(tiny(rows));
    const { data } = store;
    const [row] = barRows(layered(store), LENS, data.meta.roles.length);
    const found = outliersOf(row!.tops.subarray(1), [group(6)]);
    const why = (phase: number) =>
      culpritsOf(data, store.measure(), store.passing(), phase, found).map(({ name, difference }) => [
        data.strings[name],
        difference,
      ]);
    expect(why(EVERY_PHASE)).toEqual([["norm", 400 - 12]]);
    expect(why(data.meta.phases.indexOf("decode"))).toEqual([["extra", 35]]);
  });
  test("in words", () => {
    const plain = (frac: number) => fracText(frac).replaceAll("\u202f", " ");
    expect([0.344, -0.12, 0.056, 3.4, 11].map(plain)).toEqual(["+34 %", "−12 %", "+5.6 %", "4.4 times", "12 times"]);
  });
});

describe("places", () => {
  const places = barPlaces(3);
  test("layers side by side, the rest apart", () => {
    expect(places.map((place) => place.x)).toEqual([-1.75, 0, 1, 2, 3.75, 5.5]);
    expect(barRange(3)).toEqual({ start: -2.5, end: 6.5 });
  });
  test.each([0, 1, 28, 29, 500])("beside %d layers no place covers another, and all are in sight", (layerCount) => {
    const some = barPlaces(layerCount);
    const { start, end } = barRange(layerCount);
    expect(some).toHaveLength(layerCount + 3);
    some.reduce((edge, { x, size }) => {
      expect(x - size / 2).toBeGreaterThanOrEqual(edge - 1e-9);
      return x + size / 2;
    }, start);
    expect(some.at(-1)!.x + some.at(-1)!.size / 2).toBeLessThan(end);
    expect(some[0]!.size / (end - start)).toBeGreaterThan(0.025);
  });
  test("a point hits one bar, a brush several, a gap none", () => {
    expect(barsBetween(places, 1.2, 1.2)).toEqual([2]);
    expect(barsBetween(places, 1.2, -0.2)).toEqual([1, 2]);
    expect(barsBetween(places, -0.9, -0.9)).toEqual([]);
  });
  test("labels fit", () => {
    expect(tickLayers(28, 20)).toEqual([0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26]);
    expect(tickLayers(500, 1)).toHaveLength(10);
    expect(["before", "after"].map((place) => positionLabel(place, 60))).toEqual(["before", "after"]);
    expect(positionLabel("after", 16)).toBe("post");
    expect(positionLabel("after", 2)).toBe("·");
  });
});

describe("axis of values", () => {
  const texts = (...args: Parameters<typeof bandTicks>) =>
    bandTicks(...args).map(({ text }) => text.replaceAll("\u202f", " "));
  test("round numbers in one unit", () => {
    expect(texts(3.4e6, "ns", 0, 1, 5)).toEqual(["0", "1 ms", "2 ms", "3 ms"]);
    expect(texts(1.1e6, "ns", 0, 1, 5)).toEqual(["0", "0.25 ms", "0.5 ms", "0.75 ms", "1 ms"]);
    expect(texts(1, "share", 0, 1, 5)).toEqual(["0 %", "20 %", "40 %", "60 %", "80 %", "100 %"]);
    expect(texts(2400, "calls", 0, 1, 5)).toEqual(["0", "500", "1,000", "1,500", "2,000"]);
    expect(texts(0, "ns", 0, 1, 5)).toEqual(["0"]);
  });
  test.each([0.3, 1, 7, 99, 1e6, 123_456_789])("at most as many as asked for, and the last ones near %d", (largest) => {
    const values = niceValues(largest, 5);
    expect(values.length).toBeGreaterThan(2);
    expect(values.length).toBeLessThanOrEqual(6);
    expect(values.at(-1)!).toBeLessThanOrEqual(largest * (1 + 1e-9));
    expect(values.at(-1)!).toBeGreaterThan(largest / 2);
  });
  test("rows of bars lie above each other, each within its own", () => {
    for (const [band, largest] of [100, 6].entries()) {
      const ticks = bandTicks(largest, "calls", band, 2, 3);
      expect(ticks[0]!.at).toBe(1 - band);
      expect(ticks.at(-1)!.at).toBeLessThan(2 - band);
      expect(ticks.at(-1)!.at - ticks[0]!.at).toBeCloseTo(largest / reachOf(largest, 2));
    }
  });
});
