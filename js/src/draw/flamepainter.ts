// Puts a layout on a canvas: filled lanes by the strip, then labels, then the marks of hover, cursor and selection.

import type { FrameInks } from "./frameinks";
import type { Layout, Window } from "./layout";
import { fillStrip, type Label } from "./strip";

export const LANE_HEIGHT = 22;
const LABEL_WIDTH = 34;
/** Fewer letters before the "…" say nothing. */
const SHORTEST = 3;

export interface Scene {
  layout: Layout;
  view: Window;
  inks: FrameInks;
  labels: readonly string[];
  /** Whether a frame is outside of what is selected. */
  isDimmed(frame: number): boolean;
  depthOf(frame: number): number;
  hovered: number;
  cursor: number;
  selected: number;
  scrollTop: number;
  surface: string;
  accent: string;
  ink: string;
  font: string;
}

export class FlamePainter {
  private strip: { canvas: OffscreenCanvas; image: ImageData; pixels: Uint32Array } | null = null;
  private readonly widths = new Map<string, number>();

  constructor(private readonly canvas: HTMLCanvasElement) {}

  paint(scene: Scene, width: number, height: number): void {
    const { canvas } = this;
    const ratio = globalThis.devicePixelRatio || 1;
    const pixelWidth = Math.max(1, Math.round(width * ratio));
    const pixelHeight = Math.max(1, Math.round(height * ratio));
    if (canvas.width !== pixelWidth || canvas.height !== pixelHeight) {
      canvas.width = pixelWidth;
      canvas.height = pixelHeight;
    }
    const context = canvas.getContext("2d");
    if (!context) return;
    const firstLane = Math.floor(scene.scrollTop / LANE_HEIGHT);
    const lastLane = Math.min(scene.layout.lanes.length, Math.ceil((scene.scrollTop + height) / LANE_HEIGHT));
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.fillStyle = scene.surface;
    context.fillRect(0, 0, pixelWidth, pixelHeight);
    if (lastLane <= firstLane) return;
    const labels = this.fill(context, scene, firstLane, lastLane, pixelWidth, ratio);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.write(context, scene, labels, ratio);
    const scale = width / (scene.view.to - scene.view.from);
    this.outline(context, scene, scene.selected, scale, width, scene.ink, 2);
    this.outline(context, scene, scene.hovered, scale, width, scene.ink, 1);
    this.outline(context, scene, scene.cursor, scale, width, scene.accent, 2);
  }

  private fill(
    context: CanvasRenderingContext2D,
    scene: Scene,
    firstLane: number,
    lastLane: number,
    pixelWidth: number,
    ratio: number,
  ): Label[] {
    const lanes = lastLane - firstLane;
    if (this.strip?.canvas.width !== pixelWidth || this.strip.canvas.height !== lanes) {
      const image = new ImageData(pixelWidth, lanes);
      this.strip = {
        canvas: new OffscreenCanvas(pixelWidth, lanes),
        image,
        pixels: new Uint32Array(image.data.buffer),
      };
    }
    const { canvas, image, pixels } = this.strip;
    const labels = fillStrip(
      pixels,
      pixelWidth,
      {
        layout: scene.layout,
        view: scene.view,
        firstLane,
        lastLane,
        pixelOf: (frame) => scene.inks.of(frame, scene.isDimmed(frame)).pixel,
      },
      LABEL_WIDTH * ratio,
    );
    canvas.getContext("2d")!.putImageData(image, 0, 0);
    context.imageSmoothingEnabled = false;
    const top = (firstLane * LANE_HEIGHT - scene.scrollTop) * ratio;
    const laneHeight = LANE_HEIGHT * ratio;
    context.drawImage(canvas, 0, 0, pixelWidth, lanes, 0, Math.round(top), pixelWidth, Math.round(lanes * laneHeight));
    context.fillStyle = scene.surface;
    for (let lane = 1; lane <= lanes; lane++) {
      context.fillRect(0, Math.round(top + lane * laneHeight - ratio), pixelWidth, Math.max(1, Math.round(ratio)));
    }
    return labels;
  }

  private write(context: CanvasRenderingContext2D, scene: Scene, labels: Label[], ratio: number): void {
    const font = `12px ${scene.font}`;
    context.font = font;
    context.textBaseline = "middle";
    for (const label of labels) {
      const ink = scene.inks.of(label.frame, scene.isDimmed(label.frame));
      const room = label.width / ratio - 12;
      const text = this.fitted(context, scene.labels[label.frame] ?? "", room, font);
      if (!text) continue;
      context.fillStyle = ink.text;
      context.fillText(text, label.left / ratio + 6, label.lane * LANE_HEIGHT - scene.scrollTop + LANE_HEIGHT / 2);
    }
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

  private outline(
    context: CanvasRenderingContext2D,
    scene: Scene,
    frame: number,
    scale: number,
    width: number,
    colour: string,
    thickness: number,
  ): void {
    if (frame < 0 || !(scene.layout.size[frame]! > 0)) return;
    const left = Math.max(-4, (scene.layout.start[frame]! - scene.view.from) * scale);
    const right = Math.min(
      width + 4,
      (scene.layout.start[frame]! + scene.layout.size[frame]! - scene.view.from) * scale,
    );
    if (right < 0 || left > width) return;
    const top = scene.depthOf(frame) * LANE_HEIGHT - scene.scrollTop;
    const inset = thickness / 2;
    context.strokeStyle = colour;
    context.lineWidth = thickness;
    context.strokeRect(left + inset, top + inset, Math.max(2, right - left - thickness), LANE_HEIGHT - 1 - thickness);
  }
}
