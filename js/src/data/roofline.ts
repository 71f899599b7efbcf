// What Python says about the work of operators: see xpubreak/view/roofline.py.

export interface RooflinePoint {
  op: string;
  role: string;
  shapes: string;
  calls: number;
  time_ns: number;
  /** Operations for each byte. */
  x: number;
  /** Operations a second. */
  y: number;
  bytes_per_s: number;
  bound: string;
  least_ns: number | null;
  is_lower_bound: boolean;
  note: string;
}

export interface RooflinePacket {
  device: string;
  source: string;
  covered_frac: number;
  moving: number;
  left_out: number;
  points: RooflinePoint[];
  ranges: { x: [number, number]; y: [number, number] } | null;
  /** Bokeh's JSON item. */
  figure: unknown;
  roofs: { label: string; at: number }[];
  bandwidth: number | null;
}
