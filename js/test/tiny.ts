// Datasets drawn in a few lines: one row for each line of the drawing.

import { COLUMNS, type Meta, NODE_KINDS, VERSION, type Weight } from "../src/data/contract";
import { type Dataset, decode } from "../src/data/dataset";

export interface Row {
  name: string;
  op?: string;
  role?: string;
  category?: string;
  layer?: number;
  position?: string;
  phase?: string;
  module?: string;
  ns: number;
  count?: number;
  step?: number;
  onHost?: boolean;
  /** Calls around it as "kind name", outermost first; on the host the last one is the row itself. */
  calls?: string[];
}

const ROLES = ["vllm", "torch", "triton", "cpu", "framework", "collectives", "unattributed"];
const CATEGORIES = ["attention", "norm", "gemm", "other"];
const PHASES = ["prefill", "decode", "mixed", "unknown"];
const POSITIONS = ["before", "layer", "after", "outside"];

export function tiny(rows: Row[], weight: Weight = "device"): Dataset {
  const strings: string[] = [];
  const ids = new Map<string, number>();
  const string = (text: string | undefined) => {
    if (text === undefined) return -1;
    const known = ids.get(text) ?? strings.push(text) - 1;
    ids.set(text, known);
    return known;
  };
  const nodes: { parent: number; name: number; kind: number }[] = [];
  const node = (parent: number, name: string, kind: number) => {
    const found = nodes.findIndex((n) => n.parent === parent && n.name === string(name) && n.kind === kind);
    return found >= 0 ? found : nodes.push({ parent, name: string(name), kind }) - 1;
  };
  const nodeOf = ({ calls, op, name, onHost }: Row) => {
    if (!calls) return op ? node(node(-1, op, 0), name, 5) : -1;
    const chain = onHost ? calls : [...calls, `kernel ${name}`];
    return chain.reduce((above, call) => {
      const [kind, ...words] = call.split(" ");
      return node(above, words.join(" "), NODE_KINDS.indexOf(kind!));
    }, -1);
  };
  const facts = rows.map((row) => ({
    node: nodeOf(row),
    name: string(row.name),
    role: ROLES.indexOf(row.role ?? "torch"),
    category: CATEGORIES.indexOf(row.category ?? "other"),
    confidence: 4,
    evidence: 0,
    layer: row.layer ?? -1,
    position: POSITIONS.indexOf(row.position ?? (row.layer === undefined ? "outside" : "layer")),
    phase: row.phase ? PHASES.indexOf(row.phase) : 255,
    step: row.step ?? -1,
    stream: row.onHost ? -1 : 0,
    rank: 0,
    module: string(row.module),
    device_ns: row.onHost ? 0 : row.ns,
    host_ns: row.onHost ? row.ns : 0,
    count: row.count ?? 1,
  }));
  const tables: Record<string, Record<string, number>[]> = { nodes, facts };
  const directory: Meta["columns"] = [];
  const bytes = new DataView(new ArrayBuffer(COLUMNS.length * 8 * (rows.length * 2 + nodes.length + 1)));
  let offset = 0;
  const write: Record<string, (at: number, v: number) => void> = {
    i32: (at: number, v: number) => bytes.setInt32(at, v, true),
    u8: (at: number, v: number) => bytes.setUint8(at, v),
    u32: (at: number, v: number) => bytes.setUint32(at, v, true),
    f64: (at: number, v: number) => bytes.setFloat64(at, v, true),
  };
  const sizes: Record<string, number> = { i32: 4, u8: 1, u32: 4, f64: 8 };
  for (const [table, name, dtype] of COLUMNS) {
    const values = tables[table]!.map((entry) => entry[name]!);
    directory.push({ table, name, dtype, length: values.length, offset });
    values.forEach((value, i) => {
      write[dtype]!(offset + i * sizes[dtype]!, value);
    });
    offset += Math.ceil((values.length * sizes[dtype]!) / 8) * 8;
  }
  const layers = rows.map((row) => row.layer ?? -1);
  return decode(
    {
      format: "xpubreak",
      version: VERSION,
      title: "tiny",
      device: "xpu",
      device_name: "",
      synthetic: true,
      weight,
      roles: ROLES.map((key) => ({ key, label: key })),
      categories: CATEGORIES,
      phases: PHASES,
      confidences: ["none", "weak", "context", "strong", "certain"],
      positions: POSITIONS,
      steps: [],
      layer_count: Math.max(-1, ...layers) + 1,
      ranks: [0],
      streams: ["0"],
      totals: { device_ns: 0, busy_ns: 0, wall_ns: 0, host_ns: 0, activities: 0, spans: 0 },
      coverage: { linked_ns: 0, unlinked_ns: 0, unattributed_ns: 0, weak_ns: 0 },
      issues: [],
      sources: { step: "none", phase: "none", layer: "none", module: "none" },
      evidences: [{ rule: "r", source: "s", key: "k", note: "" }],
      strings,
      columns: directory,
    },
    bytes,
  );
}

/** A stack as indented lines: `label weight`. */
export function drawn(
  stack: { labels: readonly string[]; depth: ArrayLike<number> },
  value: ArrayLike<number>,
): string {
  return stack.labels
    .map((label, frame) => `${"  ".repeat(stack.depth[frame]!)}${label} ${value[frame]}`)
    .filter((_, frame) => value[frame]! > 0)
    .join("\n");
}
