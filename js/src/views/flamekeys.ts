// What the keys do in a flame graph, apart from any canvas.

import type { Layout } from "../draw/layout";
import type { Stack } from "../state/stack";

export type FlameAction = "up" | "down" | "left" | "right" | "select" | "focus" | "in" | "out" | "all";

const ACTIONS: Record<string, FlameAction> = {
  ArrowUp: "up",
  ArrowDown: "down",
  ArrowLeft: "left",
  ArrowRight: "right",
  Enter: "select",
  " ": "select",
  z: "focus",
  "+": "in",
  "=": "in",
  "-": "out",
  "0": "all",
};

export function keyAction(event: KeyboardEvent): FlameAction | null {
  return event.ctrlKey || event.metaKey || event.altKey ? null : (ACTIONS[event.key] ?? null);
}

/** The drawn frame above, below or beside one; the frame itself where there is none. */
export function neighbour(
  stack: Stack,
  layout: Layout,
  frame: number,
  direction: "up" | "down" | "left" | "right",
): number {
  const isDrawn = (candidate: number) => layout.size[candidate] > 0;
  if (direction === "up") return Math.max(0, stack.parent[frame]);
  if (direction === "down") return stack.children(frame).find(isDrawn) ?? frame;
  if (frame === 0) return frame;
  const siblings = stack.children(stack.parent[frame]).filter(isDrawn);
  return siblings[siblings.indexOf(frame) + (direction === "left" ? -1 : 1)] ?? frame;
}
