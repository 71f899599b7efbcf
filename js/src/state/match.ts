// Which rows a search finds: by the name of the kernel, of the operator that launched it, or of the module.
// xpubreak/breakdown/selection.py looks at the same names in the same way.

import { NONE } from "../data/contract";
import type { Dataset } from "../data/dataset";
import { isPattern, type Pattern, readPattern } from "./pattern";

/** As in xpubreak/breakdown/searchtext.py: bounds what a hostile name can cost. */
const MATCHED_CHARACTERS = 4096;
const MOST_CHARACTERS = 200;
/** For a search over all names. */
const PATIENCE_MS = 500;
/** For one name: longer beginnings of it are tried one after another, and the next may take sixteen times as long. */
const PATIENCE_FOR_NAME_MS = 12;
const SHORT_NAME = 64;
const REMEMBERED = 8;

type NameTest = (name: string) => boolean;

export interface Findings {
  /** By string id: 1 where the text is found. */
  hits: Uint8Array;
  /** Why nothing was looked for, or not everything; empty otherwise. */
  problem: string;
}

class TooSlow extends Error {}

/**
 * A test of one name, or why there is none. Plain text is found anywhere, in any case; `/…/` is a regular expression; a
 * broken one finds nothing.
 */
function nameTest(text: string): NameTest | string {
  if (text.length > MOST_CHARACTERS) return `it has more than ${MOST_CHARACTERS} characters`;
  if (isPattern(text)) {
    const pattern = readPattern(text);
    return pattern.regex ? (name) => patiently(pattern, name.slice(0, MATCHED_CHARACTERS)) : pattern.problem;
  }
  const wanted = text.toLowerCase();
  return (name) => name.slice(0, MATCHED_CHARACTERS).toLowerCase().includes(wanted);
}

/** A pattern cannot be stopped while it runs: longer and longer beginnings of a name tell how long the whole would take. */
function patiently({ regex, repeats }: Pattern, name: string): boolean {
  if (repeats > 1) {
    for (let length = SHORT_NAME; length < name.length; length *= 2) {
      const started = performance.now();
      regex!.test(name.slice(0, length));
      if (performance.now() - started > PATIENCE_FOR_NAME_MS) throw new TooSlow();
    }
  }
  return regex!.test(name);
}

const found = new WeakMap<readonly string[], Map<string, Findings>>();

/** Look for a text in every name of a profile, once. */
export const search = ({ strings }: Dataset, text: string): Findings => searchIn(strings, text);

/** Look for a text in each of some names, once; `read` says what is looked through of each. */
export function searchIn(names: readonly string[], text: string, read = (name: string) => name): Findings {
  const known = found.get(names) ?? new Map<string, Findings>();
  found.set(names, known);
  let findings = known.get(text);
  if (!findings) {
    findings = lookFor(names, text, read);
    known.set(text, findings);
    if (known.size > REMEMBERED) known.delete(known.keys().next().value!);
  }
  return findings;
}

function lookFor(names: readonly string[], text: string, read: (name: string) => string): Findings {
  const hits = new Uint8Array(names.length);
  const test = nameTest(text);
  if (typeof test === "string") return { hits, problem: test };
  const deadline = isPattern(text) ? performance.now() + PATIENCE_MS : Number.POSITIVE_INFINITY;
  try {
    for (let id = 0; id < names.length; id++) {
      hits[id] = test(read(names[id]!)) ? 1 : 0;
      // After each one: a single name may take a third of the patience.
      if (performance.now() > deadline) throw new TooSlow();
    }
  } catch (error) {
    if (!(error instanceof TooSlow)) throw error;
    return { hits: hits.fill(0), problem: "it takes too long on the names of this profile, and was stopped" };
  }
  return { hits, problem: "" };
}

/** A test over rows. */
export function rowTest(data: Dataset, text: string): (row: number) => boolean {
  const { hits } = search(data, text);
  const { name, module } = data.facts;
  const { op } = data;
  const isHit = (id: number) => id !== NONE && hits[id] === 1;
  return (row) => isHit(name[row]) || isHit(op[row]) || isHit(module[row]);
}
