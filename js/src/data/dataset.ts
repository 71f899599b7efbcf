import { COLUMNS, type Dtype, FORMAT, type Meta, NONE, OPERATOR, VERSION } from "./contract";

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
  /** Calls of what carries the weight: device activities, or host spans on a CPU target; 0 for other rows. */
  calls: Float64Array;
  /** Bar of each row: 0 before, 1 … n the layers, n + 1 after, n + 2 outside. */
  bar: Int32Array;
}

const ARRAYS = { i32: Int32Array, u8: Uint8Array, i16: Int16Array, u32: Uint32Array, f64: Float64Array };

/** The data is of another format or version than this code, or is cut short. */
export class ContractError extends Error {}

export function decode(meta: Meta, bytes: ArrayBuffer | DataView): Dataset {
  if (meta.format !== FORMAT || meta.version !== VERSION) {
    throw new ContractError(
      `This view reads ${FORMAT} version ${VERSION}, the data is ${meta.format} version ${meta.version}. ` +
        "Restart the kernel and reload the page so that both come from the same installation.",
    );
  }
  const tables: Record<string, Record<string, ArrayBufferView>> = { nodes: {}, facts: {} };
  for (const [table, name, dtype] of COLUMNS) {
    const column = meta.columns.find((c) => c.table === table && c.name === name);
    if (!column || column.dtype !== dtype)
      throw new ContractError(`The data has no column ${table}.${name} (${dtype}).`);
    tables[table]![name] = slice(bytes, dtype, column.offset, column.length);
  }
  const nodes = tables.nodes as unknown as Nodes;
  const facts = tables.facts as unknown as Facts;
  const operatorOf = innermostOperators(nodes);
  const onDevice = meta.weight === "device";
  return {
    meta,
    strings: meta.strings,
    nodes,
    facts,
    rows: facts.name.length,
    operatorOf,
    op: facts.node.map((node) => (node >= 0 && operatorOf[node] >= 0 ? nodes.name[operatorOf[node]] : NONE)),
    calls: Float64Array.from(facts.count, (count, row) => (facts.stream[row] >= 0 === onDevice ? count : 0)),
    bar: barOfRows(facts, meta),
  };
}

function slice(bytes: ArrayBuffer | DataView, dtype: Dtype, offset: number, length: number): ArrayBufferView {
  const type = ARRAYS[dtype];
  const buffer = bytes instanceof DataView ? bytes.buffer : bytes;
  const start = (bytes instanceof DataView ? bytes.byteOffset : 0) + offset;
  if (offset + length * type.BYTES_PER_ELEMENT > bytes.byteLength) throw new ContractError("The data is cut short.");
  // A message's buffer starts at any address; typed arrays need their own alignment.
  if (start % type.BYTES_PER_ELEMENT === 0) return new type(buffer as ArrayBuffer, start, length);
  return new type(buffer.slice(start, start + length * type.BYTES_PER_ELEMENT) as ArrayBuffer);
}

function innermostOperators(nodes: Nodes): Int32Array {
  const operatorOf = new Int32Array(nodes.parent.length).fill(NONE);
  for (let node = 0; node < operatorOf.length; node++) {
    const parent = nodes.parent[node];
    operatorOf[node] = nodes.kind[node] === OPERATOR ? node : parent >= 0 && parent < node ? operatorOf[parent] : NONE;
  }
  return operatorOf;
}

function barOfRows(facts: Facts, meta: Meta): Int32Array {
  const layerCount = meta.layer_count;
  const before = meta.positions.indexOf("before");
  const after = meta.positions.indexOf("after");
  const bar = new Int32Array(facts.layer.length);
  for (let row = 0; row < bar.length; row++) {
    const layer = facts.layer[row];
    if (layer >= 0 && layer < layerCount) bar[row] = layer + 1;
    else if (facts.position[row] === before) bar[row] = 0;
    else bar[row] = facts.position[row] === after ? layerCount + 1 : layerCount + 2;
  }
  return bar;
}
