// A flame graph's frames: a tree over the rows, built once for each way to stack them.
// Frames are numbered in preorder, siblings in the order they are drawn: the frames under f are f … end[f].
// Filters never rebuild it: they only give its leaves other weights.

import { NONE } from "../data/contract";
import type { Dataset } from "../data/dataset";
import type { StackWay } from "./clauses";
import type { LayerGroups } from "./fold";
import { PairIds } from "./ids";
import { grow, Tree } from "./paths";
import type { RowShapes, Shapes } from "./shapes";
import { FRAME_KINDS, type FrameKind, Tokens } from "./tokens";

/** Backend and category of rows that end in one frame. */
export interface Parts {
  /** Shapes, by the frame they end in. */
  shapes: Int32Array;
  /** Where each frame's begin in `shapes`; the last entry is the end. */
  from: Int32Array;
  role: Uint8Array;
  category: Uint8Array;
}

export class Stack {
  readonly labels: readonly string[];

  constructor(
    readonly way: StackWay,
    readonly parent: Int32Array,
    readonly depth: Int32Array,
    readonly end: Int32Array,
    /** Distinct labels, and which of them each frame has. Siblings never have the same. */
    readonly names: readonly string[],
    readonly nameOf: Int32Array,
    private readonly kinds: Uint8Array,
    /** Innermost frame of each row. */
    readonly leafOf: Int32Array,
    /** Shape of each row; see `parts`. */
    readonly shapeOf: Int32Array,
    readonly parts: Parts,
    private readonly groupOfFrame: ReadonlyMap<number, number>,
    private readonly groups: LayerGroups,
  ) {
    this.labels = Array.from(nameOf, (name) => names[name]!);
  }

  get size(): number {
    return this.parent.length;
  }

  kindOf(frame: number): FrameKind {
    return FRAME_KINDS[this.kinds[frame]]!;
  }

  /** Layers that a frame stands for; undefined where it is no frame of layers. */
  layersOf(frame: number): readonly number[] | undefined {
    const group = this.groupOfFrame.get(frame);
    return group === undefined ? undefined : this.groups.members[group];
  }

  /** Layers that those of a frame are equal to, shown together or not. */
  equalLayers(frame: number): readonly number[] | undefined {
    const group = this.groupOfFrame.get(frame);
    return group === undefined ? undefined : this.groups.equal[group];
  }

  /** Frames from below the root down to a frame. */
  trail(frame: number): number[] {
    const trail: number[] = [];
    for (let f = frame; f > 0; f = this.parent[f]) trail.push(f);
    return trail.reverse();
  }

  /** Labels from below the root down to a frame. */
  pathOf(frame: number): string[] {
    return this.trail(frame).map((f) => this.labels[f]!);
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
      const { end, labels } = this;
      let child = frame + 1;
      while (child <= end[frame] && labels[child] !== label) child = end[child] + 1;
      if (child > end[frame]) return NONE;
      frame = child;
    }
    return frame;
  }
}

export function buildStack(
  data: Dataset,
  rowShapes: RowShapes,
  way: StackWay,
  weights: ArrayLike<number>,
  groups: LayerGroups,
): Stack {
  const shapes = rowShapes.of(way.stack, way.top);
  const tokens = new Tokens(data, groups);
  const tree = new Tree();
  const leafOfShape = grow(data, way, shapes, tokens, tree);
  const count = tree.size;
  const parents = new Int32Array(count);
  const tokenOf = new Int32Array(count).fill(tokens.root());
  parents.set(tree.parents, 1);
  tokenOf.set(tree.tokens, 1);
  parents[0] = NONE;
  const { names, nameOf } = distinctNames(parents, tokenOf, tokens);
  const order = drawingOrder(parents, tokenOf, tokens, totals(parents, leafOfShape, shapes, weights));
  const place = new Int32Array(count);
  for (let id = 0; id < count; id++) place[order[id]] = id;

  const parent = new Int32Array(count).fill(NONE);
  const depth = new Int32Array(count);
  const end = new Int32Array(count);
  const kinds = new Uint8Array(count);
  const groupOfFrame = new Map<number, number>();
  const kindOfToken = tokens.kinds;
  const layerKind = FRAME_KINDS.indexOf("layer");
  for (let id = 0; id < count; id++) {
    const frame = order[id];
    kinds[id] = kindOfToken[tokenOf[frame]];
    if (kinds[id] === layerKind) groupOfFrame.set(id, tokens.idOf(tokenOf[frame]));
    if (id === 0) continue;
    parent[id] = place[parents[frame]];
    depth[id] = depth[parent[id]] + 1;
  }
  for (let id = count - 1; id >= 0; id--) {
    end[id] = Math.max(end[id], id);
    if (id > 0) end[parent[id]] = Math.max(end[parent[id]], end[id]);
  }
  const endOfShape = leafOfShape.map((frame) => place[frame]);
  const leafOf = new Int32Array(data.rows);
  for (let row = 0; row < leafOf.length; row++) leafOf[row] = endOfShape[shapes.of[row]];
  const named = order.map((frame) => nameOf[frame]);
  const parts = partsOf(data, shapes, endOfShape, count);
  return new Stack(way, parent, depth, end, names, named, kinds, leafOf, shapes.of, parts, groupOfFrame, groups);
}

function totals(parents: Int32Array, leafOfShape: Int32Array, shapes: Shapes, weights: ArrayLike<number>) {
  const total = new Float64Array(parents.length);
  const { of } = shapes;
  const byShape = new Float64Array(leafOfShape.length);
  for (let row = 0; row < of.length; row++) byShape[of[row]] += weights[row];
  for (let shape = 0; shape < byShape.length; shape++) total[leafOfShape[shape]] += byShape[shape];
  for (let frame = parents.length - 1; frame > 0; frame--) total[parents[frame]] += total[frame];
  return total;
}

/** Frames in preorder: layers, phases and steps in their order, everything else by weight. */
function drawingOrder(parents: Int32Array, tokenOf: Int32Array, tokens: Tokens, total: Float64Array): Int32Array {
  const count = parents.length;
  const { orders } = tokens;
  const from = starts(parents.subarray(1), count);
  const children = new Int32Array(count - 1);
  const filled = from.slice();
  for (let frame = 1; frame < count; frame++) children[filled[parents[frame]]++] = frame;
  const compare = (a: number, b: number) => orders[tokenOf[a]]! - orders[tokenOf[b]]! || total[b] - total[a] || a - b;
  const order = new Int32Array(count);
  const open = new Int32Array(count);
  let waiting = 1;
  for (let id = 0; waiting > 0; id++) {
    const frame = open[--waiting];
    order[id] = frame;
    const own = children.subarray(from[frame], from[frame + 1]);
    if (own.length > 1) own.sort(compare);
    for (let i = own.length - 1; i >= 0; i--) open[waiting++] = own[i];
  }
  return order;
}

/** Where each bin begins when numbers are sorted into bins; the last entry is the end. */
function starts(bins: Int32Array, count: number): Int32Array {
  const from = new Int32Array(count + 1);
  for (let i = 0; i < bins.length; i++) from[bins[i] + 1]++;
  for (let bin = 0; bin < count; bin++) from[bin + 1] += from[bin];
  return from;
}

/**
 * Labels that tell siblings apart, because paths are made of them: an operator and a kernel may have one name, and two
 * long names may be equal where they are not cut. Numbered by appearance, which no option changes.
 */
function distinctNames(parents: Int32Array, tokenOf: Int32Array, tokens: Tokens) {
  const names: string[] = [];
  const idOf = new Map<string, number>();
  const intern = (label: string): number => {
    let id = idOf.get(label);
    if (id === undefined) {
      id = names.push(label) - 1;
      idOf.set(label, id);
    }
    return id;
  };
  const nameOfToken = Int32Array.from(tokens.labels, intern);
  const nameOf = tokenOf.map((token) => nameOfToken[token]);
  if (names.length === tokens.count) return { names, nameOf };
  const taken = new PairIds();
  const isNew = (parent: number, name: number) => taken.size === taken.of(parent, name);
  for (let frame = 1; frame < parents.length; frame++) {
    const label = tokens.labels[tokenOf[frame]]!;
    for (let attempt = 1; !isNew(parents[frame], nameOf[frame]); attempt++) {
      const kind = tokens.kindOf(tokenOf[frame]);
      nameOf[frame] = intern(attempt === 1 ? `${label} (${kind})` : `${label} (${kind} ${attempt})`);
    }
  }
  return { names, nameOf };
}

function partsOf(data: Dataset, shapes: Shapes, endOfShape: Int32Array, count: number): Parts {
  const from = starts(endOfShape, count);
  const filled = from.slice();
  const sorted = new Int32Array(endOfShape.length);
  for (let shape = 0; shape < sorted.length; shape++) sorted[filled[endOfShape[shape]]++] = shape;
  const { role, category } = data.facts;
  return {
    shapes: sorted,
    from,
    role: Uint8Array.from(shapes.first, (row) => role[row]),
    category: Uint8Array.from(shapes.first, (row) => category[row]),
  };
}
