// Puts tracks on a canvas: rows of bars by the strip, names, steps, what is outside the brushed range, arrows, marks.

import type { StepSpan } from "../data/contract";
import { Hatches } from "./hatch";
import { type Ink, inkOf, mix, pixelOf } from "./palette";
import { ROW_HEIGHT, type Row, rowOfEvent, type Tracks } from "./tracks";
import { fillTrack, LEVELS, type TrackInks, type TrackLabel, type TrackSource } from "./trackstrip";
import type { Window } from "./window";

/** Narrower events have neither name nor hatching, of which each would cost microseconds. */
const LABEL_PX = 30;
const PADDING_PX = 4;
const SHORTEST = 3;
const DIMMED = 0.2;

export interface Look {
  ink: string;
  surface: string;
  accent: string;
  font: string;
}

export interface TrackScene {
  tracks: Tracks;
  view: Window;
  source: TrackSource;
  steps: readonly StepSpan[];
  brush: Window | null;
  hovered: number;
  cursor: number;
  selected: readonly number[];
  /** From a launching call to what it launched. */
  arrows: readonly [call: number, activity: number][];
  scrollTop: number;
  nameOf(event: number): string;
  look: Look;
}

export class BackendInks implements TrackInks {
  private readonly pixels: Uint32Array;
  readonly inks: Ink[];

  constructor(keys: readonly string[], surface: string) {
    const ground = mix("#808080", surface, 0.07);
    this.pixels = new Uint32Array(keys.length * LEVELS * 2);
    this.inks = keys.map(inkOf);
    this.inks.forEach(({ fill }, role) => {
      for (let level = 1; level <= LEVELS; level++) {
        const strength = 0.18 + (0.82 * level) / LEVELS;
        const at = (role * LEVELS + level - 1) * 2;
        this.pixels[at] = pixelOf(mix(fill, ground, strength));
        this.pixels[at + 1] = pixelOf(mix(fill, ground, strength * DIMMED));
      }
    });
  }

  pixel(role: number, covered: number, dimmed: boolean): number {
    return this.pixels[(role * LEVELS + covered - 1) * 2 + (dimmed ? 1 : 0)]!;
  }
}

export class TrackPainter {
  private strip: { canvas: OffscreenCanvas; image: ImageData; pixels: Uint32Array } | null = null;
  private readonly widths = new Map<string, number>();
  private readonly hatches = new Hatches();

  constructor(private readonly canvas: HTMLCanvasElement) {}

  paint(scene: TrackScene, inks: BackendInks, width: number, height: number): void {
    const { canvas } = this;
    const ratio = globalThis.devicePixelRatio || 1;
    const [pixelWidth, pixelHeight] = [width, height].map((size) => Math.max(1, Math.round(size * ratio))) as [
      number,
      number,
    ];
    if (canvas.width !== pixelWidth || canvas.height !== pixelHeight) {
      canvas.width = pixelWidth;
      canvas.height = pixelHeight;
    }
    const context = canvas.getContext("2d");
    if (!context) return;
    const { look, view, scrollTop } = scene;
    const rows = scene.tracks.rows.filter((row) => row.top + ROW_HEIGHT > scrollTop && row.top < scrollTop + height);
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.fillStyle = look.surface;
    context.fillRect(0, 0, pixelWidth, pixelHeight);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.fillStyle = mix("#808080", look.surface, 0.07);
    for (const row of rows) context.fillRect(0, row.top - scrollTop, width, ROW_HEIGHT - 1);
    const labels = this.fill(context, scene, inks, rows, pixelWidth, ratio);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.write(context, scene, inks, rows, labels, ratio);
    const x = (ns: number) => ((ns - view.from) / (view.to - view.from)) * width;
    this.hairlines(context, scene, x, width, height);
    if (scene.brush) {
      context.fillStyle = `${look.surface}b0`;
      const from = Math.max(0, x(scene.brush.from));
      const to = Math.min(width, x(scene.brush.to));
      context.fillRect(0, 0, from, height);
      context.fillRect(to, 0, width - to, height);
      context.fillStyle = look.accent;
      context.fillRect(from - 1, 0, 2, height);
      context.fillRect(to - 1, 0, 2, height);
    }
    for (const [call, activity] of scene.arrows) this.arrow(context, scene, call, activity, x);
    for (const event of scene.selected) this.outline(context, scene, event, x, width, look.ink, 2);
    this.outline(context, scene, scene.hovered, x, width, look.ink, 1);
    this.outline(context, scene, scene.cursor, x, width, look.accent, 2);
  }

  private fill(
    context: CanvasRenderingContext2D,
    scene: TrackScene,
    inks: BackendInks,
    rows: readonly Row[],
    width: number,
    ratio: number,
  ): TrackLabel[][] {
    if (rows.length === 0) return [];
    if (this.strip?.canvas.width !== width || this.strip.canvas.height < rows.length) {
      const lines = Math.max(rows.length, 64);
      const image = new ImageData(width, lines);
      this.strip = { canvas: new OffscreenCanvas(width, lines), image, pixels: new Uint32Array(image.data.buffer) };
    }
    const { canvas, image, pixels } = this.strip;
    pixels.fill(0, 0, width * rows.length);
    const labels = rows.map((row, line) =>
      fillTrack(pixels, line * width, width, row, scene.view, scene.source, inks, LABEL_PX * ratio),
    );
    canvas.getContext("2d")!.putImageData(image, 0, 0, 0, 0, width, rows.length);
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.imageSmoothingEnabled = false;
    rows.forEach((row, line) => {
      const top = Math.round((row.top - scene.scrollTop) * ratio);
      context.drawImage(canvas, 0, line, width, 1, 0, top, width, Math.round((ROW_HEIGHT - 1) * ratio));
    });
    return labels;
  }

  private write(
    context: CanvasRenderingContext2D,
    scene: TrackScene,
    inks: BackendInks,
    rows: readonly Row[],
    labels: TrackLabel[][],
    ratio: number,
  ): void {
    const font = `11px ${scene.look.font}`;
    context.font = font;
    context.textBaseline = "middle";
    const { role, selected } = scene.source;
    const dimmed = mix(scene.look.ink, scene.look.surface, 0.55);
    rows.forEach((row, line) => {
      for (const label of labels[line]!) {
        const [left, width, top] = [label.left / ratio, label.width / ratio, row.top - scene.scrollTop];
        const text = this.fitted(context, scene.nameOf(label.event), width - 2 * PADDING_PX, font);
        const isDimmed = selected !== null && selected[label.event] === 0;
        const ink = inks.inks[role[label.event]]!;
        const words = text ? this.measured(context, text, font) : 0;
        const box = { left, top, width: width - 1, height: ROW_HEIGHT - 1, padding: PADDING_PX };
        if (!isDimmed) this.hatches.paint(context, ink, ratio, box, words);
        if (!text) continue;
        context.fillStyle = isDimmed ? dimmed : ink.text;
        context.fillText(text, left + PADDING_PX, top + (ROW_HEIGHT - 1) / 2);
      }
    });
  }

  /** The text cut to the room it has; empty where too few letters fit. */
  private fitted(context: CanvasRenderingContext2D, text: string, room: number, font: string): string {
    const full = this.measured(context, text, font);
    if (full <= room) return text;
    let letters = Math.floor((text.length * room) / full);
    while (letters >= SHORTEST && this.measured(context, `${text.slice(0, letters)}…`, font) > room) letters--;
    return letters < SHORTEST ? "" : `${text.slice(0, letters)}…`;
  }

  private measured(context: CanvasRenderingContext2D, text: string, font: string): number {
    const key = `${font} ${text}`;
    let width = this.widths.get(key);
    if (width === undefined) {
      if (this.widths.size > 20_000) this.widths.clear();
      width = context.measureText(text).width;
      this.widths.set(key, width);
    }
    return width;
  }

  private hairlines(
    context: CanvasRenderingContext2D,
    scene: TrackScene,
    x: (ns: number) => number,
    width: number,
    height: number,
  ): void {
    const shown = scene.steps.filter((step) => step.start_ns >= scene.view.from && step.start_ns <= scene.view.to);
    if (shown.length * 12 > width) return; // closer than a reader can tell apart
    context.fillStyle = `${mix(scene.look.ink, scene.look.surface, 0.5)}66`;
    for (const step of shown) context.fillRect(Math.round(x(step.start_ns)), 0, 1, height);
  }

  private box(scene: TrackScene, event: number, x: (ns: number) => number): DOMRect | null {
    if (event < 0) return null;
    const { tracks, source, scrollTop } = scene;
    const index = rowOfEvent(tracks, event);
    if (index < 0) return null;
    const start = source.events.start_ns[event]!;
    const left = x(start);
    const right = x(start + source.events.dur_ns[event]!);
    return new DOMRect(left, tracks.rows[index]!.top - scrollTop, Math.max(2, right - left), ROW_HEIGHT - 1);
  }

  private outline(
    context: CanvasRenderingContext2D,
    scene: TrackScene,
    event: number,
    x: (ns: number) => number,
    width: number,
    colour: string,
    thickness: number,
  ): void {
    const box = this.box(scene, event, x);
    if (!box || box.right < 0 || box.left > width) return;
    const left = Math.max(-4, box.left);
    const right = Math.min(width + 4, box.right);
    context.strokeStyle = colour;
    context.lineWidth = thickness;
    context.strokeRect(left - 0.5, box.top + 0.5, Math.max(2, right - left) + 1, box.height - 1);
  }

  private arrow(
    context: CanvasRenderingContext2D,
    scene: TrackScene,
    call: number,
    activity: number,
    x: (ns: number) => number,
  ): void {
    const from = this.box(scene, call, x);
    const to = this.box(scene, activity, x);
    if (!from || !to) return;
    const isBelow = to.top > from.top;
    const [x1, y1] = [from.left + Math.min(from.width / 2, 6), isBelow ? from.bottom : from.top];
    const [x2, y2] = [to.left, to.top + to.height / 2];
    const bend = Math.max(14, Math.min(90, Math.abs(x2 - x1) / 2));
    context.strokeStyle = scene.look.ink;
    context.fillStyle = scene.look.ink;
    context.lineWidth = 1.25;
    context.beginPath();
    context.moveTo(x1, y1);
    context.bezierCurveTo(x1, y1 + (isBelow ? bend : -bend), x2 - bend, y2, x2 - 5, y2);
    context.stroke();
    context.beginPath();
    context.moveTo(x2, y2);
    context.lineTo(x2 - 6, y2 - 3.5);
    context.lineTo(x2 - 6, y2 + 3.5);
    context.fill();
  }
}
