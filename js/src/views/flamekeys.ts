// What the keys do in a flame graph, apart from any canvas.

import { childrenAt, type Layout, nextWide, positionOf } from "../draw/layout";
import { blockOf } from "../draw/smaller";
import { actionOf } from "./keys";

export type Direction = "up" | "down" | "left" | "right" | "first" | "last";
/** What moves the cursor. */
export type Move = Direction | "pageUp" | "pageDown";
export type FlameAction = Move | "select" | "focus" | "in" | "out" | "all" | "fold" | "find" | "next" | "previous";

const ACTIONS: Record<string, FlameAction> = {
  ArrowUp: "up",
  ArrowDown: "down",
  ArrowLeft: "left",
  ArrowRight: "right",
  Home: "first",
  End: "last",
  PageUp: "pageUp",
  PageDown: "pageDown",
  Enter: "select",
  " ": "select",
  z: "focus",
  "+": "in",
  "=": "in",
  "-": "out",
  "0": "all",
  u: "fold",
  "/": "find",
  n: "next",
};

export function keyAction(event: KeyboardEvent): FlameAction | null {
  const action = actionOf(event, ACTIONS);
  return action === "next" && event.shiftKey ? "previous" : action;
}

/**
 * The drawn frame above, below or beside one, the first or the last beside it; the frame itself where there is none.
 * A block of smaller frames is one stop, named by its first frame.
 */
export function neighbour(layout: Layout, frame: number, direction: Direction, least = 0): number {
  const { frames, parent } = layout;
  const stop = (position: number) => {
    const block = blockOf(layout, frames[position]!, least);
    return frames[block ? block.from : position]!;
  };
  const block = blockOf(layout, frame, least);
  if (direction === "up") return Math.max(0, parent[block ? frames[block.from]! : frame]!);
  const from = block?.from ?? positionOf(layout, frame);
  const to = block?.to ?? from + 1;
  if (direction === "down") {
    const [begin, end] = childrenAt(layout, from);
    if (block || begin === end) return frame;
    // What is drawn by itself is what a reader goes for.
    const wide = nextWide(layout, begin, end, least);
    return stop(wide < end ? wide : begin);
  }
  if (frame === 0) return frame;
  const [begin, end] = childrenAt(layout, positionOf(layout, parent[frames[from]!]!));
  if (direction === "first") return stop(begin);
  if (direction === "last") return stop(end - 1);
  if (direction === "left") return from > begin ? stop(from - 1) : frame;
  return to < end ? stop(to) : frame;
}

/** Where a key that moves leads from a frame; to `home` where there is no cursor yet. */
export function destination(
  layout: Layout,
  cursor: number,
  action: Move,
  { home, page, least }: { home: number; page: number; least: number },
): number {
  if (cursor < 0) return home;
  if (action === "pageUp") return faraway(layout, cursor, "up", page, least);
  if (action === "pageDown") return faraway(layout, cursor, "down", page, least);
  return neighbour(layout, cursor, action, least);
}

/** Several steps up or down. */
export function faraway(layout: Layout, frame: number, direction: "up" | "down", steps: number, least = 0): number {
  let at = frame;
  for (let i = 0; i < steps; i++) at = neighbour(layout, at, direction, least);
  return at;
}
