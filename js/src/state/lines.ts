// The lines of the kernel table under the filters: numbers, percentiles once single events are known, order.

import type { Dataset } from "../data/dataset";
import type { Clauses, Dimension } from "./clauses";
import { isOnDevice, type KernelGroups, kernelGroups, type LineSums, sumByLine } from "./kernels";
import { type Counting, type EventTest, LineEvents } from "./lineevents";
import { firstOf } from "./ranking";
import type { Store } from "./store";

export const SORT_KEYS = [
  "name",
  "backend",
  "category",
  "calls",
  "total",
  "share",
  "mean",
  "p50",
  "p95",
  "layers",
] as const;
export type SortKey = (typeof SORT_KEYS)[number];
const TEXT_KEYS: readonly SortKey[] = ["name", "backend", "category"];
export const isText = (key: SortKey): boolean => TEXT_KEYS.includes(key);

const SHARES = [0.5, 0.95];

export interface Line {
  group: number;
  name: string;
  role: number;
  category: number;
  calls: number;
  total: number;
  mean: number;
  layers: number[];
}

export interface Percentiles {
  p50: number;
  p95: number;
}

export class Lines {
  readonly groups: KernelGroups;
  readonly data: Dataset;
  /** Numbers of the lines that weigh anything. */
  shown: Int32Array = new Int32Array(0);
  total = 0;
  largest = 0;
  onDevice = true;
  private sums!: LineSums;
  private own: readonly Dimension[] = [];
  private ranks: Partial<Record<SortKey, Int32Array>> = {};
  private sides = new Map<boolean, LineEvents>();
  private percentiles = new Map<number, Percentiles>();
  /** Asked for when a line needs it, once for each update. */
  private known: Counting | null = null;

  constructor(private readonly store: Store) {
    this.data = store.data;
    this.groups = kernelGroups(store.data);
  }

  /** Look at the store again. `outer` are clauses on backends and categories, told by line and not by row. */
  update(own: readonly Dimension[], outer: Pick<Clauses, "backend" | "category">): void {
    const { store, data, groups } = this;
    this.own = own;
    this.onDevice = isOnDevice(data, store.options.weight);
    this.sums = sumByLine(data, groups, store.measure(...own), store.passing(...own));
    this.percentiles.clear();
    const allows = this.test(outer);
    const shown = new Int32Array(groups.name.length);
    let size = 0;
    this.total = 0;
    this.largest = 0;
    for (let group = 0; group < shown.length; group++) {
      const total = this.sums.total[group];
      if (!(total > 0) || !allows(group)) continue;
      shown[size++] = group;
      this.total += total;
      if (total > this.largest) this.largest = total;
    }
    this.shown = shown.subarray(0, size);
    this.known = null;
  }

  /** Which lines the clauses on backends and categories leave. */
  test({ backend, category }: Pick<Clauses, "backend" | "category">): (group: number) => boolean {
    const { meta } = this.data;
    const { groups } = this;
    const roles = meta.roles.map(({ key }) => !backend || backend.includes(key));
    const categories = meta.categories.map((key) => !category || category.includes(key));
    return (group) => roles[groups.role[group]]! && categories[groups.category[group]]!;
  }

  line(group: number): Line {
    const { data, groups, sums } = this;
    const [total, calls] = [sums.total[group], sums.calls[group]];
    return {
      group,
      name: data.strings[groups.name[group]] ?? "",
      role: groups.role[group],
      category: groups.category[group],
      calls,
      total,
      mean: calls > 0 ? total / calls : 0,
      layers: sums.layers.of(group),
    };
  }

  /** Whether single events stand in the order that percentiles take. */
  get isSorted(): boolean {
    return this.sides.has(this.onDevice);
  }

  /** Null until single events are known. */
  percentilesOf(group: number): Percentiles | null {
    const events = this.lineEvents();
    if (!events) return null;
    let found = this.percentiles.get(group);
    if (!found) {
      const [p50, p95] = events.percentiles(group, this.sums.calls[group], SHARES, () => this.counting);
      found = { p50: p50!, p95: p95! };
      this.percentiles.set(group, found);
    }
    return found;
  }

  /** Events that a line's calls are, shortest first. */
  eventsOf(group: number): { all: Int32Array; passes: EventTest } | null {
    const events = this.lineEvents();
    if (!events) return null;
    const { fact } = this.store.events!;
    const { rows, fails, passes } = this.counting;
    return { all: events.of(group), passes: (event) => (rows[fact[event]] & passes[fails[event]]) === 1 };
  }

  /** The first lines in an order; the heavier of two equal ones first. */
  sorted(key: SortKey, descending: boolean, count = this.shown.length): number[] {
    const { total } = this.sums;
    const value = this.valueOf(key);
    const sign = descending ? -1 : 1;
    return firstOf(this.shown, count, (a, b) => sign * (value(a) - value(b)) || total[b] - total[a] || a - b);
  }

  private valueOf(key: SortKey): (group: number) => number {
    const { total, calls, layers } = this.sums;
    switch (key) {
      case "calls":
        return (group) => calls[group];
      case "total":
      case "share":
        return (group) => total[group];
      case "mean":
        return (group) => total[group] / calls[group];
      case "layers":
        return (group) => layers.count(group);
      case "p50":
      case "p95":
        return (group) => this.percentilesOf(group)?.[key] ?? 0;
      default: {
        const ranks = this.ranksOf(key);
        return (group) => ranks[group];
      }
    }
  }

  /** Places of all lines in the order of their texts: comparing texts once is enough. */
  private ranksOf(key: SortKey): Int32Array {
    let ranks = this.ranks[key];
    if (!ranks) {
      const { data, groups } = this;
      const text = (group: number) =>
        key === "name"
          ? (data.strings[groups.name[group]] ?? "")
          : key === "backend"
            ? (data.meta.roles[groups.role[group]]?.label ?? "")
            : (data.meta.categories[groups.category[group]] ?? "");
      const texts = Array.from(groups.name, (_, group) => text(group));
      const place = new Map([...new Set(texts)].sort().map((one, at) => [one, at]));
      ranks = Int32Array.from(texts, (one) => place.get(one)!);
      this.ranks[key] = ranks;
    }
    return ranks;
  }

  private lineEvents(): LineEvents | null {
    const { events } = this.store;
    if (!events) return null;
    let side = this.sides.get(this.onDevice);
    if (!side) {
      side = new LineEvents(this.data, this.groups, events, this.onDevice);
      this.sides.set(this.onDevice, side);
    }
    return side;
  }

  private get counting(): Counting {
    this.known ??= this.store.counting(...this.own);
    return this.known;
  }
}
