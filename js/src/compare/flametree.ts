// The difference flame graph as a tree and as boxes: levels that are chosen, then kernels. No element, no event.

import { type Dimension, fits, type Pair, type Row, rowsOf, type Selection, wholeOf } from "./payload";

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

/** Levels that can be chosen, from above; places in the model are always there, without them layers stand together. */
export const LEVELS = ["phase", "backend", "layer", "category", "op"] as const;
export type Levels = ReadonlySet<Dimension>;

/** A selected phase is all there is, unless phases stand side by side. */
export function grow(pair: Pair, selection: Selection, shown: Levels): Frame {
  const phase = shown.has("phase") ? undefined : selection.phase;
  const root: Frame = { ...fresh("everything"), row: wholeOf(pair, phase) };
  const levelsOf = levels(pair, shown, phase);
  for (let leaf = 0; leaf < pair.leaves.a.length; leaf++) {
    if (phase !== undefined && pair.leaves.phase[leaf] !== phase) continue;
    const isLit = fits(pair, leaf, selection);
    let frame = root;
    take(frame, pair, leaf, isLit);
    for (const [label, row, dimension] of levelsOf(leaf)) {
      const known = frame.children.get(label) ?? { ...fresh(label), row, dimension };
      frame.children.set(label, known);
      frame = known;
      take(frame, pair, leaf, isLit);
    }
  }
  return root;
}

type Level = [label: string, row?: Row, dimension?: Dimension];

function levels(pair: Pair, shown: Levels, phase?: number): (leaf: number) => Level[] {
  const { leaves } = pair;
  const single = singles(pair);
  const made = new Map<string, readonly Row[]>();
  const rowOf = (one: Dimension, leaf: number): Row => {
    // Below a phase, verdicts are those of that phase.
    const within = shown.has("phase") ? leaves.phase[leaf]! : phase;
    const name = `${one} ${within}`;
    if (!made.has(name)) made.set(name, rowsOf(pair, one, within));
    return made.get(name)![leaves[one][leaf]!]!;
  };
  return (leaf) => {
    const level = (one: Dimension): Level[] => {
      const row = rowOf(one, leaf);
      return shown.has(one) || one === "kernel" ? [[row.label, row, one]] : [];
    };
    const layer = rowOf("layer", leaf);
    const place: Level[] = /^\d/.test(layer.label)
      ? [["layers"], ...(shown.has("layer") ? [[`layer ${layer.label}`, layer, "layer"] as Level] : [])]
      : [[layer.label, layer, "layer"]];
    const op = single.has(leaves.op[leaf]!) ? [] : level("op");
    return [...level("phase"), ...level("backend"), ...place, ...level("category"), ...op, ...level("kernel")];
  };
}

/** Operators of one kernel of the same name: one frame is enough for both. */
export function singles(pair: Pair): Set<number> {
  const kernels = new Map<number, Set<number>>();
  pair.leaves.op.forEach((op, leaf) => {
    kernels.set(op, (kernels.get(op) ?? new Set()).add(pair.leaves.kernel[leaf]!));
  });
  const found = [...kernels].filter(([op, those]) => {
    const [first] = those;
    return those.size === 1 && pair.kernel[first!]!.label === pair.op[op]!.label;
  });
  return new Set(found.map(([op]) => op));
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

/** Phases, places and layers have an order of their own; of what has none, the widest comes first. */
function inOrder(frame: Frame, room: Map<Frame, number>): Frame[] {
  const order = ({ dimension, row }: Frame) => (dimension === "layer" || dimension === "phase" ? row!.key : 0.5);
  return [...frame.children.values()].sort((x, y) => order(x) - order(y) || room.get(y)! - room.get(x)!);
}

/** Frames as boxes; those too narrow to see are left out with all that is below. */
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
    for (const child of inOrder(item, room)) {
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
