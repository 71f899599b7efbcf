// What a flame graph shows at the moment, apart from any page: frames, window, marks, and what was found.

import { NONE } from "../data/contract";
import type { Standing } from "../draw/frameinks";
import { type Layout, layOut } from "../draw/layout";
import { blockOf } from "../draw/smaller";
import { type Window, zoomed } from "../draw/window";
import { sameWay } from "../state/clauses";
import { type Found, findFrames } from "../state/find";
import { type ColourKind, type FrameSums, sumFrames } from "../state/framesums";
import type { Stack } from "../state/stack";
import type { Store } from "../state/store";

const WHOLE: Window = { from: 0, to: 1 };

export class FlameState {
  stack!: Stack;
  sums!: FrameSums;
  layout!: Layout;
  view: Window = WHOLE;
  /** The frame that was zoomed to, 0 for none. */
  focus = 0;
  hovered = NONE;
  cursor = NONE;
  selected = NONE;
  colour: ColourKind = "backend";
  /** Share of the window below which frames are not drawn one by one. */
  least = 0.001;
  found: Found | null = null;
  /** Which of the found frames was gone to last. */
  at = NONE;
  /** Number of found frames before each position of the layout. */
  private marks: Int32Array | null = null;
  private shown: unknown[] = [];

  constructor(private readonly store: Store) {
    this.update();
  }

  /** Take over what the store says. Returns whether frames moved; the selected one alone moves none. */
  update(): boolean {
    const { store } = this;
    const { path, ...others } = store.clauses;
    const { stack } = store;
    this.selected = path && sameWay(path, stack.way) ? stack.find(path.frames) : NONE;
    const shown = [stack, this.colour, store.measure(), JSON.stringify(others)];
    if (shown.every((item, i) => item === this.shown[i])) return false;
    const onlyColour = shown.every((item, i) => i === 1 || item === this.shown[i]);
    this.shown = shown;
    if (this.stack && stack !== this.stack) this.moveTo(stack);
    this.stack = stack;
    this.sums = sumFrames(stack, store.measure(), store.passing("path"), this.colour);
    if (onlyColour) return true;
    this.layout = layOut(stack, this.sums);
    if (!(this.layout.size[this.focus] > 0)) this.focus = 0;
    if (this.cursor >= 0 && !(this.layout.size[this.cursor] > 0)) this.cursor = NONE;
    this.view = this.windowOf(this.focus);
    this.hovered = NONE;
    this.search(this.found?.text ?? "");
    return true;
  }

  /** Frames of the old stack that the new one has, too, stay where they are. */
  private moveTo(stack: Stack): void {
    const isLike = sameWay(stack.way, this.stack.way);
    const follow = (frame: number) => (frame > 0 && isLike ? stack.find(this.stack.pathOf(frame)) : frame);
    this.focus = isLike ? Math.max(0, follow(this.focus)) : 0;
    this.cursor = isLike ? follow(this.cursor) : NONE;
  }

  windowOf(frame: number): Window {
    const size = this.layout.size[frame] ?? 0;
    if (frame === 0 || !(size > 0)) return WHOLE;
    const from = this.layout.start[frame]!;
    return { from, to: Math.min(1, from + size) };
  }

  /** Whether a frame lies beside the window. */
  isOutside(frame: number): boolean {
    const { start, size } = this.layout;
    return start[frame]! >= this.view.to || start[frame]! + size[frame]! <= this.view.from;
  }

  /** A narrower window in which a found frame has at least a share, and is not in a block; null if it has already. */
  closerTo(frame: number, share: number): Window | null {
    const least = Math.max(this.least, share);
    const size = this.layout.size[frame]!;
    if (!this.found?.is[frame] || size >= least * (this.view.to - this.view.from)) return null;
    const middle = this.layout.start[frame]! + size / 2;
    return zoomed({ from: middle - 0.5, to: middle + 0.5 }, (size / least) * 0.9, middle);
  }

  get isWhole(): boolean {
    return this.view.from === 0 && this.view.to === 1;
  }

  /** Size below which a frame stands in a block. */
  get leastSize(): number {
    return this.least * (this.view.to - this.view.from);
  }

  blockAt(frame: number) {
    return frame < 0 ? null : blockOf(this.layout, frame, this.leastSize);
  }

  search(text: string): void {
    this.found = findFrames(this.stack, this.sums, text);
    this.at = NONE;
    this.marks = null;
    if (!this.found) return;
    const { frames } = this.layout;
    this.marks = new Int32Array(frames.length + 1);
    for (let i = 0; i < frames.length; i++) this.marks[i + 1] = this.marks[i] + this.found.is[frames[i]];
  }

  /** The next frame that was found, or the one before; the first after the last. */
  step(by: 1 | -1): number {
    const count = this.found?.frames.length ?? 0;
    if (count === 0) return NONE;
    this.at = this.at < 0 ? (by > 0 ? 0 : count - 1) : (this.at + by + count) % count;
    return this.found!.frames[this.at]!;
  }

  standingOf = (frame: number): Standing => {
    if (this.found && this.found.frames.length > 0) return this.found.is[frame] ? "found" : "dimmed";
    const { selected, stack } = this;
    const isOutside = selected >= 0 && (frame < selected ? stack.end[frame]! < selected : frame > stack.end[selected]!);
    return isOutside ? "dimmed" : "plain";
  };

  standingOfMany = (from: number, to: number): Standing => {
    if (this.marks && this.marks[to] > this.marks[from]) return "found";
    return this.standingOf(this.layout.frames[(from + to - 1) >> 1]!);
  };

  /** Whether anything found lies in a block, or below it. */
  isFound = ({ from, to }: { from: number; to: number }): boolean => {
    const { frames } = this.layout;
    const before = this.found?.before;
    return before !== undefined && before[this.stack.end[frames[to - 1]] + 1] > before[frames[from]];
  };

  /** Whether the layers of a frame can be shown apart, or together again. */
  markOf = (frame: number): "unfold" | "fold" | null => {
    const layers = this.stack.layersOf(frame);
    if (!layers) return null;
    if (layers.length > 1) return "unfold";
    return this.stack.equalLayers(frame)!.length > 1 ? "fold" : null;
  };
}
