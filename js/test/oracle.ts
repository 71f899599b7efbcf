// A second reading of rows, straight from their columns: it knows nothing of how stacks and filters are built.

import { NO_PHASE, NODE_KINDS, NONE } from "../src/data/contract";
import type { Dataset } from "../src/data/dataset";
import type { StackWay } from "../src/state/clauses";
import type { Selection } from "../src/state/selection";
import type { Row } from "./tiny";

export const all = (data: Dataset): number[] => Array.from({ length: data.rows }, (_, row) => row);

/** Rows as nasty as traces get: names that backends, kernels, operators and modules share, replays, nothing at all. */
export function randomRows(seed: number, count: number): Row[] {
  let state = seed;
  const below = (limit: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
  const one = <T>(items: readonly T[]): T => items[below(items.length)]!;
  return Array.from({ length: count }, (): Row => {
    const layer = one([undefined, undefined, 0, 1, 2]);
    const calls = one<string[]>([
      [],
      ["annotation step"],
      ["annotation step", "operator aten::mm"],
      ["annotation step", "operator aten::linear", "operator aten::mm"],
      ["annotation step", "runtime cudaGraphLaunch"],
      ["python forward", "python forward", "operator gemm"],
      ["annotation aten::mm", "python forward", "operator aten::mm", "runtime launch"],
      ["annotation aten::mm", "python forward", "operator aten::mm", "driver launch"],
    ]);
    const onHost = calls.length > 0 && calls.at(-1)?.startsWith("python") === false && below(3) === 0;
    const path = one(["mlp.up", "mlp", "norm", "", undefined]);
    const number = below(12) === 0 ? below(3) : layer; // a module of another layer than the row's own
    const module = path && (number === undefined ? `model.${path}` : `model.layers.${number}.${path}`);
    return {
      name: onHost ? calls.at(-1)!.split(" ")[1]! : one(["gemm", "rms", "aten::mm", "launch", "x".repeat(500), "up"]),
      calls: calls.length > 0 ? calls : undefined,
      onHost,
      layer,
      position: layer === undefined ? one(["before", "after", "outside"]) : "layer",
      role: one(["vllm", "torch", "cpu"]),
      category: one(["gemm", "norm"]),
      phase: one(["prefill", "decode", undefined]),
      step: one([-1, 0, 1]),
      module: module ?? undefined,
      ns: 1 + below(99),
    };
  });
}

/** Kinds and names of a row's frames, read straight from its columns. */
export function pathOf(data: Dataset, row: number, way: StackWay, groupOf: (layer: number) => string): string[] {
  const { facts, nodes, strings, meta, op } = data;
  const node = facts.node[row];
  const isHost = facts.stream[row] === NONE;
  const own = `${isHost ? "span" : "kernel"} ${strings[facts.name[row]]}`;
  const isOperator = isHost && NODE_KINDS[nodes.kind[node]] === "operator";
  const calls: string[] = [];
  for (let at = isHost ? node : node < 0 ? NONE : nodes.parent[node]; at >= 0; at = nodes.parent[at]) {
    calls.unshift(`${NODE_KINDS[nodes.kind[at]]} ${strings[nodes.name[at]]}`);
  }
  const work = [op[row] >= 0 && `operator ${strings[op[row]]}`, !isOperator && own].filter((part) => part !== false);
  const place = facts.layer[row] >= 0 ? groupOf(facts.layer[row]) : meta.positions[facts.position[row]]!;
  const module = (strings[facts.module[row]] ?? "").split(".").filter(Boolean);
  const isNumber = (part: string) =>
    /^\d+$/.test(part) && all(data).some((r) => sameModule(r) && `${facts.layer[r]}` === part);
  const sameModule = (other: number) => facts.module[other] === facts.module[row];
  const numbered = module.findIndex(isNumber);
  const path = {
    model: [place, ...module.slice(numbered + 1).map((part) => `module ${part}`), ...work],
    backend: [`backend ${facts.role[row]}`, `category ${facts.category[row]}`, ...work],
    call: isHost ? calls : [...calls, own],
  }[way.stack];
  if (way.inverted) path.reverse();
  if (way.top === "none") return path;
  return [way.top === "phase" ? `phase ${facts.phase[row]}` : `step ${facts.step[row]}`, ...path];
}

/** What `Breakdown.select` would take: its rules, read straight from the columns. */
export function picks(data: Dataset, selection: Selection, row: number): boolean {
  const { facts, nodes, strings, meta, op } = data;
  const above: number[] = [];
  for (let at = facts.node[row]; at >= 0; at = nodes.parent[at]) above.push(at);
  const values: Record<string, unknown> = {
    backend: meta.roles[facts.role[row]]!.key,
    category: meta.categories[facts.category[row]],
    phase: facts.phase[row] === NO_PHASE ? "" : meta.phases[facts.phase[row]],
    position: meta.positions[facts.position[row]],
    layer: facts.layer[row],
    step: facts.step[row],
    stream: facts.stream[row],
    node: facts.node[row],
    kernel: facts.stream[row] === NONE ? "" : strings[facts.name[row]],
    op: strings[op[row]] ?? "",
    module: strings[facts.module[row]] ?? "",
  };
  return Object.entries(selection).every(([dimension, wanted]) =>
    dimension === "under"
      ? (wanted as number[]).every((node) => above.includes(node))
      : (wanted as unknown[]).includes(values[dimension]),
  );
}
