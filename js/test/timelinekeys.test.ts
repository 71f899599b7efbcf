// Letters mean the same with Caps Lock; Shift with keys that move extends a range.

import { expect, test } from "vitest";
import { rangeSteps, trackAction } from "../src/views/timelinekeys";

const press = (key: string, modifiers: Partial<KeyboardEvent> = {}) => ({ key, ...modifiers }) as KeyboardEvent;

test("letters mean the same in both cases", () => {
  for (const letter of "wsadfz") {
    expect(trackAction(press(letter))).not.toBeNull();
    expect(trackAction(press(letter.toUpperCase()))).toBe(trackAction(press(letter)));
  }
  expect(trackAction(press("W"))).toBe("in");
  expect(trackAction(press("W", { ctrlKey: true }))).toBeNull();
  expect(trackAction(press("x"))).toBeNull();
});

test("only Shift extends a range", () => {
  const steps = (key: string) => rangeSteps(press(key, { shiftKey: true }));
  expect(["ArrowLeft", "ArrowRight", "Home", "End"].map(steps)).toEqual([-1, 1, -Infinity, Infinity]);
  expect(["ArrowUp", "Enter", "w"].map(steps)).toEqual([null, null, null]);
  expect(rangeSteps(press("ArrowRight"))).toBeNull();
  expect(rangeSteps(press("ArrowRight", { shiftKey: true, altKey: true }))).toBeNull();
});
