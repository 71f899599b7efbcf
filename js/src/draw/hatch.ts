// Hatching: what tells colours apart where colours cannot. The same lines as in style/flame.css and style/base.css.

import { luminance } from "./palette";

export type Hatch = "none" | "rising" | "falling";

const TILE_PX = 7;

/** Patterns for a canvas, made once for each direction and shade. */
export class Hatches {
  private readonly known = new Map<string, CanvasPattern | null>();

  /** Lines that can be seen on a fill; null for none. */
  on(context: CanvasRenderingContext2D, hatch: Hatch, fill: string, ratio: number): CanvasPattern | null {
    if (hatch === "none") return null;
    const shade = luminance(fill) < 0.12 ? "rgb(255 255 255 / 38%)" : "rgb(0 0 0 / 34%)";
    const key = `${hatch} ${shade} ${ratio}`;
    let pattern = this.known.get(key);
    if (pattern === undefined) {
      pattern = context.createPattern(tile(hatch, shade, Math.round(TILE_PX * ratio)), "repeat");
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
  context.strokeStyle = shade;
  context.lineWidth = size / 4.5;
  context.beginPath();
  // Three lines, so that the corners of the tile meet those of its neighbours.
  for (const shift of [-size, 0, size]) {
    if (hatch === "rising") {
      context.moveTo(shift, size);
      context.lineTo(shift + size, 0);
    } else {
      context.moveTo(shift, 0);
      context.lineTo(shift + size, size);
    }
  }
  context.stroke();
  return canvas;
}
