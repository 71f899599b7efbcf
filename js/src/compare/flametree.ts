// The difference flame graph as a tree and as boxes: place, layer, category, kernels. No element, no event.

import { type Dimension, fits, type Pair, type Row, type Selection } from "./payload";

export type Mode = "difference" | "a" | "b";

export interface Frame {
  label: string;
  a: number;
  b: number;
  /** Time of the leaves that are selected. */
  lit: number;
  row?: Row;
  dimension?: Dimension;
  children: Map<string, Frame>;
}

export interface Box {
  frame: Frame;
  /** Labels from below the root down to the frame. */
  path: string[];
  /** In percent of the whole width. */
  from: number;
  width: number;
  depth: number;
  /** It holds what the view is zoomed to. */
  isAbove: boolean;
}

const LEAST_WIDTH = 0.08;

/** Folded, layers stand together: each category and kernel is the sum of all of them. */
export function grow(pair: Pair, selection: Selection, isFolded: boolean): Frame {
  const root: Frame = { ...fresh("everything"), row: pair.totals[0] };
  for (let leaf = 0; leaf < pair.leaves.a.length; leaf++) {
    const isLit = fits(pair, leaf, selection);
    let frame = root;
    take(frame, pair, leaf, isLit);
    for (const [label, row, dimension] of levels(pair, leaf, isFolded)) {
      const known = frame.children.get(label) ?? { ...fresh(label), row, dimension };
      frame.children.set(label, known);
      frame = known;
      take(frame, pair, leaf, isLit);
    }
  }
  return root;
}

type Level = [label: string, row?: Row, dimension?: Dimension];

function levels(pair: Pair, leaf: number, isFolded: boolean): Level[] {
  const layer = pair.layer[pair.leaves.layer[leaf]!]!;
  const category = pair.category[pair.leaves.category[leaf]!]!;
  const kernel = pair.kernel[pair.leaves.kernel[leaf]!]!;
  const place: Level[] = /^\d/.test(layer.label)
    ? [["layers"], ...(isFolded ? [] : [[`layer ${layer.label}`, layer, "layer"] as Level])]
    : [[layer.label, layer, "layer"]];
  return [...place, [category.label, category, "category"], [kernel.label, kernel, "kernel"]];
}

const fresh = (label: string): Frame => ({ label, a: 0, b: 0, lit: 0, children: new Map() });

function take(frame: Frame, pair: Pair, leaf: number, isLit: boolean): void {
  frame.a += pair.leaves.a[leaf]!;
  frame.b += pair.leaves.b[leaf]!;
  if (isLit) frame.lit += pair.leaves.a[leaf]! + pair.leaves.b[leaf]!;
}

/** Room of each frame. Of several children the larger side may be A's for one and B's for another: what is below counts. */
export function rooms(root: Frame, mode: Mode): Map<Frame, number> {
  const room = new Map<Frame, number>();
  const measure = (frame: Frame): number => {
    const below = [...frame.children.values()].reduce((sum, child) => sum + measure(child), 0);
    const own = mode === "difference" ? Math.max(frame.a, frame.b) : frame[mode];
    room.set(frame, frame.children.size ? below : own);
    return room.get(frame)!;
  };
  measure(root);
  return room;
}

/** Frames as boxes, widest first on each level; those too narrow to see are left out with all that is below. */
export function boxes(root: Frame, mode: Mode, focus: readonly string[] = []): Box[] {
  const room = rooms(root, mode);
  const found: Box[] = [];
  let [frame, depth] = [root, 0];
  for (const label of focus) {
    const next = frame.children.get(label);
    if (!next || !room.get(next)) break;
    found.push({ frame, path: focus.slice(0, depth), from: 0, width: 100, depth, isAbove: true });
    [frame, depth] = [next, depth + 1];
  }
  const whole = room.get(frame)! || 1;
  const place = (item: Frame, path: string[], from: number, level: number) => {
    const width = 100 * (room.get(item)! / whole);
    if (width < LEAST_WIDTH) return;
    found.push({ frame: item, path, from, width, depth: level, isAbove: false });
    let at = from;
    for (const child of [...item.children.values()].sort((x, y) => room.get(y)! - room.get(x)!)) {
      place(child, [...path, child.label], at, level + 1);
      at += 100 * (room.get(child)! / whole);
    }
  };
  place(frame, focus.slice(0, depth), 0, depth);
  return found;
}

/** The largest difference of any frame below the root. */
export function mostDelta(root: Frame): number {
  let most = 1;
  const look = (frame: Frame) => {
    for (const child of frame.children.values()) {
      most = Math.max(most, Math.abs(child.b - child.a));
      look(child);
    }
  };
  look(root);
  return most;
}
