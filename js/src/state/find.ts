// Frames whose label matches a search, without filtering anything.

import { unmarked } from "../data/format";
import type { FrameSums } from "./framesums";
import { searchIn } from "./match";
import type { Stack } from "./stack";

export interface Found {
  text: string;
  /** Why nothing was looked for, or not everything; empty otherwise. */
  problem: string;
  /** Frames that weigh something, from the top of the stack down, left to right. */
  frames: Int32Array;
  /** Their weight; a match inside another one is counted once. */
  weight: number;
  /** 1 for each frame that is a match. */
  is: Uint8Array;
  /** Number of matches before each frame; the last entry is that of all. */
  before: Int32Array;
}

/** As names are searched for a filter. Null for an empty search. */
export function findFrames(stack: Stack, sums: FrameSums, text: string): Found | null {
  if (text === "") return null;
  const { hits, problem } = searchIn(stack.names, text, unmarked);
  const { size, nameOf, end } = stack;
  const is = new Uint8Array(size);
  const before = new Int32Array(size + 1);
  let count = 0;
  let weight = 0;
  let counted = 0; // the end of the last match that was counted
  for (let frame = 0; frame < size; frame++) {
    before[frame] = count;
    // The root is no frame of the profile.
    if (frame === 0 || hits[nameOf[frame]] === 0 || !(sums.value[frame] > 0)) continue;
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
  return { text, problem, frames, weight, is, before };
}
