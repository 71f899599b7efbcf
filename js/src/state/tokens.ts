// From a row to the labels of its frames, outermost first.

import { NONE } from "../data/contract";
import type { Dataset } from "../data/dataset";
import { plainName } from "../data/format";
import type { StackKind } from "./clauses";
import type { LayerGroups } from "./fold";
import type { FrameKind } from "./stack";

export interface Token {
  kind: FrameKind;
  /** Tells siblings of one kind apart. */
  id: number | string;
  /** Siblings with a lower number come first; equal ones are ordered by weight. */
  order: number;
  label: string;
}

export interface TokenReader {
  /** Rows with equal shapes have equal paths. */
  shapeOf(row: number): number;
  path(row: number): Token[];
}

/** Small numbers for pairs of numbers from -1 up to 2^26. */
class PairIds {
  private readonly known = new Map<number, number>();

  of(a: number, b: number): number {
    const key = (a + 1) * 2 ** 26 + b + 1;
    let id = this.known.get(key);
    if (id === undefined) {
      id = this.known.size;
      this.known.set(key, id);
    }
    return id;
  }
}

export function tokensOf(data: Dataset, kind: StackKind, groups: LayerGroups): TokenReader {
  const { facts, op } = data;
  const [pairs, starts, ends] = [new PairIds(), new PairIds(), new PairIds()];
  if (kind === "call") {
    return { shapeOf: (row) => pairs.of(facts.node[row], facts.name[row]), path: (row) => callPath(data, row) };
  }
  if (kind === "backend") {
    return {
      shapeOf: (row) => pairs.of(facts.role[row] * 256 + facts.category[row], ends.of(op[row], facts.name[row])),
      path: (row) => [
        { kind: "backend", id: facts.role[row], order: 0, label: data.meta.roles[facts.role[row]]?.label ?? "?" },
        {
          kind: "category",
          id: facts.category[row],
          order: 0,
          label: data.meta.categories[facts.category[row]] ?? "?",
        },
        ...leafTokens(data, row),
      ],
    };
  }
  return {
    shapeOf: (row) => pairs.of(starts.of(data.bar[row], facts.module[row]), ends.of(op[row], facts.name[row])),
    path: (row) => [...placeTokens(data, row, groups), ...(isModuleItself(data, row) ? [] : leafTokens(data, row))],
  };
}

const PLACES = ["before layers", "after layers", "outside layers"];

function placeTokens(data: Dataset, row: number, groups: LayerGroups): Token[] {
  const layerCount = data.meta.layer_count;
  const bar = data.bar[row];
  const module = data.facts.module[row];
  const names = module === NONE ? [] : (data.strings[module] ?? "").split(".").filter((part) => part !== "");
  const inLayer = bar >= 1 && bar <= layerCount;
  const tokens: Token[] = [];
  if (inLayer) {
    const group = groups.groupOf[bar - 1];
    tokens.push({ kind: "layer", id: group, order: 1 + groups.members[group]![0]!, label: groups.labels[group]! });
  } else if (layerCount > 0) {
    const place = bar === 0 ? 0 : bar - layerCount;
    const order = place === 0 ? 0 : layerCount + 1 + place;
    tokens.push({ kind: "place", id: place, order, label: PLACES[place]! });
  }
  for (const name of inLayer ? afterLayer(names, bar - 1) : names) {
    tokens.push({ kind: "module", id: name, order: 0, label: plainName(name) });
  }
  return tokens;
}

/** What follows a layer's own number in a module's path: the same for equal layers. */
export function afterLayer(segments: readonly string[], layer: number): string[] {
  return segments.slice(segments.indexOf(`${layer}`) + 1);
}

/** Whether a row is the span of its module: its time is the module's own, with no frame below. */
function isModuleItself(data: Dataset, row: number): boolean {
  return data.facts.module[row] !== NONE && data.facts.module[row] === data.facts.name[row];
}

/** Operator, then kernel; one frame where the row is the operator itself. */
function leafTokens(data: Dataset, row: number): Token[] {
  const operator = data.op[row];
  const name = data.facts.name[row];
  const label = plainName(data.strings[name] ?? "");
  const isHost = data.facts.stream[row] === NONE;
  const leaf: Token = { kind: isHost ? "operator" : "kernel", id: name, order: 0, label };
  if (operator === NONE || operator === name) return [leaf];
  return [{ kind: "operator", id: operator, order: 0, label: plainName(data.strings[operator] ?? "") }, leaf];
}

function callPath(data: Dataset, row: number): Token[] {
  const { parent, name } = data.nodes;
  const tokens: Token[] = [];
  // Deeper than this no frame can be told from the next; the innermost calls are the ones that matter.
  for (let node = data.facts.node[row]; node >= 0 && tokens.length < 4000; node = parent[node]) {
    const kind = node === data.facts.node[row] ? "operator" : "call";
    tokens.push({ kind, id: name[node], order: 0, label: plainName(data.strings[name[node]] ?? "") });
  }
  tokens.reverse();
  const own = tokens.at(-1);
  const leaf = data.facts.name[row];
  const isHost = data.facts.stream[row] === NONE;
  if (own?.id === leaf) own.kind = isHost ? "operator" : "kernel";
  else
    tokens.push({
      kind: isHost ? "operator" : "kernel",
      id: leaf,
      order: 0,
      label: plainName(data.strings[leaf] ?? ""),
    });
  return tokens;
}
