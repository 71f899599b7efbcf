import { checkVersion, readColumns } from "./columns";
import { COLUMNS, type Meta, NONE, OPERATOR } from "./contract";

export interface Nodes {
  parent: Int32Array;
  name: Int32Array;
  kind: Uint8Array;
}

export interface Facts {
  node: Int32Array;
  name: Int32Array;
  role: Uint8Array;
  category: Uint8Array;
  confidence: Uint8Array;
  evidence: Int32Array;
  layer: Int32Array;
  position: Uint8Array;
  phase: Uint8Array;
  step: Int32Array;
  stream: Int32Array;
  rank: Int32Array;
  module: Int32Array;
  device_ns: Float64Array;
  host_ns: Float64Array;
  count: Uint32Array;
}

/** One breakdown in the browser: the columns as sent, and what follows from them alone. */
export interface Dataset {
  meta: Meta;
  strings: string[];
  nodes: Nodes;
  facts: Facts;
  rows: number;
  /** Innermost operator at or above each node, -1 where there is none. */
  operatorOf: Int32Array;
  /** String id of each row's innermost operator, -1 for none. */
  op: Int32Array;
  /** 1 for what carries the weight and is counted as a call: device activities, or host spans on a CPU target. */
  isCounted: Uint8Array;
  /** Bar of each row: 0 before, 1 … n the layers, n + 1 after, n + 2 outside. */
  bar: Int32Array;
}

export function decode(meta: Meta, bytes: ArrayBuffer | DataView): Dataset {
  checkVersion(meta);
  const { nodes, facts } = readColumns(COLUMNS, meta.columns, bytes) as unknown as { nodes: Nodes; facts: Facts };
  const operatorOf = innermostOperators(nodes);
  return {
    meta,
    strings: meta.strings,
    nodes,
    facts,
    rows: facts.name.length,
    operatorOf,
    op: operatorNames(facts, nodes, operatorOf),
    isCounted: countedRows(facts, meta),
    bar: barOfRows(facts, meta),
  };
}

function innermostOperators(nodes: Nodes): Int32Array {
  const operatorOf = new Int32Array(nodes.parent.length).fill(NONE);
  for (let node = 0; node < operatorOf.length; node++) {
    const parent = nodes.parent[node];
    operatorOf[node] = nodes.kind[node] === OPERATOR ? node : parent >= 0 && parent < node ? operatorOf[parent] : NONE;
  }
  return operatorOf;
}

function operatorNames(facts: Facts, nodes: Nodes, operatorOf: Int32Array): Int32Array {
  // -1 comes first.
  const nameOf = new Int32Array(operatorOf.length + 1).fill(NONE);
  for (let node = 0; node < operatorOf.length; node++) {
    if (operatorOf[node] >= 0) nameOf[node + 1] = nodes.name[operatorOf[node]];
  }
  const op = new Int32Array(facts.node.length);
  for (let row = 0; row < op.length; row++) op[row] = nameOf[facts.node[row] + 1];
  return op;
}

function countedRows({ stream }: Facts, meta: Meta): Uint8Array {
  const counted = new Uint8Array(stream.length);
  const onDevice = meta.weight === "device";
  for (let row = 0; row < counted.length; row++) counted[row] = stream[row] >= 0 === onDevice ? 1 : 0;
  return counted;
}

function barOfRows(facts: Facts, meta: Meta): Int32Array {
  const layerCount = meta.layer_count;
  const before = meta.positions.indexOf("before");
  const after = meta.positions.indexOf("after");
  const { layer, position } = facts;
  const bar = new Int32Array(layer.length);
  for (let row = 0; row < bar.length; row++) {
    if (layer[row] >= 0 && layer[row] < layerCount) bar[row] = layer[row] + 1;
    else if (position[row] === before) bar[row] = 0;
    else bar[row] = position[row] === after ? layerCount + 1 : layerCount + 2;
  }
  return bar;
}
