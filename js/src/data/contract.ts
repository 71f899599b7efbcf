// What Python sends: one JSON header and one binary of little-endian columns, each aligned to 8 bytes.
// Mirrors xpubreak/view/contract.py; tests/view/test_contract.py keeps the two in step.

export const FORMAT = "xpubreak";
export const VERSION = 1;

export type Dtype = "i32" | "u8" | "i16" | "u32" | "f64";

/** Every column, as table, name and dtype. -1 means none in signed columns, 255 in `phase`. */
export const COLUMNS = [
  ["nodes", "parent", "i32"],
  ["nodes", "name", "i32"],
  ["nodes", "kind", "u8"],
  ["facts", "node", "i32"],
  ["facts", "name", "i32"],
  ["facts", "role", "u8"],
  ["facts", "category", "u8"],
  ["facts", "confidence", "u8"],
  ["facts", "evidence", "i32"],
  ["facts", "layer", "i32"],
  ["facts", "position", "u8"],
  ["facts", "phase", "u8"],
  ["facts", "step", "i32"],
  ["facts", "stream", "i32"],
  ["facts", "rank", "i32"],
  ["facts", "module", "i32"],
  ["facts", "device_ns", "f64"],
  ["facts", "host_ns", "f64"],
  ["facts", "count", "u32"],
] as const;

/** What a node of the call tree is; the code in `nodes.kind` is the position in this list. */
export const NODE_KINDS = ["operator", "annotation", "runtime", "driver", "python", "kernel", "memcpy", "memset"];
export const OPERATOR = 0;
export const KERNEL = 5;

export const NONE = -1;
export const NO_PHASE = 255;

export type Weight = "device" | "host";

export interface Role {
  key: string;
  label: string;
}

export interface IssueNote {
  code: string;
  severity: string;
  message: string;
  count: number;
  example: string;
}

export interface EvidenceNote {
  rule: string;
  source: string;
  key: string;
  note: string;
}

export interface Meta {
  format: string;
  version: number;
  title: string;
  device: string;
  device_name: string;
  synthetic: boolean;
  weight: Weight;
  roles: Role[];
  categories: string[];
  phases: string[];
  confidences: string[];
  positions: string[];
  steps: { index: number; name: string; phase: string }[];
  layer_count: number;
  ranks: number[];
  streams: string[];
  totals: {
    device_ns: number;
    busy_ns: number;
    wall_ns: number;
    host_ns: number;
    activities: number;
    spans: number;
  };
  coverage: { linked_ns: number; unlinked_ns: number; unattributed_ns: number; weak_ns: number };
  issues: IssueNote[];
  sources: { step: string; phase: string; layer: string; module: string };
  evidences: EvidenceNote[];
  strings: string[];
  columns: { table: string; name: string; dtype: Dtype; length: number; offset: number }[];
}
