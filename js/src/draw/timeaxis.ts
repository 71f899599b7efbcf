// The head of a timeline: the whole trace with the window in it, the axis, and the steps.

import type { Lane, StepSpan } from "../data/contract";
import { mix } from "./palette";
import { tickLabel, tickStep, ticks } from "./timescale";
import type { Look } from "./trackpainter";
import { type TrackSource, takenNs } from "./trackstrip";
import type { Window } from "./window";

export const OVERVIEW_HEIGHT = 26;
export const AXIS_HEIGHT = 20;
export const STEPS_HEIGHT = 17;

function prepared(canvas: HTMLCanvasElement, width: number, height: number): CanvasRenderingContext2D | null {
  const ratio = globalThis.devicePixelRatio || 1;
  const [w, h] = [Math.max(1, Math.round(width * ratio)), Math.max(1, Math.round(height * ratio))];
  if (canvas.width !== w || canvas.height !== h) {
    canvas.width = w;
    canvas.height = h;
  }
  const context = canvas.getContext("2d");
  context?.setTransform(ratio, 0, 0, ratio, 0, 0);
  context?.clearRect(0, 0, width, height);
  return context;
}

/** Share of each pixel's time in which something ran: on the streams, or on the threads where there are none. */
export function loadOf(lanes: readonly Lane[], source: TrackSource, whole: Window, width: number): Float64Array {
  const onDevice = lanes.some((lane) => lane.kind === "stream");
  const counted = lanes.filter((lane) => (lane.kind === "stream") === onDevice);
  const load = new Float64Array(width);
  const step = (whole.to - whole.from) / width;
  for (const lane of counted) {
    for (let x = 0; x < width; x++) {
      const view = { from: whole.from + x * step, to: whole.from + (x + 1) * step };
      load[x] += takenNs(source.events, source.covered_ns, lane.first[0]!, lane.first[1]!, view) / step;
    }
  }
  return load.map((value) => Math.min(1, value));
}

export function paintOverview(
  canvas: HTMLCanvasElement,
  load: Float64Array,
  whole: Window,
  view: Window,
  brush: Window | null,
  look: Look,
  width: number,
): void {
  const context = prepared(canvas, width, OVERVIEW_HEIGHT);
  if (!context) return;
  context.fillStyle = mix("#808080", look.surface, 0.1);
  context.fillRect(0, 0, width, OVERVIEW_HEIGHT);
  context.fillStyle = mix(look.ink, look.surface, 0.42);
  for (let x = 0; x < load.length; x++) {
    const height = load[x]! * (OVERVIEW_HEIGHT - 4);
    if (height > 0.3) context.fillRect(x, OVERVIEW_HEIGHT - height, 1, height);
  }
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

/** Ticks, then steps as bands; prefill bands are hatched, so that colour is not what tells them apart. */
export function paintAxis(
  canvas: HTMLCanvasElement,
  view: Window,
  steps: readonly StepSpan[],
  look: Look,
  width: number,
): void {
  const height = AXIS_HEIGHT + (steps.length > 0 ? STEPS_HEIGHT : 0);
  const context = prepared(canvas, width, height);
  if (!context) return;
  const at = (ns: number) => ((ns - view.from) / (view.to - view.from)) * width;
  context.font = `11px ${look.font}`;
  context.textBaseline = "middle";
  const step = tickStep(view.to - view.from, width);
  context.fillStyle = mix(look.ink, look.surface, 0.68);
  for (const tick of ticks(view, width)) {
    const x = Math.round(at(tick));
    context.fillRect(x, AXIS_HEIGHT - 5, 1, 5);
    context.fillText(tickLabel(tick, step), x + 4, AXIS_HEIGHT / 2 - 1);
  }
  for (const item of steps) {
    const left = Math.max(0, at(item.start_ns));
    const right = Math.min(width, at(item.start_ns + item.wall_ns));
    if (right <= 0 || left >= width || right - left < 0.5) continue;
    context.fillStyle = mix(look.ink, look.surface, item.index % 2 === 0 ? 0.16 : 0.1);
    context.fillRect(left, AXIS_HEIGHT, Math.max(1, right - left - 1), STEPS_HEIGHT - 2);
    if (item.phase === "prefill" || item.phase === "mixed") hatch(context, left, right, look);
    if (right - left > 44) {
      context.save();
      context.beginPath();
      context.rect(left, AXIS_HEIGHT, right - left - 3, STEPS_HEIGHT);
      context.clip();
      context.fillStyle = look.ink;
      context.fillText(`${item.index} ${item.phase}`.trim(), left + 4, AXIS_HEIGHT + (STEPS_HEIGHT - 2) / 2);
      context.restore();
    }
  }
}

function hatch(context: CanvasRenderingContext2D, left: number, right: number, look: Look): void {
  context.save();
  context.beginPath();
  context.rect(left, AXIS_HEIGHT, Math.max(1, right - left - 1), STEPS_HEIGHT - 2);
  context.clip();
  context.strokeStyle = mix(look.ink, look.surface, 0.3);
  context.lineWidth = 1;
  context.beginPath();
  for (let x = Math.floor(left) - STEPS_HEIGHT; x < right; x += 6) {
    context.moveTo(x, AXIS_HEIGHT + STEPS_HEIGHT);
    context.lineTo(x + STEPS_HEIGHT, AXIS_HEIGHT);
  }
  context.stroke();
  context.restore();
}
