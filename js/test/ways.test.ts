// Every way to stack frames, while one selection follows another, against sums by pandas (tests/view/test_js_ways.py).

import { describe, expect, test } from "vitest";
import { plainName } from "../src/data/format";
import type { StackKind, StackWay, TopKind } from "../src/state/clauses";
import { sumFrames } from "../src/state/framesums";
import type { Store } from "../src/state/store";
import type { WeightKind } from "../src/state/weight";
import compiled from "./fixtures/cpu-vllm-compiled.json";
import graph from "./fixtures/h200-torch-graph.json";
import ways from "./fixtures/ways.json";
import { opened, type Packets } from "./packets";

interface Sums {
  keys: string[];
  names: string[];
  /** Values by key: names by their number, other things as they are. */
  shapes: (number | number[])[][];
  /** Shape, then what is added up, and so on. */
  selections: { clauses: Record<string, unknown>; sums: number[] }[];
}

const PROFILES = {
  "h200-torch-graph": { ...(graph as unknown as Packets), ...(ways["h200-torch-graph"] as Sums) },
  "cpu-vllm-compiled": { ...(compiled as unknown as Packets), ...(ways["cpu-vllm-compiled"] as Sums) },
  "xpu-tp2": ways["xpu-tp2"] as unknown as Packets & Sums,
};
const PLACES: Record<string, string> = { before: "before layers", after: "after layers", outside: "outside layers" };
const SUMS: WeightKind[] = ["device", "host", "count"];

type Look = StackWay & { weight: WeightKind; fold: boolean };

/** Labels that lead to a shape; equal layers, shown as one, are not told apart from others. */
function pathOf(
  { keys, names, shapes }: Sums,
  shape: number,
  look: Look,
  labelOf: (role: number, category: number) => string[],
) {
  const at = (key: string) => shapes[shape]![keys.indexOf(key)] as number;
  const name = (key: string) => names[at(key)]!;
  // The span of a module is the module's own time.
  const isModule = look.stack === "model" && name("leaf") === name("module");
  const work = [name("op"), isModule ? "" : name("leaf")].filter(Boolean);
  const segments = name("module").split(".").filter(Boolean);
  const layer = at("layer");
  const inLayer = layer < 0 ? segments : segments.slice(segments.indexOf(`${layer}`) + 1);
  const place = layer < 0 ? PLACES[name("position")]! : look.fold ? "layers" : `layer ${layer}`;
  const path = {
    model: [place, ...inLayer, ...work],
    backend: [...labelOf(at("backend"), at("category")), ...work],
    call: (shapes[shape]![keys.indexOf("callers")] as number[]).map((id) => names[id]!),
  }[look.stack].map((label) => plainName(label));
  if (look.inverted) path.reverse();
  return look.top === "none"
    ? path
    : [look.top === "phase" ? name("phase") || "outside steps" : `${at("step")}`, ...path];
}

function expectedOf(
  profile: Sums,
  sums: readonly number[],
  look: Look,
  store: Store,
): [Record<string, number>, number] {
  const { roles, categories } = store.data.meta;
  const frames: Record<string, number> = {};
  let total = 0;
  for (let i = 0; i < sums.length; i += 1 + SUMS.length) {
    const weight = sums[i + 1 + SUMS.indexOf(look.weight)]!;
    if (weight === 0) continue;
    total += weight;
    const path = pathOf(profile, sums[i]!, look, (role, category) => [roles[role]!.label, categories[category]!]);
    for (let depth = 1; depth <= path.length; depth++) {
      const key = path.slice(0, depth).join(" › ");
      frames[key] = (frames[key] ?? 0) + weight;
    }
  }
  return [frames, total];
}

/** What frames weigh. Siblings of one name, an operator and its kernel, count as one. */
function framesOf(store: Store, look: Look): Record<string, number> {
  const { stack } = store;
  const { value } = sumFrames(stack, store.measure(), store.passing(), "backend");
  const labelOf = (frame: number) => {
    const [kind, label] = [stack.kindOf(frame), stack.labels[frame]!];
    if (kind === "layer") return look.fold ? "layers" : `layer ${stack.layersOf(frame)}`;
    if (kind === "step") return label === "outside steps" ? "-1" : /^step (\d+)/.exec(label)![1]!;
    return label.replace(/ \((span|kernel|operator|call|annotation|module)\)$/, "");
  };
  const frames: Record<string, number> = {};
  for (let frame = 1; frame < stack.size; frame++) {
    if (value[frame] === 0) continue;
    const key = stack.trail(frame).map(labelOf).join(" › ");
    frames[key] = (frames[key] ?? 0) + value[frame]!;
  }
  return frames;
}

function looksOf(profile: Sums, weights: readonly WeightKind[]): Look[] {
  const tops: TopKind[] = profile.keys.includes("step") ? ["none", "phase", "step"] : ["none", "phase"];
  const plain = (["model", "backend", "call"] as StackKind[]).flatMap((stack) =>
    tops.flatMap((top) => [false, true].map((inverted) => ({ stack, top, inverted, fold: true, weight: weights[0]! }))),
  );
  const apart = { stack: "model", top: "none", inverted: false, fold: false, weight: weights[0]! } as const;
  const others = weights.slice(1).map((weight) => ({ ...apart, fold: true, weight }));
  return [...plain, apart, ...others];
}

describe.each(Object.entries(PROFILES))("%s", (_name, profile) => {
  const first = opened(profile).data.meta;
  const looks = looksOf(profile, first.weight === "device" ? ["device", "host", "count"] : ["host", "count"]);
  test.each(looks.map((look) => [Object.values(look).join(), look] as const))("%s", (_, look) => {
    const store = opened(profile);
    store.show(look);
    // There and back, nothing cleared in between: what one selection leaves behind must not be seen in the next.
    for (const { clauses, sums } of [...profile.selections, ...[...profile.selections].reverse()]) {
      store.replace(clauses);
      expect(store.selection).toEqual(clauses);
      const [frames, total] = expectedOf(profile, sums, look, store);
      expect(store.remaining().weight, JSON.stringify(clauses)).toBe(total);
      expect(framesOf(store, look), JSON.stringify(clauses)).toEqual(frames);
    }
  });
});
