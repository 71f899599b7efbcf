// Breakdowns of real traces, selected and added up by pandas (tests/view/test_js_fixture.py): the browser says the same.

import { describe, expect, test } from "vitest";
import { plainName } from "../src/data/format";
import { sumByBar, sumByCode } from "../src/state/aggregate";
import { sumFrames } from "../src/state/framesums";
import { kernelGroups, sumByLine } from "../src/state/kernels";
import type { Store } from "../src/state/store";
import compiled from "./fixtures/cpu-vllm-compiled.json";
import graph from "./fixtures/h200-torch-graph.json";
import { opened, type Packets } from "./packets";

interface Expected {
  clauses: Record<string, unknown>;
  backend: Record<string, number>;
  layer: Record<string, number>;
  stack: [backend: string, category: string, operator: string, ns: number][];
  calls: [path: number, ns: number][];
  total_ns: number;
  count: number;
  distinct: number | null;
}

interface Fixture extends Packets {
  paths: string[][];
  selections: Expected[];
}

const FIXTURES = { "h200-torch-graph": graph, "cpu-vllm-compiled": compiled } as unknown as Record<string, Fixture>;

/** What the frames of the third level weigh; siblings of one name, an operator and its kernel, count as one. */
function frames(store: Store): Record<string, number> {
  const { stack, data } = store;
  const { value } = sumFrames(stack, store.measure(), store.passing(), "backend");
  const found: Record<string, number> = {};
  for (let frame = 0; frame < stack.size; frame++) {
    if (stack.depth[frame] !== 3 || value[frame] === 0) continue;
    const [backend, category, name] = stack.pathOf(frame) as [string, string, string];
    const key = data.meta.roles.find(({ label }) => label === backend)!.key;
    const path = [key, category, name.replace(/ \((span|kernel|operator)\)$/, "")].join();
    found[path] = (found[path] ?? 0) + value[frame]!;
  }
  return found;
}

/** What every call path weighs, with everything inside it. */
function callPaths(store: Store): Record<string, number> {
  const { stack } = store;
  const { value } = sumFrames(stack, store.measure(), store.passing(), "backend");
  const found: Record<string, number> = {};
  for (let frame = 1; frame < stack.size; frame++) {
    if (value[frame] === 0) continue;
    const path = stack.pathOf(frame).map((name) => name.replace(/ \((span|kernel|operator|call|annotation)\)$/, ""));
    const key = path.join(" › ");
    found[key] = (found[key] ?? 0) + value[frame]!;
  }
  return found;
}

describe.each(Object.entries(FIXTURES))("%s", (_name, fixture) => {
  const store = opened(fixture);
  const { data } = store;
  const onDevice = data.meta.weight === "device";

  test.each(fixture.selections.map((one) => [JSON.stringify(one.clauses), one] as const))("%s", (_, expected) => {
    store.replace(expected.clauses);
    expect(store.selection).toEqual(expected.clauses);

    const byRole = sumByCode(data.facts.role, data.meta.roles.length, store.measure(), store.passing());
    const backends = Object.fromEntries(
      data.meta.roles.map(({ key }, code) => [key, byRole[code]!]).filter(([, sum]) => sum !== 0),
    );
    expect(backends).toEqual(expected.backend);

    const bars = sumByBar(data, store.measure(), store.passing());
    const count = data.meta.layer_count + 3;
    const layers: Record<string, number> = {};
    for (let bar = 0; bar < count; bar++) {
      const layer = bar >= 1 && bar <= data.meta.layer_count ? bar - 1 : -1;
      for (let role = 0; role < data.meta.roles.length; role++) {
        const sum = bars[role * count + bar]!;
        if (sum !== 0) layers[layer] = (layers[layer] ?? 0) + sum;
      }
    }
    expect(layers).toEqual(expected.layer);
    expect(store.remaining().weight).toBe(expected.total_ns);

    store.show({ stack: "backend", top: "none", inverted: false });
    const stacked: Record<string, number> = {};
    for (const [backend, category, name, ns] of expected.stack) {
      const path = [backend, category, plainName(name)].join();
      stacked[path] = (stacked[path] ?? 0) + ns;
    }
    expect(frames(store)).toEqual(stacked);

    store.show({ stack: "call", top: "none", inverted: false });
    const called = expected.calls.map(
      ([path, ns]) => [fixture.paths[path]!.map((name) => plainName(name)).join(" › "), ns] as const,
    );
    const calls: Record<string, number> = {};
    for (const [path, ns] of called) calls[path] = (calls[path] ?? 0) + ns;
    expect(callPaths(store)).toEqual(calls);

    const marks = new Uint8Array(store.events!.count);
    store.markPassing(marks);
    const counted = store.events!.fact.reduce((sum, fact, event) => sum + marks[event]! * data.isCounted[fact]!, 0);
    expect(counted).toBe(expected.count);
    if (onDevice) {
      const groups = kernelGroups(data);
      const { total } = sumByLine(data, groups, store.measure(), store.passing());
      expect(new Set(groups.name.filter((_, line) => total[line] > 0)).size).toBe(expected.distinct);
    }
  });
});
