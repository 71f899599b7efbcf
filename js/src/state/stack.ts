// A flame graph's frames: a tree over the rows, built once for each way to stack them.
// Frames are numbered in preorder, siblings in the order they are drawn: the frames under f are f … end[f].
// Filters never rebuild it: they only give its leaves other weights.

import { NONE } from "../data/contract";
import type { Dataset } from "../data/dataset";
import type { StackKind } from "./clauses";
import type { LayerGroups } from "./fold";
import { type Token, tokensOf } from "./tokens";

/** What a frame stands for. */
export type FrameKind = "root" | "layer" | "place" | "module" | "backend" | "category" | "call" | "operator" | "kernel";

export class Stack {
  constructor(
    readonly kind: StackKind,
    readonly parent: Int32Array,
    readonly depth: Uint16Array,
    readonly end: Int32Array,
    readonly labels: string[],
    readonly kinds: FrameKind[],
    /** Frame of each row's kernel or operator. */
    readonly leafOf: Int32Array,
  ) {}

  get size(): number {
    return this.parent.length;
  }

  /** Labels from below the root down to a frame. */
  pathOf(frame: number): string[] {
    const path: string[] = [];
    for (let f = frame; f > 0; f = this.parent[f]) path.unshift(this.labels[f]!);
    return path;
  }

  children(frame: number): number[] {
    const found: number[] = [];
    for (let f = frame + 1; f <= this.end[frame]; f = this.end[f] + 1) found.push(f);
    return found;
  }

  /** The frame that labels lead to, or -1. */
  find(path: readonly string[]): number {
    let frame = 0;
    for (const label of path) {
      const next = this.children(frame).find((child) => this.labels[child] === label);
      if (next === undefined) return NONE;
      frame = next;
    }
    return frame;
  }
}

export function buildStack(data: Dataset, kind: StackKind, weights: ArrayLike<number>, groups: LayerGroups): Stack {
  const parents: number[] = [NONE];
  const tokens: Token[] = [{ kind: "root", id: 0, order: 0, label: "all" }];
  const childOf = new Map<string, number>();
  const leaf = new Int32Array(data.rows);
  const seen: number[] = [];
  const read = tokensOf(data, kind, groups);
  for (let row = 0; row < data.rows; row++) {
    const shape = read.shapeOf(row);
    let frame: number | undefined = seen[shape];
    if (frame === undefined) {
      frame = 0;
      for (const token of read.path(row)) {
        const key = `${frame} ${token.kind} ${token.id}`;
        let child = childOf.get(key);
        if (child === undefined) {
          child = parents.push(frame) - 1;
          tokens.push(token);
          childOf.set(key, child);
        }
        frame = child;
      }
      seen[shape] = frame;
    }
    leaf[row] = frame;
  }
  return inDrawingOrder(kind, parents, tokens, leaf, weights);
}

/** Renumber frames to preorder: layers in their order, everything else by weight. */
function inDrawingOrder(
  kind: StackKind,
  parents: number[],
  tokens: Token[],
  leaf: Int32Array,
  weights: ArrayLike<number>,
): Stack {
  const count = parents.length;
  const total = new Float64Array(count);
  for (let row = 0; row < leaf.length; row++) total[leaf[row]] += weights[row];
  for (let frame = count - 1; frame > 0; frame--) total[parents[frame]!] += total[frame];
  const children: number[][] = Array.from({ length: count }, () => []);
  for (let frame = 1; frame < count; frame++) children[parents[frame]!]!.push(frame);
  for (const list of children) {
    list.sort((a, b) => tokens[a]!.order - tokens[b]!.order || total[b] - total[a] || a - b);
  }
  const position = new Int32Array(count);
  const parent = new Int32Array(count).fill(NONE);
  const depth = new Uint16Array(count);
  const end = new Int32Array(count);
  const labels: string[] = [];
  const kinds: FrameKind[] = [];
  const open = [0];
  while (open.length > 0) {
    const frame = open.pop()!;
    const id = labels.push(tokens[frame]!.label) - 1;
    kinds.push(tokens[frame]!.kind);
    position[frame] = id;
    if (frame > 0) {
      parent[id] = position[parents[frame]!];
      depth[id] = Math.min(65_535, depth[parent[id]] + 1);
    }
    for (let i = children[frame]!.length - 1; i >= 0; i--) open.push(children[frame]![i]!);
  }
  for (let id = count - 1; id >= 0; id--) {
    end[id] = Math.max(end[id], id);
    if (id > 0) end[parent[id]] = Math.max(end[parent[id]], end[id]);
  }
  return new Stack(
    kind,
    parent,
    depth,
    end,
    labels,
    kinds,
    leaf.map((frame) => position[frame]),
  );
}
