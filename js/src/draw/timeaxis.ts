// The head of a timeline: the axis, and the steps.

import type { StepSpan } from "../data/contract";
import { mix } from "./palette";
import { tickLabel, tickStep, ticks } from "./timescale";
import type { Look } from "./trackpainter";
import type { Window } from "./window";

const AXIS_HEIGHT = 20;
const STEPS_HEIGHT = 17;

/** A canvas of the right size, wiped, in CSS pixels. */
export function prepared(canvas: HTMLCanvasElement, width: number, height: number): CanvasRenderingContext2D | null {
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

export function axisHeight(steps: readonly StepSpan[]): number {
  return AXIS_HEIGHT + (steps.length > 0 ? STEPS_HEIGHT : 0);
}

/** Ticks, then steps as bands; prefill bands are hatched, so that colour is not what tells them apart. */
export function paintAxis(
  canvas: HTMLCanvasElement,
  view: Window,
  steps: readonly StepSpan[],
  look: Look,
  width: number,
): void {
  const context = prepared(canvas, width, axisHeight(steps));
  if (!context) return;
  const at = (ns: number) => ((ns - view.from) / (view.to - view.from)) * width;
  context.font = `11px ${look.font}`;
  context.textBaseline = "middle";
  const step = tickStep(view.to - view.from, width);
  context.fillStyle = mix(look.ink, look.surface, 0.68);
  for (const tick of ticks(view, width)) {
    const x = Math.round(at(tick));
    context.fillRect(x, AXIS_HEIGHT - 5, 1, 5);
    const label = tickLabel(tick, step);
    if (x + 4 + context.measureText(label).width <= width) context.fillText(label, x + 4, AXIS_HEIGHT / 2 - 1);
  }
  const bands = [0.16, 0.1].map((strength) => mix(look.ink, look.surface, strength));
  const line = mix(look.ink, look.surface, 0.3);
  for (const item of steps) {
    const left = Math.max(0, at(item.start_ns));
    const right = Math.min(width, at(item.start_ns + item.wall_ns));
    if (right <= 0 || left >= width || right - left < 0.5) continue;
    context.fillStyle = bands[item.index % 2 === 0 ? 0 : 1]!;
    context.fillRect(left, AXIS_HEIGHT, Math.max(1, right - left - 1), STEPS_HEIGHT - 2);
    if (item.phase === "prefill" || item.phase === "mixed") hatch(context, left, right, line);
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

function hatch(context: CanvasRenderingContext2D, left: number, right: number, line: string): void {
  context.save();
  context.beginPath();
  context.rect(left, AXIS_HEIGHT, Math.max(1, right - left - 1), STEPS_HEIGHT - 2);
  context.clip();
  context.strokeStyle = line;
  context.lineWidth = 1;
  context.beginPath();
  for (let x = Math.floor(left) - STEPS_HEIGHT; x < right; x += 6) {
    context.moveTo(x, AXIS_HEIGHT + STEPS_HEIGHT);
    context.lineTo(x + STEPS_HEIGHT, AXIS_HEIGHT);
  }
  context.stroke();
  context.restore();
}
