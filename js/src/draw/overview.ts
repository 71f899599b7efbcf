// The whole trace in one strip, with the window in it.

import { type BusyTime, busyOfAny } from "./busy";
import { mix } from "./palette";
import { prepared } from "./timeaxis";
import type { Look } from "./trackpainter";
import type { TrackSource } from "./trackstrip";
import type { Window } from "./window";

export const OVERVIEW_HEIGHT = 26;

/** Unions of what the lanes did: of a million events one takes a tenth of a second, too long for each step of a resize. */
const unions = new WeakMap<TrackSource["busy"], BusyTime>();

/** Share of each pixel's time in which something ran: on the streams, or on the threads where there are none. */
export function loadOf({ busy }: TrackSource, whole: Window, width: number): Float64Array {
  const any = unions.get(busy) ?? busyOfAny(busy.filter((one) => one !== null));
  unions.set(busy, any);
  const step = (whole.to - whole.from) / width;
  return new Float64Array(width).map((_, x) => {
    const from = whole.from + x * step;
    return any.within({ from, to: from + step }) / step;
  });
}

export class OverviewPainter {
  /** The load, drawn once: it is the same in every frame. */
  private ground: { canvas: OffscreenCanvas; load: Float64Array; look: Look } | null = null;

  constructor(private readonly canvas: HTMLCanvasElement) {}

  paint(load: Float64Array, whole: Window, view: Window, brush: Window | null, look: Look, width: number): void {
    const context = prepared(this.canvas, width, OVERVIEW_HEIGHT);
    if (!context) return;
    context.drawImage(this.grounded(load, look, width), 0, 0, width, OVERVIEW_HEIGHT);
    const at = (ns: number) => ((ns - whole.from) / (whole.to - whole.from)) * width;
    if (brush) {
      context.fillStyle = `${look.accent}40`;
      context.fillRect(at(brush.from), 0, Math.max(2, at(brush.to) - at(brush.from)), OVERVIEW_HEIGHT);
    }
    const [from, to] = [at(view.from), at(view.to)];
    context.fillStyle = `${look.surface}99`;
    context.fillRect(0, 0, from, OVERVIEW_HEIGHT);
    context.fillRect(to, 0, width - to, OVERVIEW_HEIGHT);
    context.strokeStyle = look.accent;
    context.lineWidth = 1.5;
    context.strokeRect(from + 0.75, 0.75, Math.max(3, to - from - 1.5), OVERVIEW_HEIGHT - 1.5);
  }

  private grounded(load: Float64Array, look: Look, width: number): OffscreenCanvas {
    const { width: w, height: h } = this.canvas;
    const { ground } = this;
    if (ground?.load === load && ground.look === look && ground.canvas.width === w && ground.canvas.height === h) {
      return ground.canvas;
    }
    const canvas = new OffscreenCanvas(w, h);
    const context = canvas.getContext("2d")!;
    context.scale(w / width, h / OVERVIEW_HEIGHT);
    context.fillStyle = mix("#808080", look.surface, 0.1);
    context.fillRect(0, 0, width, OVERVIEW_HEIGHT);
    context.fillStyle = mix(look.ink, look.surface, 0.42);
    for (let x = 0; x < load.length; x++) {
      const height = load[x]! * (OVERVIEW_HEIGHT - 4);
      if (height > 0.3) context.fillRect(x, OVERVIEW_HEIGHT - height, 1, height);
    }
    this.ground = { canvas, load, look };
    return canvas;
  }
}
