// What frames are made of. Equal tokens under one frame are one frame.

import { NO_PHASE, NODE_KINDS, NONE } from "../data/contract";
import type { Dataset } from "../data/dataset";
import { plainName } from "../data/format";
import type { LayerGroups } from "./fold";
import { PairIds } from "./ids";

/** What a frame stands for. A span is a host event that is no operator, "more" are callers too far out to tell apart. */
export const FRAME_KINDS = [
  "root",
  "phase",
  "step",
  "layer",
  "place",
  "module",
  "backend",
  "category",
  "call",
  "annotation",
  "operator",
  "span",
  "kernel",
  "more",
] as const;
export type FrameKind = (typeof FRAME_KINDS)[number];

const KIND_CODES = Object.fromEntries(FRAME_KINDS.map((kind, code) => [kind, code])) as Record<FrameKind, number>;
const PLACES = ["before layers", "after layers", "outside layers"];
const KIND_OF_NODE = NODE_KINDS.map((kind): FrameKind => {
  if (kind === "operator") return "operator";
  if (kind === "python") return "call";
  if (kind === "annotation") return kind;
  return ["kernel", "memcpy", "memset"].includes(kind) ? "kernel" : "span";
});

/** More than there are kinds of nodes. */
const NODE_CODES = 16;

export class Tokens {
  readonly labels: string[] = [];
  /** Siblings with a lower number come first; equal ones are ordered by weight. */
  readonly orders: number[] = [];
  private readonly ids = new PairIds();
  private readonly segments = new Map<string, number>();
  private readonly modules = new Map<number, Int32Array>();
  private readonly layerOfModule: Int32Array;

  constructor(
    private readonly data: Dataset,
    private readonly groups: LayerGroups,
  ) {
    this.layerOfModule = layersOfModules(data);
    this.root();
  }

  get count(): number {
    return this.labels.length;
  }

  kindOf(token: number): FrameKind {
    return FRAME_KINDS[this.ids.firsts[token]!]!;
  }

  /** What tells it from others of its kind. */
  idOf(token: number): number {
    return this.ids.seconds[token]!;
  }

  /** Kinds of all tokens, as positions in `FRAME_KINDS`. */
  get kinds(): Int32Array {
    return this.ids.firsts;
  }

  root = (): number => this.token("root", 0, () => "all");
  more = (): number => this.token("more", 0, () => "… called from further out");

  name(kind: "operator" | "kernel" | "span", id: number): number {
    return this.token(kind, id * NODE_CODES, () => plainName(this.data.strings[id] ?? ""));
  }

  /** Calls of one name and kind; under one call they are one node of the call tree. */
  node(node: number): number {
    const { name, kind } = this.data.nodes;
    const label = () => plainName(this.data.strings[name[node]] ?? "");
    return this.token(KIND_OF_NODE[kind[node]] ?? "span", name[node] * NODE_CODES + kind[node] + 1, label);
  }

  backend(role: number): number {
    return this.token("backend", role, () => this.data.meta.roles[role]?.label ?? "?");
  }

  category(category: number): number {
    return this.token("category", category, () => this.data.meta.categories[category] ?? "?");
  }

  phase(phase: number): number {
    const { phases } = this.data.meta;
    return this.token("phase", phase, () => (phase === NO_PHASE ? "outside steps" : (phases[phase] ?? "?")), phase);
  }

  step(step: number): number {
    const named = () => {
      const phases = new Set(this.data.meta.steps.filter(({ index }) => index === step).map(({ phase }) => phase));
      const [phase] = phases;
      return phases.size === 1 && phase ? `step ${step} · ${phase}` : `step ${step}`;
    };
    return this.token("step", step, step < 0 ? () => "outside steps" : named, step < 0 ? 2 ** 31 : step);
  }

  /** A layer with those equal to it, or a place before, after or outside of all. */
  bar(bar: number): number {
    const { labels, members, groupOf } = this.groups;
    const layerCount = groupOf.length;
    if (bar >= 1 && bar <= layerCount) {
      const group = groupOf[bar - 1];
      return this.token("layer", group, () => labels[group]!, 1 + members[group]![0]!);
    }
    const place = bar === 0 ? 0 : bar - layerCount;
    return this.token("place", place, () => PLACES[place]!, place === 0 ? 0 : layerCount + 1 + place);
  }

  /** A module's path, outermost first; in a layer's module only what follows the layer's number. */
  module(module: number): Int32Array {
    let tokens = this.modules.get(module);
    if (!tokens) {
      const names = segmentsOf(this.data, module);
      const layer = module === NONE ? NONE : this.layerOfModule[module];
      tokens = Int32Array.from(layer < 0 ? names : afterLayer(names, layer), (name) => this.segment(name));
      this.modules.set(module, tokens);
    }
    return tokens;
  }

  private segment(name: string): number {
    const id = this.segments.get(name) ?? this.segments.size;
    this.segments.set(name, id);
    return this.token("module", id, () => plainName(name));
  }

  private token(kind: FrameKind, id: number, label: () => string, order = 0): number {
    const token = this.ids.of(KIND_CODES[kind], id);
    if (token === this.labels.length) {
      this.labels.push(label());
      this.orders.push(order);
    }
    return token;
  }
}

const UNKNOWN = -2;

/** The layer whose number each module bears, -1 for none: of the rows that are in it, all that have the module. */
function layersOfModules(data: Dataset): Int32Array {
  const { module, layer } = data.facts;
  const found = new Int32Array(data.strings.length).fill(UNKNOWN);
  for (let row = 0; row < data.rows; row++) {
    const at = module[row];
    if (at === NONE || found[at] !== UNKNOWN) continue;
    const names = segmentsOf(data, at);
    if (names.includes(`${layer[row]}`)) found[at] = layer[row];
    else if (!names.some((name) => /^\d+$/.test(name))) found[at] = NONE;
  }
  return found;
}

function segmentsOf(data: Dataset, module: number): string[] {
  return module === NONE ? [] : (data.strings[module] ?? "").split(".").filter((part) => part !== "");
}

/** What follows a layer's own number in a module's path: the same for equal layers. */
export function afterLayer(segments: readonly string[], layer: number): string[] {
  return segments.slice(segments.indexOf(`${layer}`) + 1);
}
