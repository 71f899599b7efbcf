// Builds the browser half into the Python package. The result is committed, so that installing needs no Node.
import { build, context } from "esbuild";

const options = {
  entryPoints: { runtime: "src/runtime.ts", standalone: "src/standalone.ts" },
  outdir: "../xpubreak/view/static",
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2022",
  charset: "utf8",
  legalComments: "none",
  loader: { ".css": "text" },
  logLevel: "info",
};

if (process.argv.includes("--watch")) {
  await (await context(options)).watch();
} else {
  await build(options);
}
