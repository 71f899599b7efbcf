// What a flame graph shows as the selection, the options and the reader change it.

import { describe, expect, test } from "vitest";
import { Store } from "../src/state/store";
import { FlameState } from "../src/views/flamestate";
import { type Row, tiny } from "./tiny";

const KERNELS: Row[] = [
  { name: "a", role: "torch", ns: 50 },
  { name: "b", role: "vllm", ns: 30 },
  { name: "c", role: "vllm", ns: 20 },
];

describe("state", () => {
  const make = () => {
    const store = new Store(tiny(KERNELS));
    store.show({ stack: "backend" });
    return { store, state: new FlameState(store) };
  };
  const at = (state: FlameState, label: string) => state.stack.labels.indexOf(label);
  test("what is selected stays in sight where a reader has zoomed to", () => {
    const { store, state } = make();
    state.view = { from: 0.25, to: 0.5 };
    store.set("path", { ...state.stack.way, frames: ["vllm"] });
    expect(state.update()).toBe(false);
    expect(state.view).toEqual({ from: 0.25, to: 0.5 });
    expect(state.stack.labels[state.selected]).toBe("vllm");
    expect([at(state, "b"), at(state, "a")].map(state.standingOf)).toEqual(["plain", "dimmed"]);
  });
  test("a frame that is zoomed to is followed when other things are measured", () => {
    const { store, state } = make();
    state.focus = at(state, "vllm");
    state.cursor = at(state, "c");
    store.show({ weight: "count" });
    expect(state.update()).toBe(true);
    expect(state.stack.labels[state.focus]).toBe("vllm");
    expect(state.stack.labels[state.cursor]).toBe("c");
    expect(state.view.to - state.view.from).toBeCloseTo(2 / 3, 12);
    store.show({ inverted: true });
    state.update();
    expect([state.focus, state.cursor, state.isWhole]).toEqual([0, -1, true]);
  });
  test("found frames are stepped through, round and round, under new filters too", () => {
    const { store, state } = make();
    state.search("other");
    const step = (by: 1 | -1) => state.stack.labels[state.stack.parent[state.step(by)]!];
    expect([step(1), step(1), step(1), step(-1)]).toEqual(["torch", "vllm", "torch", "vllm"]);
    expect(state.standingOf(at(state, "a"))).toBe("dimmed");
    store.set("backend", ["vllm"]);
    state.update();
    expect(state.found?.frames.length).toBe(1);
    state.search("nothing of this name");
    expect([state.step(1), state.standingOf(at(state, "b"))]).toEqual([-1, "plain"]);
  });
  test("a found frame is brought into sight, wide enough to be seen", () => {
    const { state } = make();
    state.search("/^c$/");
    const frame = state.step(1);
    expect(state.closerTo(frame, 0.1)).toBeNull();
    const { from, to } = state.closerTo(frame, 0.5)!;
    expect(state.layout.size[frame]! / (to - from)).toBeGreaterThan(0.5);
    expect([from <= state.layout.start[frame]!, state.isOutside(frame)]).toEqual([true, false]);
    state.view = { from: 0, to: 0.5 };
    expect(state.isOutside(frame)).toBe(true);
  });
  test("frames that share a pixel are marked if any of them was found", () => {
    const { state } = make();
    state.search("/^c$/");
    const { frames, from } = state.layout;
    const lane = [...frames.subarray(from[3], from[4])].map((frame) => state.stack.labels[frame]);
    expect(lane).toEqual(["a", "b", "c"]);
    expect([state.standingOfMany(from[3]!, from[3]! + 2), state.standingOfMany(from[3]!, from[4]!)]).toEqual([
      "dimmed",
      "found",
    ]);
    expect(state.isFound({ from: from[1]! + 1, to: from[2]! })).toBe(true); // below vllm
    expect(state.isFound({ from: from[1]!, to: from[1]! + 1 })).toBe(false);
  });
});
