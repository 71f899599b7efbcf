// What a flame graph draws and finds, without a canvas.

import { describe, expect, test } from "vitest";
import { hit, layOut, nextWide, positionOf, previousWide } from "../src/draw/layout";
import { blockOf, eachDrawn } from "../src/draw/smaller";
import { fillStrip } from "../src/draw/strip";
import { panned, zoomed } from "../src/draw/window";
import { findFrames } from "../src/state/find";
import { divided, sumFrames } from "../src/state/framesums";
import { Store } from "../src/state/store";
import { faraway, keyAction, neighbour } from "../src/views/flamekeys";
import { type Row, tiny } from "./tiny";

function flame(rows: Row[]) {
  const store = new Store(tiny(rows));
  store.show({ stack: "backend" });
  const sums = sumFrames(store.stack, store.measure(), store.passing(), "backend");
  return { store, stack: store.stack, sums, layout: layOut(store.stack, sums) };
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
    const leaves = layout.frames.subarray(layout.from[3], layout.from[4]);
    const labels = (x: number, tolerance = 0) => stack.labels[hit(layout, 3, x, tolerance)];
    expect([...leaves].map((frame) => stack.labels[frame])).toEqual(["a", "b", "c"]);
    expect([0.1, 0.6, 0.9].map((x) => labels(x))).toEqual(["a", "b", "c"]);
    expect(labels(0.5)).toBe("b"); // half-open
    expect(hit(layout, 9, 0.5, 0)).toBe(-1);
    expect(hit(layout, 3, 1.0005, 0)).toBe(-1);
    expect(labels(1.0005, 0.001)).toBe("c");
  });
  test("nothing to lay out", () => {
    expect(flame([]).layout.laneCount).toBe(0);
  });
  test("keys move between drawn frames", () => {
    const at = (label: string) => stack.labels.indexOf(label);
    expect(neighbour(layout, at("b"), "right")).toBe(at("c"));
    expect(neighbour(layout, at("c"), "right")).toBe(at("c"));
    expect(neighbour(layout, at("c"), "up")).toBe(stack.parent[at("c")]);
    expect(neighbour(layout, 0, "down")).toBe(at("torch"));
    expect(neighbour(layout, 0, "up")).toBe(0);
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
  const row = (rows: Row[], width: number, view = { from: 0, to: 1 }, least = 0) => {
    const { stack, layout } = flame(rows);
    const letter = (frame: number) => stack.labels[frame]!.charCodeAt(0);
    const pixels = new Uint32Array(width);
    const labels = fillStrip(
      pixels,
      width,
      {
        layout,
        view,
        firstLane: 3,
        lastLane: 4,
        least,
        pixelOf: letter,
        pixelOfMany: (from, to) => letter(layout.frames[(from + to - 1) >> 1]!),
        pixelOfBlock: () => "#".charCodeAt(0),
      },
      6,
    );
    return {
      text: [...pixels].map((pixel) => (pixel ? String.fromCharCode(pixel) : ".")).join(""),
      labels: labels.map((piece) => (piece.block ? piece.block.to - piece.block.from : stack.labels[piece.frame])),
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
  test("frames below a share of the window stand in one block", () => {
    const tail: Row[] = ["d", "e"].map((name) => ({ name, role: "vllm", ns: 5 }));
    const rows: Row[] = [...KERNELS, { name: "a", role: "torch", ns: 20 }, ...tail];
    expect(row(rows, 26, { from: 0, to: 1 }, 0.1)).toEqual({ text: "aaaaaaaaaaaaa.bbbbb.ccc.##", labels: ["a", "b"] });
    // Zoomed in, they are large enough.
    expect(row(rows, 12, { from: 100 / 130, to: 1 }, 0.1).text).toBe("ccccccc.ddee");
  });
});

describe("smaller frames", () => {
  /** A few wide frames among many small ones under two backends. */
  const rows: Row[] = [
    ...Array.from({ length: 3000 }, (_, i): Row => ({ name: `v${i}`, role: "vllm", ns: 1 + ((i * 7919) % 13) })),
    ...Array.from({ length: 300 }, (_, i): Row => ({ name: `t${i}`, role: "torch", ns: 1 + ((i * 104_729) % 400) })),
    { name: "wide", role: "vllm", ns: 9000 },
  ];
  const { layout } = flame(rows);
  test.each([0.0001, 0.001, 0.01, 0.2])("nothing vanishes: frames and blocks cover a lane (%d)", (least) => {
    for (const stretch of [
      { from: 0, to: 1 },
      { from: 0.31, to: 0.47 },
    ]) {
      for (let lane = 0; lane < layout.laneCount; lane++) {
        const seen: [from: number, to: number][] = [];
        eachDrawn(
          layout,
          lane,
          stretch,
          least,
          (frame) => seen.push([layout.start[frame]!, layout.start[frame]! + layout.size[frame]!]),
          (block) => {
            seen.push([block.start, block.start + block.size]);
            for (let at = block.from; at < block.to; at++) {
              const frame = layout.frames[at]!;
              expect(layout.size[frame]).toBeLessThan(least);
              expect(blockOf(layout, frame, least)).toEqual(block);
            }
          },
        );
        // Where a frame is drawn, all of its inside is.
        for (let at = layout.from[lane]!; at < layout.from[lane + 1]!; at++) {
          const frame = layout.frames[at]!;
          const middle = layout.start[frame]! + layout.size[frame]! / 2;
          const isInside = middle > stretch.from && middle < stretch.to;
          const isShown = frame === 0 || layout.size[layout.parent[frame]!]! >= least;
          if (isInside) expect(seen.some(([from, to]) => from <= middle && middle <= to)).toBe(isShown);
        }
        for (let i = 1; i < seen.length; i++) expect(seen[i]![0]).toBeGreaterThanOrEqual(seen[i - 1]![1] - 1e-9);
      }
    }
  });
  test("wide frames are found among small ones, forwards and backwards", () => {
    const { frames, size, from } = layout;
    const [begin, end] = [from[3]!, from[4]!];
    for (const least of [0.001, 0.01, 0.9]) {
      for (let at = begin; at < end; at += 97) {
        const after = [...frames.subarray(at, end)].findIndex((frame) => size[frame]! >= least);
        expect(nextWide(layout, at, end, least)).toBe(after < 0 ? end : at + after);
        const before = [...frames.subarray(begin, at)].map((frame) => size[frame]! >= least).lastIndexOf(true);
        expect(previousWide(layout, at, begin, least)).toBe(before < 0 ? begin - 1 : begin + before);
      }
    }
    for (let at = begin; at < end; at++) expect(positionOf(layout, frames[at]!)).toBe(at);
  });
  test("keys take a block as one stop", () => {
    const tail: Row[] = [
      { name: "a", role: "torch", ns: 60 },
      ...KERNELS,
      { name: "d", role: "vllm", ns: 1 },
      { name: "e", role: "vllm", ns: 1 },
    ];
    const { stack, layout } = flame(tail);
    const at = (label: string) => stack.labels.indexOf(label);
    expect(neighbour(layout, at("c"), "right", 0.02)).toBe(at("d"));
    expect(neighbour(layout, at("d"), "right", 0.02)).toBe(at("d"));
    expect(neighbour(layout, at("e"), "left", 0.02)).toBe(at("c"));
    expect(neighbour(layout, at("b"), "last")).toBe(at("e"));
    expect(neighbour(layout, at("e"), "first")).toBe(at("b"));
    expect(faraway(layout, 0, "down", 99)).toBe(at("a"));
    expect(faraway(layout, at("a"), "up", 99)).toBe(0);
  });
});

describe("find", () => {
  const { stack, sums } = flame(KERNELS);
  const found = (text: string) => findFrames(stack, sums, text)!;
  const labels = (text: string) => [...found(text).frames].map((frame) => stack.labels[frame]);
  test("text and pattern; a match inside another one weighs once", () => {
    expect(labels("O")).toEqual(["torch", "other", "other"]);
    expect(found("o").weight).toBe(100);
    expect(labels("/^[bc]$/")).toEqual(["b", "c"]);
    expect(found("/^[bc]$/").weight).toBe(50);
    expect(found("all").frames.length).toBe(0);
    expect(found("/(/")).toMatchObject({ weight: 0, problem: "unterminated group" });
    expect(found("x".repeat(201)).problem).toContain("200");
    expect(findFrames(stack, sums, "")).toBeNull();
  });
  test("the marks around names of other scripts are no part of them", () => {
    const { stack, sums } = flame([{ name: "\u05e9\u05dc\u05d5\u05dd k", role: "torch", ns: 5 }]);
    const [label] = [...findFrames(stack, sums, "/^\u05e9/")!.frames].map((frame) => stack.labels[frame]);
    expect(label).toBe("\u2068\u05e9\u05dc\u05d5\u05dd k\u2069");
    expect(findFrames(stack, sums, "/k$/")!.frames.length).toBe(1);
    expect(findFrames(stack, sums, "\u2068")!.frames.length).toBe(0);
  });
});

test("frames divide among backends and categories", () => {
  const rows: Row[] = [
    { name: "a", role: "torch", category: "gemm", ns: 5 },
    { name: "a", role: "vllm", category: "gemm", ns: 7 },
    { name: "b", role: "vllm", category: "norm", ns: 1 },
  ];
  const store = new Store(tiny(rows));
  store.show({ stack: "backend", inverted: true });
  const { stack } = store;
  for (const by of ["backend", "category"] as const) {
    const sums = sumFrames(stack, store.measure(), store.passing(), by);
    const kernel = stack.labels.indexOf("a");
    const parts = divided(stack, sums, kernel, by).map(({ code, weight }) => [code, weight]);
    expect(parts).toEqual(by === "backend" ? [[0, 7], [1, 5]] : [[2, 12]]); // biome-ignore format: pairs
    expect([sums.value[kernel], sums.key[kernel], sums.pure[kernel]]).toEqual([
      12,
      parts[0]![0],
      by === "backend" ? 0 : 1,
    ]);
  }
});

test("keys with a modifier stay the browser's", () => {
  const key = (key: string, modifiers = {}) =>
    keyAction({ key, ctrlKey: false, metaKey: false, altKey: false, ...modifiers } as KeyboardEvent);
  expect(["Home", "PageDown", "/", "u", "Tab", "Escape"].map((name) => key(name))).toEqual([
    "first",
    "pageDown",
    "find",
    "fold",
    null,
    null,
  ]);
  expect(key("0", { ctrlKey: true })).toBeNull();
  // Caps Lock makes capitals, and small letters of Shift.
  const [capital, both] = [key("N"), key("n", { shiftKey: true })];
  expect([key("n"), capital, key("N", { shiftKey: true }), both]).toEqual(["next", "next", "previous", "previous"]);
  expect([key("Z"), key("U")]).toEqual([key("z"), key("u")]);
});
