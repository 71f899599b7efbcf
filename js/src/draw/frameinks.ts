// Colours of frames: containers stay neutral, the work itself carries its backend or its category.

import type { ColourKind, FrameSums } from "../state/framesums";
import type { Stack } from "../state/stack";
import type { FrameKind } from "../state/tokens";
import { categoryInk } from "./categoryinks";
import type { Hatch } from "./hatch";
import { inkOf, mix, pixelOf, readableOn } from "./palette";

export interface FrameInk {
  fill: string;
  text: string;
  pixel: number;
  hatch: Hatch;
}

/** How a frame stands out. */
export type Standing = "plain" | "dimmed" | "found";

/** What frames of one backend or category look like. */
export interface KeyInk {
  label: string;
  fill: string;
  hatch: Hatch;
}

/** How much of its colour a frame of each kind shows; what is missing is neutral. */
const STRENGTH: Partial<Record<FrameKind, number>> = {
  backend: 1,
  category: 0.82,
  operator: 0.8,
  span: 0.8,
  kernel: 1,
};
/** How much of the text's colour a neutral frame shows. */
const NEUTRAL: Partial<Record<FrameKind, number>> = { root: 0.1, phase: 0.2, step: 0.2, layer: 0.17, place: 0.17 };
const NEUTRAL_ELSE = 0.12;
/** How much of it is left where a frame holds work of others, too. */
const MIXED = 0.55;
const BLOCK = 0.055;
const DIMMED = 0.26;
/** As browsers mark what they find; all else is dimmed meanwhile. */
const FOUND = "#ffd60a";

export class FrameInks {
  private readonly known = new Map<string, FrameInk>();
  readonly block: FrameInk;
  readonly foundBlock: FrameInk;

  constructor(
    private readonly stack: Stack,
    private readonly sums: FrameSums,
    private readonly keys: readonly KeyInk[],
    private readonly by: ColourKind,
    private readonly ink: string,
    private readonly surface: string,
  ) {
    this.block = this.inked(mix(ink, surface, BLOCK), "");
    this.foundBlock = this.inked(mix(FOUND, surface, 0.55), "");
  }

  of(frame: number, standing: Standing): FrameInk {
    const kind = this.stack.kindOf(frame);
    // A backend's frame has all categories below it.
    const full = kind === "backend" && this.by === "category" ? 0 : (STRENGTH[kind] ?? 0);
    const strength = this.sums.pure[frame] ? full : full * MIXED;
    const key = this.sums.key[frame];
    const id = `${standing} ${strength === 0 ? kind : `${key} ${strength}`}`;
    let found = this.known.get(id);
    if (!found) {
      const own = this.keys[key];
      const neutral = mix(this.ink, this.surface, NEUTRAL[kind] ?? NEUTRAL_ELSE);
      const fill = strength === 0 || !own ? neutral : mix(own.fill, this.surface, strength);
      const hatch = strength === 0 || !own ? "" : own.hatch;
      if (standing === "plain") found = this.inked(fill, hatch);
      else if (standing === "found") found = this.inked(FOUND, "");
      else found = { ...this.inked(mix(fill, this.surface, DIMMED), ""), text: mix(this.ink, this.surface, 0.6) };
      this.known.set(id, found);
    }
    return found;
  }

  private inked(fill: string, hatch: Hatch): FrameInk {
    return { fill, text: readableOn(fill), pixel: pixelOf(fill), hatch };
  }
}

/** Looks of all backends or categories, by code. */
export function keyInks(
  by: ColourKind,
  roles: readonly { key: string; label: string }[],
  categories: readonly string[],
): KeyInk[] {
  if (by === "category") return categories.map((category) => ({ label: category, ...categoryInk(category) }));
  return roles.map(({ key, label }) => ({ label, ...inkOf(key) }));
}
