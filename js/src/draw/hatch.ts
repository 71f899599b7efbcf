// Hatching: what tells colours apart where colours cannot. Patterns are called what Bokeh calls them, which has the same.

import { luminance } from "./palette";

export type Hatch = "" | "/" | "\\" | "x" | "-" | "|" | ".";

export interface Inked {
  fill: string;
  hatch: Hatch;
}

interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
  /** Before its words. */
  padding: number;
}

const TILE_PX = 8;
const RISING = "M-1 1 1-1M0 8 8 0M7 9 9 7";
const FALLING = "M-1 7 1 9M0 0 8 8M7-1 9 1";
/** Strokes in a tile of 8 × 8. */
const STROKES: Record<string, string> = {
  "/": RISING,
  "\\": FALLING,
  x: RISING + FALLING,
  "-": "M0 4H8",
  "|": "M4 0V8",
  ".": "M1.2 2h1.6M5.2 6h1.6",
};

const shadeOn = (fill: string, strength = ".3"): string =>
  `rgb(${luminance(fill) < 0.12 ? "255 255 255" : "0 0 0"}/${strength})`;

const weightOf = (hatch: Hatch): number => (hatch === "." ? 1.6 : 1);

/** Patterns for a canvas, made once for each fill. */
export class Hatches {
  private readonly known = new Map<string, CanvasPattern | null>();
  private ratio = 0;

  /** Hatch a box whose edges are whole pixels, which costs a quarter of others, but for what lies behind its words. */
  paint(
    context: CanvasRenderingContext2D,
    ink: Inked,
    ratio: number,
    { left, top, width, height, padding }: Box,
    words: number,
  ): void {
    const pattern = this.on(context, ink, ratio);
    if (!pattern) return;
    context.fillStyle = pattern;
    context.fillRect(left, top, width, height);
    if (words === 0) return;
    const inset = Math.round(height / 7);
    context.fillStyle = ink.fill;
    context.fillRect(left + padding - 2, top + inset, words + 4, height - 2 * inset);
  }

  /** Strokes that can be seen on a fill; null for none. */
  private on(
    context: CanvasRenderingContext2D,
    { fill, hatch }: { fill: string; hatch: Hatch },
    ratio: number,
  ): CanvasPattern | null {
    if (!hatch) return null;
    if (ratio !== this.ratio) this.known.clear();
    this.ratio = ratio;
    const key = hatch + fill;
    let pattern = this.known.get(key);
    if (pattern === undefined) {
      pattern = context.createPattern(tile(hatch, shadeOn(fill), Math.round(TILE_PX * ratio)), "repeat");
      // Tiles are made of device pixels, the canvas is scaled to CSS pixels.
      pattern?.setTransform(new DOMMatrix().scale(1 / ratio));
      this.known.set(key, pattern);
    }
    return pattern;
  }
}

function tile(hatch: Hatch, shade: string, size: number): OffscreenCanvas {
  const canvas = new OffscreenCanvas(size, size);
  const context = canvas.getContext("2d")!;
  context.scale(size / TILE_PX, size / TILE_PX);
  context.strokeStyle = shade;
  context.lineWidth = weightOf(hatch);
  context.stroke(new Path2D(STROKES[hatch]));
  return canvas;
}

/** The same as styles of an element. */
export function inked({ fill, hatch }: Inked, strength?: string): Record<string, string> {
  if (!hatch) return { "background-color": fill };
  const picture = `<svg xmlns='http://www.w3.org/2000/svg' width='8' height='8'><path d='${STROKES[hatch]}' stroke='${shadeOn(fill, strength)}' stroke-width='${weightOf(hatch)}'/></svg>`;
  return { "background-color": fill, "background-image": `url("data:image/svg+xml,${picture}")` };
}
