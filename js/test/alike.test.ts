// Kinds of rows: what is summed by kind is what is summed by row.

import { describe, expect, test } from "vitest";
import type { Dataset } from "../src/data/dataset";
import { alikeOf } from "../src/state/alike";
import { describe as describeRows, type Part } from "../src/state/describe";
import { Store } from "../src/state/store";
import { randomRows } from "./oracle";
import { tiny } from "./tiny";

const SEEDS = [1, 2, 3, 4, 5];

const signOf = ({ facts }: Dataset, row: number) =>
  [facts.name, facts.role, facts.category, facts.phase, facts.confidence, facts.evidence, facts.node, facts.stream].map(
    (column) => column[row],
  );

describe("rows that are alike", () => {
  test.each(SEEDS)("are of one kind, and no others are (%d)", (seed) => {
    const data = tiny(randomRows(seed, 200));
    const { kindOf, examples } = alikeOf(data)!;
    const kinds = new Map<string, number>();
    for (let row = 0; row < data.rows; row++) {
      const sign = signOf(data, row).join();
      expect(kindOf[row]).toBe(kinds.get(sign) ?? kinds.size);
      kinds.set(sign, kindOf[row]!);
      expect(signOf(data, examples[kindOf[row]!]!).join()).toBe(sign);
    }
    expect(examples.length).toBe(kinds.size);
  });

  test.each(SEEDS)("and a description by kinds says what one by rows does (%d)", (seed) => {
    const store = new Store(tiny(randomRows(seed, 200)));
    store.replace({ phase: ["decode"] });
    const { data } = store;
    const { fails, ignore } = store.passing();
    const { weights } = store.measure();
    const sums = (codeOf: (row: number) => number): Part[] => {
      const found = new Map<number, number>();
      for (let row = 0; row < data.rows; row++) {
        if ((fails[row]! & ~ignore) !== 0 || !(weights[row]! > 0)) continue;
        found.set(codeOf(row), (found.get(codeOf(row)) ?? 0) + weights[row]!);
      }
      return [...found]
        .map(([code, weight]) => ({ code, weight }))
        .sort((a, b) => b.weight - a.weight || a.code - b.code);
    };
    const { facts } = data;
    expect(describeRows(data, store.measure(), store.passing())).toMatchObject({
      names: sums((row) => facts.name[row]!),
      roles: sums((row) => facts.role[row]!),
      categories: sums((row) => facts.category[row]!),
      confidences: sums((row) => facts.confidence[row]!),
      steps: sums((row) => facts.step[row]!),
      streams: sums((row) => facts.stream[row]!),
    });
  });

  test("are not looked for where few are, and the description is the same", () => {
    const rows = Array.from({ length: 70_000 }, (_, at) => ({ name: `kernel ${at}`, ns: 1 + (at % 7) }));
    const store = new Store(tiny(rows));
    expect(alikeOf(store.data)).toBeNull();
    const found = describeRows(store.data, store.measure(), store.passing());
    expect(found.names.length).toBe(70_000);
    expect(found.calls).toBe(70_000);
    expect(found.weight).toBe(rows.reduce((sum, { ns }) => sum + ns, 0));
    expect(found.roles).toEqual([{ code: store.data.facts.role[0], weight: found.weight }]);
  });
});
