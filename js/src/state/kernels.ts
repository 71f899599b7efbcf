// Distinct kernels: one line for each name, backend and category.

import type { Dataset } from "../data/dataset";
import { type Passing, sumByCode } from "./aggregate";

export interface KernelGroups {
  groupOf: Int32Array;
  name: number[];
  role: number[];
  category: number[];
}

export interface KernelLine {
  group: number;
  name: string;
  role: number;
  category: number;
  calls: number;
  total: number;
  mean: number;
}

export type SortKey = "name" | "backend" | "category" | "calls" | "total" | "mean";

export function groupKernels(data: Dataset): KernelGroups {
  const { name, role, category } = data.facts;
  const groupOf = new Int32Array(data.rows);
  const groups: KernelGroups = { groupOf, name: [], role: [], category: [] };
  const known = new Map<number, number>();
  for (let row = 0; row < data.rows; row++) {
    const key = (name[row] * 256 + role[row]) * 256 + category[row];
    let group = known.get(key);
    if (group === undefined) {
      group = groups.name.push(name[row]) - 1;
      groups.role.push(role[row]);
      groups.category.push(category[row]);
      known.set(key, group);
    }
    groupOf[row] = group;
  }
  return groups;
}

/** Lines with any weight; `calls` counts only rows that weigh something. */
export function kernelLines(
  data: Dataset,
  groups: KernelGroups,
  weights: ArrayLike<number>,
  passing: Passing,
): KernelLine[] {
  const size = groups.name.length;
  const totals = sumByCode(groups.groupOf, size, weights, passing);
  const { fails, ignore } = passing;
  const calls = new Float64Array(size);
  for (let row = 0; row < data.rows; row++) {
    if ((fails[row] & ~ignore) === 0 && weights[row] > 0) calls[groups.groupOf[row]] += data.facts.count[row];
  }
  const lines: KernelLine[] = [];
  for (let group = 0; group < size; group++) {
    if (totals[group] <= 0) continue;
    lines.push({
      group,
      name: data.strings[groups.name[group]!] ?? "",
      role: groups.role[group]!,
      category: groups.category[group]!,
      calls: calls[group],
      total: totals[group],
      mean: calls[group] > 0 ? totals[group] / calls[group] : 0,
    });
  }
  return lines;
}

export function sortLines(data: Dataset, lines: KernelLine[], key: SortKey, descending: boolean): KernelLine[] {
  const sign = descending ? -1 : 1;
  const text = (line: KernelLine) =>
    key === "name"
      ? line.name
      : key === "backend"
        ? (data.meta.roles[line.role]?.label ?? "")
        : (data.meta.categories[line.category] ?? "");
  const compare =
    key === "calls" || key === "total" || key === "mean"
      ? (a: KernelLine, b: KernelLine) => a[key] - b[key]
      : (a: KernelLine, b: KernelLine) => (text(a) < text(b) ? -1 : text(a) > text(b) ? 1 : 0);
  return [...lines].sort((a, b) => sign * compare(a, b) || b.total - a.total || a.group - b.group);
}
