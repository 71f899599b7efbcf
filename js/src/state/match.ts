// Which rows a search finds: by the name of the kernel, of the operator that launched it, or of the module.

import { NONE } from "../data/contract";
import type { Dataset } from "../data/dataset";

/** As in xpubreak/breakdown/selection.py: bounds what a hostile name can cost. */
const MATCHED_CHARACTERS = 4096;

/** Plain text is found anywhere, in any case; `/…/` is a regular expression; a broken one finds nothing. */
export function textTest(text: string): (name: string) => boolean {
  if (text.length > 2 && text.startsWith("/") && text.endsWith("/")) {
    try {
      const pattern = new RegExp(text.slice(1, -1), "i");
      return (name) => pattern.test(name.slice(0, MATCHED_CHARACTERS));
    } catch {
      return () => false;
    }
  }
  const wanted = text.toLowerCase();
  return (name) => name.slice(0, MATCHED_CHARACTERS).toLowerCase().includes(wanted);
}

/** A test over rows, which asks about each name once. */
export function rowTest(data: Dataset, text: string): (row: number) => boolean {
  const test = textTest(text);
  const known = new Uint8Array(data.strings.length); // 0 not asked yet, 1 no, 2 yes
  const matches = (id: number) => {
    if (id === NONE) return false;
    if (known[id] === 0) known[id] = test(data.strings[id] ?? "") ? 2 : 1;
    return known[id] === 2;
  };
  const { name, module } = data.facts;
  return (row) => matches(name[row]) || matches(data.op[row]) || matches(module[row]);
}
