// What lies under a pointer.

import { NONE } from "../data/contract";
import { LANE_HEIGHT, MARK_INSET_PX, MARK_LEAST_PX, MARK_PX } from "../draw/flamepainter";
import { hit } from "../draw/layout";
import type { FlameScroll } from "./flamescroll";
import type { FlameState } from "./flamestate";

const HIT_TOLERANCE_PX = 1.5;

export class FlameAim {
  constructor(
    private readonly canvas: HTMLCanvasElement,
    private readonly scroll: FlameScroll,
    private readonly state: FlameState,
  ) {}

  /** Frame at a point, any of a block's for a block; -1 for none. */
  frameAt(event: MouseEvent): number {
    const { layout, view } = this.state;
    const box = this.canvas.getBoundingClientRect();
    const width = view.to - view.from;
    const x = view.from + ((event.clientX - box.left) / box.width) * width;
    const lane = Math.floor((event.clientY - box.top + this.scroll.top) / LANE_HEIGHT);
    const frame = hit(layout, lane, x, (HIT_TOLERANCE_PX / box.width) * width);
    const block = this.state.blockAt(frame);
    // Below a block nothing is drawn.
    return block && block.lane !== lane ? NONE : frame;
  }

  /** Whether a point lies on the mark that folds and unfolds a frame of layers. */
  isOnMark(event: MouseEvent, frame: number): boolean {
    const { layout, view } = this.state;
    if (!this.state.markOf(frame) || this.state.blockAt(frame)) return false;
    const box = this.canvas.getBoundingClientRect();
    const place = (at: number) => Math.min(1, Math.max(0, (at - view.from) / (view.to - view.from))) * box.width;
    const left = place(layout.start[frame]!);
    const right = place(layout.start[frame]! + layout.size[frame]!);
    return right - left >= MARK_LEAST_PX && right - (event.clientX - box.left) < MARK_PX + MARK_INSET_PX * 2;
  }
}
