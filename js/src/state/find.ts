// Frames whose label matches a search, without filtering anything.

import type { FrameSums } from "./framesums";
import { textTest } from "./match";
import type { Stack } from "./stack";

export interface Found {
  text: string;
  /** Frames that weigh something, from the top of the stack down, left to right. */
  frames: Int32Array;
  /** Their weight; a match inside another one is counted once. */
  weight: number;
  /** 1 for each frame that is a match. */
  is: Uint8Array;
  /** Number of matches before each frame; the last entry is that of all. */
  before: Int32Array;
}

/** Plain text is found anywhere, in any case; `/…/` is a regular expression. Null for an empty search. */
export function findFrames(stack: Stack, sums: FrameSums, text: string): Found | null {
  if (text === "") return null;
  const test = textTest(text);
  const matches = Uint8Array.from(stack.names, (name) => (test(name) ? 1 : 0));
  const { size, nameOf, end } = stack;
  const is = new Uint8Array(size);
  const before = new Int32Array(size + 1);
  let count = 0;
  let weight = 0;
  let counted = 0; // the end of the last match that was counted
  for (let frame = 0; frame < size; frame++) {
    before[frame] = count;
    // The root is no frame of the profile.
    if (frame === 0 || matches[nameOf[frame]] === 0 || !(sums.value[frame] > 0)) continue;
    is[frame] = 1;
    count++;
    if (frame > counted) {
      weight += sums.value[frame];
      counted = end[frame];
    }
  }
  before[size] = count;
  const frames = new Int32Array(count);
  for (let frame = 0, next = 0; frame < size; frame++) if (is[frame]) frames[next++] = frame;
  return { text, frames, weight, is, before };
}
