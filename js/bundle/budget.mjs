// How large the code may be, minified and without BokehJS. Whoever passes the budget makes something else smaller, or
// raises it here and in docs/explorer.md with a reason.
import { stat } from "node:fs/promises";

const BUDGET_KB = {
  runtime: 150,
  "part-timeline": 30,
  "part-layers": 25,
  "part-details": 20,
  "part-roofline": 10,
  "part-kernels": 25,
  "part-editors": 10,
  loader: 4,
  boot: 2,
  compare: 30,
  compareloader: 4,
};

/** Print the sizes of what was built; say whether all keep to their budget. */
export async function keepsBudget(folder) {
  let isKept = true;
  for (const [name, budgetKb] of Object.entries(BUDGET_KB)) {
    const kb = (await stat(`${folder}/${name}.js`)).size / 1000;
    const isOver = kb > budgetKb;
    console.log(`${isOver ? "TOO LARGE " : ""}${name}.js: ${kb.toFixed(1)} kB of ${budgetKb} kB`);
    isKept &&= !isOver;
  }
  return isKept;
}
