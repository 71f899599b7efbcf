// Selecting lines of the kernel table in the dimensions of Python: by name, and by backend and category as well where
// several lines share the name. What the table wrote itself does not filter the table, unlike what others wrote.

import { type Clauses, type Dimension, sameClause, toggled } from "./clauses";
import type { Lines } from "./lines";
import type { Store } from "./store";

type Written = "kernel" | "span" | "backend" | "category" | "row";
const WRITTEN: readonly Written[] = ["kernel", "span", "backend", "category", "row"];
/** The same for all rows of a line: they need not be asked row by row. */
const BY_LINE: readonly Dimension[] = ["kernel", "span", "backend", "category"];

export class LineChoice {
  /** What the table wrote, and what there was before it. */
  private last: { after: Clauses; before: Clauses } | null = null;

  constructor(
    private readonly store: Store,
    private readonly lines: Lines,
  ) {}

  /** Dimensions whose clauses the table leaves out of its sums. */
  get own(): Dimension[] {
    return this.wrote("row") ? [...BY_LINE, "row"] : [...BY_LINE];
  }

  /** Clauses on backends and categories that filter the table. */
  get outer(): Pick<Clauses, "backend" | "category"> {
    const { backend, category } = this.others();
    return { backend, category };
  }

  /** Lines that are selected by their names; null where no name is. */
  test(): ((group: number) => boolean) | null {
    const { clauses, data } = this.store;
    const names = clauses[this.dimension];
    if (!names) return null;
    const wanted = new Set(names);
    const allows = this.lines.test(clauses);
    const { name } = this.lines.groups;
    return (group) => wanted.has(data.strings[name[group]] ?? "") && allows(group);
  }

  /** Select one line, or no line where it is the one; `adds` it to the others, or takes it away. */
  choose(group: number, adds: boolean): void {
    const isChosen = this.test();
    const before = isChosen ? Array.from(this.lines.shown).filter(isChosen) : [];
    const isAlone = before.length === 1 && before[0] === group;
    this.write((adds ? toggled(before, group) : isAlone ? undefined : [group]) ?? []);
  }

  /** Select single events, or none where these are the ones. */
  chooseEvent(row: number, adds: boolean): void {
    const current = this.wrote("row") ? this.store.clauses.row : undefined;
    const isAlone = current?.length === 1 && current[0] === row;
    const rows = adds ? toggled(current, row) : isAlone ? undefined : [row];
    this.apply(rows ? { row: rows } : {});
  }

  /** The name, and no more than it takes to leave other lines out. */
  private write(groups: readonly number[]): void {
    if (groups.length === 0) {
      this.apply({});
      return;
    }
    const { data, groups: all } = this.lines;
    const wanted = new Set(groups);
    const words = (read: (group: number) => string) => [...new Set(groups.map(read))];
    const names = words((group) => data.strings[all.name[group]] ?? "");
    const by = {
      backend: words((group) => data.meta.roles[all.role[group]]?.key ?? ""),
      category: words((group) => data.meta.categories[all.category[group]] ?? ""),
    };
    const candidates = [{}, { backend: by.backend }, { category: by.category }, by];
    const outer = this.lines.test(this.outer);
    const alike = this.withNames(names).filter(outer);
    const exact = candidates.find((more) => alike.every((group) => wanted.has(group) || !this.lines.test(more)(group)));
    this.apply({ [this.dimension]: names, ...(exact ?? by) });
  }

  private get dimension(): "kernel" | "span" {
    return this.lines.onDevice ? "kernel" : "span";
  }

  private withNames(names: readonly string[]): number[] {
    const wanted = new Set(names);
    const { data, groups, onDevice } = this.lines;
    const found: number[] = [];
    for (let group = 0; group < groups.name.length; group++) {
      const isSide = (groups.onDevice[group] === 1) === onDevice;
      if (isSide && wanted.has(data.strings[groups.name[group]] ?? "")) found.push(group);
    }
    return found;
  }

  /** Put clauses of the table in the place of its last ones. */
  private apply(clauses: Clauses): void {
    const before = this.others();
    const after: Clauses = { ...before, ...clauses };
    this.last = { before, after };
    this.store.replace(after);
  }

  /** What is selected but for what the table wrote: names are its own, whoever wrote them. */
  private others(): Clauses {
    const { kernel, span, ...rest } = this.store.clauses;
    for (const dimension of ["backend", "category", "row"] as const) {
      if (!this.wrote(dimension)) continue;
      delete rest[dimension];
      Object.assign(rest, pick(this.last!.before, dimension));
    }
    return rest;
  }

  /** Whether a clause is the table's: it holds as long as nobody else changes what the table wrote. */
  private wrote(dimension: Written): boolean {
    const { last, store } = this;
    if (!last || WRITTEN.some((one) => !sameClause(last.after, store.clauses, one))) return false;
    return !sameClause(last.before, last.after, dimension);
  }
}

function pick(clauses: Clauses, dimension: Dimension): Clauses {
  return clauses[dimension] === undefined ? {} : { [dimension]: clauses[dimension] };
}
