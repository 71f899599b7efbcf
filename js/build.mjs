// Builds the browser half into the Python package. The result is committed, so that installing needs no Node.
// `--plain` leaves the names of members and everything else as they are, for looking at it in a debugger.
import { keepsBudget } from "./bundle/budget.mjs";
import { ownNames } from "./bundle/ownnames.mjs";
import { buildWithParts } from "./bundle/parts.mjs";
import { smallStyles } from "./bundle/styles.mjs";

const PLAIN = process.argv.includes("--plain");

const options = {
  entryPoints: {
    loader: "src/loader.ts",
    runtime: "src/runtime.ts",
    boot: "src/boot.ts",
    compare: "src/compare.ts",
    compareloader: "src/compareloader.ts",
  },
  outdir: "../xpubreak/view/static",
  bundle: true,
  minify: !PLAIN,
  format: "esm",
  target: "es2022",
  charset: "utf8",
  legalComments: "none",
  plugins: [smallStyles],
  logLevel: "warning",
};

if (!PLAIN) options.mangleProps = new RegExp(`^(${(await ownNames()).join("|")})$`);

await buildWithParts(options);
if (!(await keepsBudget(options.outdir))) process.exitCode = 1;
