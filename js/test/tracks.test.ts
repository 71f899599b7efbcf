// A row of a timeline as pixels: gaps stay gaps, long events are solid, the many that share a pixel are as strong as
// they are busy.

import { describe, expect, test } from "vitest";
import { layTracks } from "../src/draw/tracks";
import { fillTrack, LEVELS, type TrackLabel, trackSource } from "../src/draw/trackstrip";
import type { Window } from "../src/draw/window";
import { Dice } from "./dice";
import { tinyEvents } from "./tinyevents";

/** Events of one stream as start and duration; the fact of each is its backend. */
type Bars = [start: number, dur: number, fact?: number][];

function sourceOf(bars: Bars) {
  const rows = [bars.map(([start, dur, fact = 0]) => ({ fact, start, dur }))];
  return trackSource(tinyEvents([{ kind: "stream", rows }]), Uint8Array.from([0, 1]));
}

/** A letter for each backend, small where dimmed, and how covered the pixel is: "a8". */
const INKS = {
  pixel: (role: number, covered: number, dimmed: boolean) => (role + 1) * 100 + covered + (dimmed ? 50 : 0),
};

function shown(pixel: number): string {
  const letter = "·ab"[Math.floor(pixel / 100)]!;
  if (pixel === 0) return "·";
  return `${pixel % 100 > 50 ? letter : letter.toUpperCase()}${pixel % 50}`;
}

function fill(source: ReturnType<typeof sourceOf>, view: Window, width: number, labelWidth = 1e9) {
  const pixels = new Uint32Array(width);
  const [row] = layTracks(source.events.meta.lanes, new Map()).rows;
  const labels: TrackLabel[] = fillTrack(pixels, 0, width, row!, view, source, INKS, labelWidth);
  return { pixels, labels, picture: [...pixels].map(shown).join(" ") };
}

/** Evenly spaced: each takes `dur` of every `every` nanoseconds. */
const even = (from: number, to: number, every: number, dur: number, fact = 0): Bars =>
  Array.from({ length: (to - from) / every }, (_, i) => [from + i * every, dur, fact]);

describe("few events", () => {
  test("are bars with a gap behind them, cut to the window", () => {
    const source = sourceOf([
      [0, 60],
      [60, 40, 1],
      [100, 1],
    ]);
    expect(fill(source, { from: 0, to: 120 }, 12).picture).toBe("A8 A8 A8 A8 A8 · B8 B8 B8 · A1 ·");
    expect(fill(source, { from: 40, to: 80 }, 4).picture).toBe("A8 A8 B8 B8");
    expect(fill(source, { from: 200, to: 300 }, 4).picture).toBe("· · · ·");
  });
  test("are labelled where there is room", () => {
    const { labels } = fill(sourceOf([[0, 60], [60, 40, 1]]), { from: 0, to: 100 }, 10, 5); // biome-ignore format: short
    expect(labels).toEqual([{ event: 0, left: 0, width: 6 }]);
  });
});

describe("many events in a pixel", () => {
  test("are as strong as they are busy, and gaps between them stay", () => {
    const bars = [...even(0, 4000, 10, 10), ...even(8000, 12000, 10, 5, 1)];
    const { picture } = fill(sourceOf(bars), { from: 0, to: 16000 }, 8);
    expect(picture).toBe("A8 A8 · · B4 B4 · ·");
  });
  test("a long one amid them is drawn by itself", () => {
    const bars: Bars = [...even(0, 4000, 10, 5), [4000, 6000, 1], ...even(10000, 16000, 10, 5)];
    const { picture, labels } = fill(sourceOf(bars), { from: 0, to: 16000 }, 16, 6);
    expect(picture).toBe("A4 A4 A4 A4 B8 B8 B8 B8 B8 · A4 A4 A4 A4 A4 A4");
    expect(labels).toEqual([{ event: 400, left: 4, width: 6 }]);
  });
  test("what is not selected is dimmed, or left out", () => {
    const source = sourceOf([...even(0, 4000, 10, 10), ...even(4000, 8000, 10, 10, 1)]);
    source.selected = Uint8Array.from({ length: 800 }, (_, event) => (event < 400 ? 1 : 0));
    expect(fill(source, { from: 0, to: 8000 }, 4).picture).toBe("A8 A8 b8 b8");
    source.hidesRest = true;
    expect(fill(source, { from: 0, to: 8000 }, 4).picture).toBe("A8 A8 · ·");
  });
  test("however they are strewn, a pixel tells its own share of time", () => {
    const dice = new Dice(7);
    const bars: Bars = [];
    for (let at = 0; at < 400_000; ) {
      const dur = dice.next() < 0.002 ? 20_000 * dice.next() : 1 + 30 * dice.next();
      bars.push([at, dur]);
      at += dur + (dice.next() < 0.005 ? 8000 * dice.next() : 20 * dice.next());
    }
    const source = sourceOf(bars);
    for (const { from, to } of [
      { from: 0, to: 420_000 },
      { from: 33_000.7, to: 260_000.1 },
    ]) {
      // biome-ignore format: short
      const [width, nsPerPx] = [200, (to - from) / 200];
      const { pixels } = fill(source, { from, to }, width);
      for (let x = 0; x < width; x++) {
        const [begin, end] = [from + x * nsPerPx, from + (x + 1) * nsPerPx];
        const inside = bars.filter(([start, dur]) => start + dur > begin && start < end);
        if (inside.some(([, dur]) => dur >= nsPerPx * 0.9)) continue; // solid up to where it ends
        const taken = inside.reduce(
          (sum, [start, dur]) => sum + Math.min(start + dur, end) - Math.max(start, begin),
          0,
        );
        // Borders are an eighth of a pixel off at most, and so are the ends of what began in it.
        expect(Math.abs((pixels[x]! % 100) - (taken / nsPerPx) * LEVELS)).toBeLessThan(2.6);
      }
    }
  });
});
