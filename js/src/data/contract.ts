// What Python sends: one JSON header and one binary of little-endian columns, each aligned to 8 bytes.
// Mirrors xpubreak/view/contract.py; tests/view/test_contract.py keeps the two in step.

import type { RooflinePacket } from "./roofline";

export const FORMAT = "xpubreak";
export const VERSION = 3;

export type Dtype = "i8" | "i16" | "i32" | "u8" | "u16" | "u32" | "f64";

/** Dtypes that a column may travel in where its numbers are small; it is read as what the contract says all the same. */
export const NARROWER: Partial<Record<Dtype, readonly Dtype[]>> = {
  i32: ["i8", "i16"],
  u32: ["u8", "u16"],
  f64: ["u8", "u16", "u32"],
};

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

/** A second packet, one entry per activity and span, in the order in which a timeline draws them. */
export const EVENT_COLUMNS = [
  ["events", "fact", "i32"],
  ["events", "row", "i32"],
  ["events", "launch", "i32"],
  ["events", "shapes", "i32"],
  ["events", "start_ns", "f64"],
  ["events", "dur_ns", "f64"],
  ["events", "host_ns", "f64"],
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

export interface FindingNote {
  key: string;
  title: string;
  severity: string;
  at_stake_ns: number;
  at_stake_per_step_ns: number | null;
  arithmetic: string;
  /** As `Breakdown.select` takes it. */
  evidence: Record<string, unknown>;
  advice: string;
  source: string;
  caveat: string;
  /** What lies behind the number, piece by piece, columns of equal length; not in data of older kernels. */
  columns?: Record<string, number[]>;
  /** Time at stake in words; empty for none. */
  stake: string;
  /** Of a saved copy: what of the evidence is folded there. */
  folded?: string;
}

export interface Meta {
  format: string;
  version: number;
  title: string;
  device: string;
  device_name: string;
  synthetic: boolean;
  /** Of libraries, as far as the trace is stamped with them; not in data of older kernels. */
  versions?: Record<string, string>;
  /** Wall time with the profiler relative to without; null where it was not measured. */
  overhead_ratio?: number | null;
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
    /** −1 where it is not known. */
    busy_ns: number;
    /** Mean of the ranks; null where it is not known. Not in data of older kernels. */
    idle_frac?: number | null;
    wall_ns: number;
    host_ns: number;
    activities: number;
    spans: number;
  };
  coverage: { linked_ns: number; unlinked_ns: number; unattributed_ns: number; weak_ns: number };
  issues: IssueNote[];
  /** Worst first; not in data of older kernels. */
  findings?: { summary: string; items: FindingNote[] };
  sources: { step: string; phase: string; layer: string; module: string };
  evidences: EvidenceNote[];
  /** Work of operators; not in data of older kernels. */
  roofline?: RooflinePacket;
  strings: string[];
  columns: Column[];
}

/** Where a column lies in the binary. */
export interface Column {
  table: string;
  name: string;
  dtype: Dtype;
  length: number;
  offset: number;
}

/** A host thread or a device stream; `first[k]` is the first event of its k-th row of bars, the last one is the end. */
export interface Lane {
  rank: number;
  kind: "stream" | "thread";
  label: string;
  stream: number;
  height: number;
  first: number[];
}

export interface StepSpan {
  rank: number;
  index: number;
  phase: string;
  start_ns: number;
  wall_ns: number;
}

export interface EventsMeta {
  format: string;
  version: number;
  lanes: Lane[];
  /** Events nested too deeply to be drawn; they come after all lanes. */
  undrawn: number;
  shapes: string[];
  steps: StepSpan[];
  columns: Column[];
}
