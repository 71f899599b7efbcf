// The tree of frames as it grows: from each shape of rows to the frame that is its innermost.

import { NONE } from "../data/contract";
import type { Dataset } from "../data/dataset";
import type { StackWay } from "./clauses";
import { PairIds } from "./ids";
import { MODULE_ITSELF, OPERATOR_ITSELF, type Shapes, variants } from "./shapes";
import type { Tokens } from "./tokens";

/** Frames in order of appearance, parents first; 0 is the root. */
export class Tree {
  private readonly pairs = new PairIds();

  child(parent: number, token: number): number {
    return this.pairs.of(parent, token) + 1;
  }

  get size(): number {
    return this.pairs.size + 1;
  }

  /** Parent of each frame but the root, from frame 1 on. */
  get parents(): Int32Array {
    return this.pairs.firsts;
  }

  get tokens(): Int32Array {
    return this.pairs.seconds;
  }
}

/** Frames that an inverted stack of calls may have before callers far out are put together. */
const FRAME_BUDGET = 2_000_000;
const FEWEST_CALLERS = 8;

/** Innermost frame of every shape. */
export function grow(data: Dataset, way: StackWay, shapes: Shapes, tokens: Tokens, tree: Tree): Int32Array {
  const topOf = topTokens(data, way, tokens);
  if (way.stack === "call" && !way.inverted) return growCalls(data, shapes, tokens, tree, topOf);
  const write = way.stack === "call" ? callers(data, shapes, tokens) : writer(data, way, tokens);
  const path: number[] = [];
  return shapes.first.map((row) => {
    path.length = 0;
    write(row, path);
    const top = topOf(row);
    let frame = top === NONE ? 0 : tree.child(0, top);
    // Callers are written innermost first already.
    if (way.inverted && way.stack !== "call") path.reverse();
    for (const token of path) frame = tree.child(frame, token);
    return frame;
  });
}

function topTokens(data: Dataset, way: StackWay, tokens: Tokens): (row: number) => number {
  const { phase, step } = data.facts;
  if (way.top === "phase") return (row) => tokens.phase(phase[row]);
  if (way.top === "step") return (row) => tokens.step(step[row]);
  return () => NONE;
}

type Writer = (row: number, path: number[]) => void;

function writer(data: Dataset, way: StackWay, tokens: Tokens): Writer {
  const { facts, op, bar } = data;
  const variant = variants(data);
  const end: Writer = (row, path) => {
    if (op[row] !== NONE) path.push(tokens.name("operator", op[row]));
    if (variant[row] !== OPERATOR_ITSELF) path.push(leaf(data, tokens, row));
  };
  if (way.stack === "backend") {
    return (row, path) => {
      path.push(tokens.backend(facts.role[row]), tokens.category(facts.category[row]));
      end(row, path);
    };
  }
  // Layers before modules: equal layers are one frame only if nothing above them tells them apart, and they have a place
  // in time, among what runs before and after, which modules do not have.
  return (row, path) => {
    if (data.meta.layer_count > 0) path.push(tokens.bar(bar[row]));
    for (const token of tokens.module(facts.module[row])) path.push(token);
    if (variant[row] !== MODULE_ITSELF) end(row, path);
  };
}

function leaf(data: Dataset, tokens: Tokens, row: number): number {
  const { stream, name } = data.facts;
  return tokens.name(stream[row] === NONE ? "span" : "kernel", name[row]);
}

/** Calls stack as they are nested: one frame for each node under each top, however deep. */
function growCalls(
  data: Dataset,
  shapes: Shapes,
  tokens: Tokens,
  tree: Tree,
  topOf: (row: number) => number,
): Int32Array {
  const { parent } = data.nodes;
  const { node, stream } = data.facts;
  const places = new PairIds(); // of frames known by top and node
  const frames: number[] = [];
  const climbed: number[] = [];
  const frameOf = (top: number, from: number): number => {
    climbed.length = 0;
    let frame = top;
    for (let at = from; at >= 0; at = parent[at]) {
      const place = places.of(top, at);
      if (place < frames.length) {
        frame = frames[place]!;
        break;
      }
      frames.push(NONE);
      climbed.push(at, place);
    }
    for (let i = climbed.length - 2; i >= 0; i -= 2) {
      frame = tree.child(frame, tokens.node(climbed[i]!));
      frames[climbed[i + 1]!] = frame;
    }
    return frame;
  };
  return shapes.first.map((row) => {
    const token = topOf(row);
    const top = token === NONE ? 0 : tree.child(0, token);
    const at = node[row];
    if (stream[row] === NONE && at >= 0) return frameOf(top, at);
    return tree.child(frameOf(top, at >= 0 ? parent[at] : NONE), leaf(data, tokens, row));
  });
}

function callers(data: Dataset, shapes: Shapes, tokens: Tokens): Writer {
  const { parent } = data.nodes;
  const { node, stream } = data.facts;
  const depth = new Int32Array(parent.length);
  for (let at = 0; at < depth.length; at++) depth[at] = parent[at] >= 0 ? depth[parent[at]] + 1 : 1;
  const most = callerLimit(Array.from(shapes.first, (row) => (node[row] >= 0 ? depth[node[row]] : 1)));
  return (row, path) => {
    const at = node[row];
    path.push(stream[row] === NONE && at >= 0 ? tokens.node(at) : leaf(data, tokens, row));
    for (let above = at >= 0 ? parent[at] : NONE; above >= 0; above = parent[above]) {
      if (path.length > most) {
        path.push(tokens.more());
        break;
      }
      path.push(tokens.node(above));
    }
  };
}

/** How many callers can be told apart within the budget. */
export function callerLimit(depths: readonly number[], budget = FRAME_BUDGET): number {
  let most = depths.reduce((deepest, depth) => Math.max(deepest, depth), 0);
  const frames = (limit: number) => depths.reduce((sum, depth) => sum + Math.min(depth, limit + 1), 0);
  while (most > FEWEST_CALLERS && frames(most) > budget) most = Math.max(FEWEST_CALLERS, Math.floor(most * 0.8));
  return most;
}
