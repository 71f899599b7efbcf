// Puts a layout on a canvas: filled lanes by the strip, then hatching and labels, then the marks of hover, cursor and
// selection. Only lanes in sight are painted.

import type { FrameInk, FrameInks, Standing } from "./frameinks";
import { Hatches } from "./hatch";
import type { Layout } from "./layout";
import { Lettering } from "./lettering";
import { type Block, blockOf } from "./smaller";
import { fillStrip, type Piece } from "./strip";
import type { Window } from "./window";

export const LANE_HEIGHT = 22;
/** Side of the mark that unfolds equal layers, and its distance from the frame's right end. */
export const MARK_PX = 11;
export const MARK_INSET_PX = 6;
/** Frames with less room have no mark. */
export const MARK_LEAST_PX = 90;

const HATCHED_PX = 10;
const LABEL_PX = 34;
const PADDING_PX = 6;

export interface Scene {
  layout: Layout;
  view: Window;
  inks: FrameInks;
  labels: readonly string[];
  /** Share of the window below which frames stand in blocks. */
  least: number;
  standingOf(frame: number): Standing;
  /** Standing of frames that share a pixel, at positions of the layout. */
  standingOfMany(from: number, to: number): Standing;
  isFound(block: Block): boolean;
  /** Whether a frame of layers can be unfolded or folded. */
  markOf(frame: number): "unfold" | "fold" | null;
  hovered: number;
  cursor: number;
  selected: number;
  /** How far lanes are scrolled, in CSS pixels. */
  top: number;
  surface: string;
  accent: string;
  ink: string;
  muted: string;
  font: string;
}

export class FlamePainter {
  private strip: { canvas: OffscreenCanvas; image: ImageData; pixels: Uint32Array } | null = null;
  private readonly hatches = new Hatches();
  private readonly lettering = new Lettering();

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
    const firstLane = Math.floor(scene.top / LANE_HEIGHT);
    const lastLane = Math.min(scene.layout.laneCount, Math.ceil((scene.top + height) / LANE_HEIGHT));
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.fillStyle = scene.surface;
    context.fillRect(0, 0, pixelWidth, pixelHeight);
    if (lastLane <= firstLane) return;
    const pieces = this.fill(context, scene, firstLane, lastLane, pixelWidth, ratio);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    for (const piece of pieces) this.finish(context, scene, piece, ratio);
    this.outline(context, scene, scene.selected, width, scene.ink, 2);
    this.outline(context, scene, scene.hovered, width, scene.ink, 1);
    this.outline(context, scene, scene.cursor, width, scene.accent, 2);
  }

  private fill(
    context: CanvasRenderingContext2D,
    scene: Scene,
    firstLane: number,
    lastLane: number,
    pixelWidth: number,
    ratio: number,
  ): Piece[] {
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
    const { inks, layout, view, least } = scene;
    const pieces = fillStrip(
      pixels,
      pixelWidth,
      {
        layout,
        view,
        firstLane,
        lastLane,
        least,
        pixelOf: (frame) => inks.of(frame, scene.standingOf(frame)).pixel,
        pixelOfMany: (from, to) => inks.of(layout.frames[(from + to - 1) >> 1], scene.standingOfMany(from, to)).pixel,
        pixelOfBlock: (block) => this.inkOfBlock(scene, block).pixel,
      },
      HATCHED_PX * ratio,
    );
    canvas.getContext("2d")!.putImageData(image, 0, 0);
    context.imageSmoothingEnabled = false;
    const top = (firstLane * LANE_HEIGHT - scene.top) * ratio;
    const laneHeight = LANE_HEIGHT * ratio;
    context.drawImage(canvas, 0, 0, pixelWidth, lanes, 0, Math.round(top), pixelWidth, Math.round(lanes * laneHeight));
    context.fillStyle = scene.surface;
    for (let lane = 1; lane <= lanes; lane++) {
      context.fillRect(0, Math.round(top + lane * laneHeight - ratio), pixelWidth, Math.max(1, Math.round(ratio)));
    }
    return pieces;
  }

  /** Hatching and text of a piece that is wide enough. */
  private finish(context: CanvasRenderingContext2D, scene: Scene, piece: Piece, ratio: number): void {
    const { frame, block } = piece;
    const left = piece.left / ratio;
    const width = piece.width / ratio;
    const top = piece.lane * LANE_HEIGHT - scene.top;
    const ink = block ? this.inkOfBlock(scene, block) : scene.inks.of(frame, scene.standingOf(frame));
    const box = { left, top, width: width - 1, height: LANE_HEIGHT - 1, padding: PADDING_PX };
    const hatch = (words: number) => this.hatches.paint(context, ink, ratio, box, words);
    if (width < LABEL_PX) {
      hatch(0);
      return;
    }
    const mark = block || width < MARK_LEAST_PX ? null : scene.markOf(frame);
    if (mark) this.mark(context, ink, mark, left + width - 1, top);
    context.font = block ? `italic 11px ${scene.font}` : `12px ${scene.font}`;
    context.textBaseline = "middle";
    const label = block ? `${block.to - block.from} smaller` : (scene.labels[frame] ?? "");
    const room = width - PADDING_PX * 2 - (mark ? MARK_PX + MARK_INSET_PX : 0);
    const text = this.lettering.fitted(context, label, room);
    hatch(text ? this.lettering.measured(context, text) : 0);
    context.fillStyle = block && ink === scene.inks.block ? scene.muted : ink.text;
    context.fillText(text, left + PADDING_PX, top + LANE_HEIGHT / 2);
  }

  private inkOfBlock({ inks, isFound }: Scene, block: Block): FrameInk {
    return isFound(block) ? inks.foundBlock : inks.block;
  }

  /** A plus or minus in a box, as trees have. */
  private mark(context: CanvasRenderingContext2D, ink: FrameInk, mark: "unfold" | "fold", right: number, top: number) {
    const x = Math.round(right - MARK_INSET_PX - MARK_PX) + 0.5;
    const y = Math.round(top + (LANE_HEIGHT - 1 - MARK_PX) / 2) + 0.5;
    const middle = Math.floor(MARK_PX / 2);
    context.strokeStyle = ink.text;
    context.lineWidth = 1;
    context.beginPath();
    context.roundRect(x, y, MARK_PX - 1, MARK_PX - 1, 2);
    context.moveTo(x + 2.5, y + middle);
    context.lineTo(x + MARK_PX - 3.5, y + middle);
    if (mark === "unfold") {
      context.moveTo(x + middle, y + 2.5);
      context.lineTo(x + middle, y + MARK_PX - 3.5);
    }
    context.stroke();
  }

  private outline(
    context: CanvasRenderingContext2D,
    scene: Scene,
    frame: number,
    width: number,
    colour: string,
    thickness: number,
  ): void {
    const { layout, view, least } = scene;
    if (frame < 0 || !(layout.size[frame]! > 0)) return;
    const block = blockOf(layout, frame, least * (view.to - view.from));
    const { start, size, lane } = block ?? {
      start: layout.start[frame]!,
      size: layout.size[frame]!,
      lane: layout.depth[frame]!,
    };
    const scale = width / (view.to - view.from);
    const left = Math.max(-4, (start - view.from) * scale);
    const right = Math.min(width + 4, (start + size - view.from) * scale);
    if (right < 0 || left > width) return;
    const top = lane * LANE_HEIGHT - scene.top;
    const inset = thickness / 2;
    context.strokeStyle = colour;
    context.lineWidth = thickness;
    context.strokeRect(left + inset, top + inset, Math.max(2, right - left - thickness), LANE_HEIGHT - 1 - thickness);
  }
}
