import { describe, expect, test } from "vitest";
import { axisUnit, barPlaces, barRange, barsBetween, positionLabel, tickLayers } from "../src/draw/barpositions";
import { hit, layOut, panned, zoomed } from "../src/draw/layout";
import { contrast, inkOf, mix, pixelOf } from "../src/draw/palette";
import { fillStrip } from "../src/draw/strip";
import { sumByFrame } from "../src/state/aggregate";
import { Store } from "../src/state/store";
import { neighbour } from "../src/views/flamekeys";
import { type Row, tiny } from "./tiny";

function flame(rows: Row[]) {
  const store = new Store(tiny(rows));
  store.show({ stack: "backend" });
  const sums = sumByFrame(store.data, store.stack, store.weights, store.passing());
  return { stack: store.stack, sums, layout: layOut(store.stack, sums) };
}

const KERNELS: Row[] = [
  { name: "a", role: "torch", ns: 50 },
  { name: "b", role: "vllm", ns: 30 },
  { name: "c", role: "vllm", ns: 20 },
];

describe("layout", () => {
  const { stack, layout } = flame(KERNELS);
  test("children fill their parent from the left, the heaviest first", () => {
    for (let frame = 0; frame < stack.size; frame++) {
      let cursor = layout.start[frame];
      for (const child of stack.children(frame)) {
        expect(layout.start[child]).toBeCloseTo(cursor, 12);
        cursor += layout.size[child];
      }
      expect(cursor).toBeLessThanOrEqual(layout.start[frame] + layout.size[frame] + 1e-12);
    }
  });
  test("hit finds what lies under a point, and thin frames beside it", () => {
    const leaves = layout.lanes[3]!;
    const labels = (x: number, tolerance = 0) => stack.labels[hit(layout, 3, x, tolerance)];
    expect([...leaves].map((frame) => stack.labels[frame])).toEqual(["a", "b", "c"]);
    expect([0.1, 0.6, 0.9].map((x) => labels(x))).toEqual(["a", "b", "c"]);
    expect(labels(0.5)).toBe("b"); // half-open
    expect(hit(layout, 9, 0.5, 0)).toBe(-1);
    expect(hit(layout, 3, 1.0005, 0)).toBe(-1);
    expect(labels(1.0005, 0.001)).toBe("c");
  });
  test("nothing to lay out", () => {
    expect(flame([]).layout.lanes).toEqual([]);
  });
  test("keys move between drawn frames", () => {
    const at = (label: string) => stack.labels.indexOf(label);
    expect(neighbour(stack, layout, at("b"), "right")).toBe(at("c"));
    expect(neighbour(stack, layout, at("c"), "right")).toBe(at("c"));
    expect(neighbour(stack, layout, at("c"), "up")).toBe(stack.parent[at("c")]);
    expect(neighbour(stack, layout, 0, "down")).toBe(at("torch"));
    expect(neighbour(stack, layout, 0, "up")).toBe(0);
  });
});

describe("windows", () => {
  test("zoom keeps the point under the pointer", () => {
    const view = zoomed({ from: 0, to: 1 }, 0.5, 0.25);
    expect(view).toEqual({ from: 0.125, to: 0.625 });
    expect(zoomed(view, 100, 0.3)).toEqual({ from: 0, to: 1 });
  });
  test("pan stops at the ends", () => {
    expect(panned({ from: 0.25, to: 0.5 }, -1)).toEqual({ from: 0, to: 0.25 });
    expect(panned({ from: 0.2, to: 0.4 }, 1).to).toBeCloseTo(1, 12);
  });
});

describe("strip", () => {
  const row = (rows: Row[], width: number, view = { from: 0, to: 1 }) => {
    const { stack, layout } = flame(rows);
    const pixels = new Uint32Array(width);
    const labels = fillStrip(
      pixels,
      width,
      { layout, view, firstLane: 3, lastLane: 4, pixelOf: (frame) => stack.labels[frame]!.charCodeAt(0) },
      6,
    );
    return {
      text: [...pixels].map((pixel) => (pixel ? String.fromCharCode(pixel) : ".")).join(""),
      labels: labels.map((label) => stack.labels[label.frame]),
    };
  };
  test("wide frames leave a gap at their right", () => {
    expect(row(KERNELS, 20)).toEqual({ text: "aaaaaaaaa.bbbbb.cccc", labels: ["a", "b"] });
  });
  test("a window shows its part", () => {
    expect(row(KERNELS, 10, { from: 0.5, to: 1 }).text).toBe("bbbbb.cccc");
  });
  test("frames thinner than a pixel share one; a wide one after them is not lost", () => {
    const many: Row[] = Array.from({ length: 20_000 }, (_, i) => ({ name: `t${i}`, role: "vllm", ns: 1 }));
    const { text } = row([...many, { name: "wide", role: "torch", ns: 20_000 }], 20);
    expect(text).toBe("ttttttttttwwwwwwwwww");
  });
});

describe("colours", () => {
  const roles = ["vllm", "torch", "triton", "cpu", "framework", "collectives", "unattributed"];
  test("text on every backend is readable", () => {
    for (const role of roles) expect(contrast(inkOf(role).text, inkOf(role).fill)).toBeGreaterThanOrEqual(4.5);
  });
  test("mixing and pixels", () => {
    expect(mix("#ffffff", "#000000", 0.5)).toBe("#808080");
    expect(pixelOf("#010203")).toBe(0xff030201);
  });
});

describe("bars", () => {
  const places = barPlaces(3);
  test("layers side by side, the rest apart", () => {
    expect(places.map((place) => place.x)).toEqual([-1.75, 0, 1, 2, 3.75, 5.5]);
    const { start, end } = barRange(3);
    expect(start).toBeLessThan(places[0]!.x - 0.5);
    expect(end).toBeGreaterThan(places.at(-1)!.x + 0.5);
  });
  test("a point hits one bar, a brush several, a gap none", () => {
    expect(barsBetween(places, 1.2, 1.2)).toEqual([2]);
    expect(barsBetween(places, 1.2, -0.2)).toEqual([1, 2]);
    expect(barsBetween(places, -0.9, -0.9)).toEqual([]);
  });
  test("labels and units fit", () => {
    expect(tickLayers(28, 20)).toEqual([0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26]);
    expect(tickLayers(500, 1)).toHaveLength(10);
    expect(["before", "after"].map((place) => positionLabel(place, 60))).toEqual(["before", "after"]);
    expect(positionLabel("after", 16)).toBe("post");
    expect(positionLabel("after", 2)).toBe("·");
    expect(axisUnit(5e6)).toEqual({ divisor: 1e6, unit: "ms" });
  });
});
