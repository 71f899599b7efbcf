// How busy a stream is in a window: the union of what ran on it, whichever rows of bars hold it.

import { expect, test } from "vitest";
import { busyOfAny } from "../src/draw/busy";
import { loadOf } from "../src/draw/overview";
import { trackSource } from "../src/draw/trackstrip";
import { Dice } from "./dice";
import { tinyEvents } from "./tinyevents";

type Rows = [start: number, stop: number][][];

function drawn(...lanes: { kind: "stream" | "thread"; rows: Rows }[]) {
  const bars = (rows: Rows) => rows.map((row) => row.map(([start, stop]) => ({ fact: 0, start, dur: stop - start })));
  return trackSource(tinyEvents(lanes.map(({ kind, rows }) => ({ kind, rows: bars(rows) }))), Uint8Array.of(0));
}

const ofStream = (rows: Rows) => drawn({ kind: "stream", rows }).busy[0]!;

const OVERLAPPING: Rows = [
  [
    [10_000, 60_000],
    [100_000, 110_000],
  ],
  [[20_000, 60_000]],
];

test("what overlaps counts once", () => {
  const busy = ofStream(OVERLAPPING);
  expect(busy.within({ from: 0, to: 110_000 })).toBe(60_000);
  expect(busy.within({ from: 15_000, to: 105_000 })).toBe(50_000);
  expect(busy.within({ from: 60_000, to: 100_000 })).toBe(0);
});

test("activities of no length and ones that touch take no time of their own", () => {
  const busy = ofStream([[[0, 10], [10, 20], [30, 30]], [[5, 5], [20, 20], [25, 30]]]); // biome-ignore format: short
  expect(busy.within({ from: -5, to: 50 })).toBe(25);
  expect(ofStream([]).within({ from: 0, to: 50 })).toBe(0);
  expect(busyOfAny([]).within({ from: 0, to: 50 })).toBe(0);
});

test("the overview counts time once in which several streams run, and threads only where there are none", () => {
  const load = (...lanes: Parameters<typeof drawn>) => [...loadOf(drawn(...lanes), { from: 0, to: 100 }, 4)];
  const rows = [[[0, 40]], [[20, 50]]] as Rows;
  const other = [[[30, 60]]] as Rows;
  const thread = { kind: "thread", rows: [[[0, 100]], [[0, 10]]] as Rows } as const;
  expect(load({ kind: "stream", rows }, { kind: "stream", rows: other }, thread)).toEqual([1, 1, 0.4, 0]);
  expect(load(thread)).toEqual([1, 1, 1, 1]);
});

test("another width of the overview adds nothing up anew", () => {
  const [a, b] = [[[[0, 40]]], [[[30, 60]]]] as [Rows, Rows];
  const source = drawn({ kind: "stream", rows: a }, { kind: "stream", rows: b });
  const whole = { from: 0, to: 100 };
  expect([...loadOf(source, whole, 4)]).toEqual([1, 1, 0.4, 0]);
  for (const one of source.busy) {
    Object.defineProperty(one, "starts", {
      get: () => {
        throw new Error("looked through again");
      },
    });
  }
  expect([...loadOf(source, whole, 2)]).toEqual([1, 0.2]);
});

test("however intervals lie, each nanosecond in which one runs counts once", () => {
  const dice = new Dice(11);
  for (let round = 0; round < 60; round++) {
    const rows: Rows = Array.from({ length: dice.below(5) + 1 }, () => {
      const row: Rows[number] = [];
      for (let at = dice.below(8); at < 100; at += dice.below(9)) {
        row.push([at, at + dice.below(12)]);
        at = row.at(-1)![1];
      }
      return row;
    });
    const busy = ofStream(rows);
    const from = dice.below(60);
    const to = from + dice.below(60);
    let truth = 0;
    for (let ns = from; ns < to; ns++) if (rows.flat().some(([start, stop]) => start <= ns && ns < stop)) truth++;
    expect(busy.within({ from, to })).toBe(truth);
    expect(busyOfAny([busy, busy]).within({ from, to })).toBe(truth);
  }
});
