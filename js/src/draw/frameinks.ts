// Colours of frames: containers stay neutral, operators and kernels carry their backend.

import type { FrameSums } from "../state/aggregate";
import type { FrameKind, Stack } from "../state/stack";
import { inkOf, mix, pixelOf, readableOn } from "./palette";

export interface FrameInk {
  fill: string;
  text: string;
  pixel: number;
}

/** How much of the backend's colour a frame of each kind shows; 0 is neutral. */
const STRENGTH: Record<FrameKind, number> = {
  root: 0,
  place: 0,
  layer: 0,
  module: 0,
  call: 0,
  backend: 1,
  category: 0.82,
  operator: 0.8,
  kernel: 1,
};
const DIMMED = 0.26;

export class FrameInks {
  private readonly known = new Map<string, FrameInk>();

  constructor(
    private readonly stack: Stack,
    private readonly sums: FrameSums,
    private readonly roleKeys: readonly string[],
    private readonly ink: string,
    private readonly surface: string,
  ) {}

  of(frame: number, dimmed: boolean): FrameInk {
    const kind = this.stack.kinds[frame]!;
    const strength = STRENGTH[kind];
    const neutral = strength === 0 ? (kind === "root" ? 0.1 : kind === "layer" || kind === "place" ? 0.17 : 0.12) : 0;
    const key = `${strength === 0 ? neutral : this.sums.role[frame]} ${strength} ${dimmed}`;
    let found = this.known.get(key);
    if (!found) {
      const colour = inkOf(this.roleKeys[this.sums.role[frame]!] ?? "").fill;
      const full = strength === 0 ? mix(this.ink, this.surface, neutral) : mix(colour, this.surface, strength);
      const fill = dimmed ? mix(full, this.surface, DIMMED) : full;
      found = { fill, text: dimmed ? mix(this.ink, this.surface, 0.6) : readableOn(fill), pixel: pixelOf(fill) };
      this.known.set(key, found);
    }
    return found;
  }
}
